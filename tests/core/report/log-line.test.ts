import { describe, expect, test } from 'vitest';
import { renderLogLine } from '../../../src/core/report/log-line.ts';
import { describeMove } from '../../../src/core/report/move-words.ts';
import { STEP_MARKS, stepRows, stepStatus } from '../../../src/core/report/step-rows.ts';
import { calm, findingsFor, PASS, START, Teller } from '../../support/samples.ts';
import { cancelledStory, errorStory, healthyStory } from '../../support/stories.ts';
import {
  having,
  PLAN,
  plainly,
  proven,
  rolloutOf,
  SERVING,
  shifted,
  started,
} from '../rollout/sample-rollout.ts';

/** The first step may end once 12 of its 30 minutes are served. */
const EARLY = { ...PLAN, steps: PLAN.steps.map((step) => ({ ...step, promoteEarly: 720_000 })) };

const linesOf = (story: ReturnType<typeof errorStory>): string[] => story.happenings.map(renderLogLine);

describe('a log line', () => {
  test('tells each step of the story', () => {
    const lines = linesOf(errorStory());
    expect(lines[0]).toBe('Started 3f2c1ab, driven by mara');
    expect(lines).toContain('10 %, baked 7m of 30m, 7 of 7 checks pass');
    expect(lines.at(-3)).toBe('Going back: error rate 4.1 % on the canary, limit > 2 % for 5m');
    expect(lines.at(-2)).toBe('All traffic is back on stable, read back');
  });

  test('names every check that is not well, and why a tick holds', () => {
    const teller = new Teller().start().shift(0);
    const values = { ...calm(1, 10), 'error-rate': { canary: null, stable: 0.004 } };
    const reason = { code: 'no-data', message: 'error rate is silent' } as const;
    teller.tick(values, { kind: 'hold', reason }, findingsFor(values)).tick(values, { kind: 'hold', reason });
    expect(
      renderLogLine(teller.happenings.at(-1) ?? { type: 'note', at: 0, level: 'info', message: '' }),
    ).toBe(
      '10 %, baked none of 30m, 6 of 7 checks pass, Error rate no data: no data for 10s, hold: error rate is silent',
    );
  });

  test('names the three worst of many and counts the rest', () => {
    const teller = new Teller().start().shift(0);
    const silent = { canary: null, stable: null };
    const values = Object.fromEntries(Object.keys(calm(1, 10)).map((id) => [id, silent]));
    const findings = findingsFor(values);
    const bad = findings.map((one, at) => (at === 5 ? { ...one, status: 'fail' as const } : one));
    teller.tick(values, PASS, bad).tick(values, PASS, bad);
    const line = renderLogLine(
      teller.happenings.at(-1) ?? { type: 'note', at: 0, level: 'info', message: '' },
    );
    expect(line).toContain(`, ${findings[5]?.title} fail: `);
    expect(line.match(/: /g)).toHaveLength(3);
    expect(line).toMatch(/, and \d+ more not well yet$/);
  });

  test('says when the router is not where it was asked to be', () => {
    const teller = new Teller().start().shift(0);
    teller.weight = 4;
    teller.tick(calm(1, 10), PASS);
    const tick = teller.happenings.findLast((happening) => happening.type === 'tick');
    expect(tick && renderLogLine(tick)).toMatch(/^4 % \(asked for 10 %\), /);
  });

  test('is one bounded line, whatever a note says', () => {
    const message = `a\nb${'x'.repeat(2_000)}`;
    const line = renderLogLine({ type: 'note', at: START, level: 'warning', message });
    expect(line).toMatch(/^warning: a bx+…$/);
    expect(line).toHaveLength(500);
  });
});

describe('the steps of a rollout', () => {
  const marksOf = ({ result, record }: ReturnType<typeof errorStory>): string =>
    stepRows(result, record)
      .map((step) => STEP_MARKS[step.status])
      .join('');

  test('are passed, stopped, or not reached', () => {
    expect(marksOf(healthyStory())).toBe('✓✓✓');
    expect(marksOf(errorStory())).toBe('✗––');
    expect(marksOf(cancelledStory())).toBe('✗––');
  });

  test('are told from the result alone in the same way', () => {
    for (const tell of [healthyStory, errorStory, cancelledStory]) {
      const story = tell();
      expect(stepRows(story.result, null).map((step) => step.status)).toEqual(
        stepRows(story.result, story.record).map((step) => step.status),
      );
    }
  });

  test('tell of a bake that ended early, and are passed by it', () => {
    const rollout = rolloutOf(
      having(
        having(SERVING, started('v2', { plan: EARLY }), plainly('deployed'), shifted(0)),
        ...Array.from({ length: 12 }, () => proven(0, PASS)),
      ),
    );
    expect(rollout.phase).toEqual({ name: 'shifting', step: 1 });
    expect(describeMove('ticked', rollout)).toBe(
      '10 % ended early after 12m: proven no worse; going to 50 %',
    );
    const analysis = { ...rollout.analysis, step: 0 };
    const aborted = { ...rollout, analysis, phase: { name: 'aborted' as const } };
    const well = { check: 'p95', title: 'P95', status: 'pass', observed: '', expected: '' } as const;
    const [first, ...rest] = aborted.steps;
    const seen =
      first === undefined ? aborted : { ...aborted, steps: [{ ...first, findings: [well] }, ...rest] };
    const unproven = { ...seen, analysis: { ...seen.analysis, comparison: null } };
    expect(stepStatus(seen, 0)).toBe('passed');
    expect(stepStatus(unproven, 0)).toBe('stopped');
  });

  test('do not exist for a rollback', () => {
    expect(stepRows({ ...errorStory().result, kind: 'rollback' }, null)).toEqual([]);
  });
});

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { PhaseName } from '../../src/core/rollout/record.ts';
import { type Expression, expression } from '../support/workflow/expression.ts';
import { judgeWorkflow, readWorkflow, textOf } from '../support/workflow/read.ts';

const PIPELINE = '.github/workflows/pipeline.yml';
const RESULTS = ['success', 'failure', 'cancelled', 'skipped'] as const;
/** Every word that the output `state` can be, and none where nothing was said. */
const STATES = Object.keys({
  '': true,
  none: true,
  deploying: true,
  shifting: true,
  baking: true,
  parked: true,
  'catching-up': true,
  settling: true,
  verifying: true,
  aborting: true,
  confirming: true,
  promoted: true,
  restored: true,
  aborted: true,
} satisfies Record<PhaseName | 'none' | '', true>);
const VERDICTS = ['', 'pass', 'fail', 'inconclusive'] as const;

interface World {
  readonly canary: string;
  readonly state: string;
  readonly verify: string;
  readonly verdict: string;
  /** Whether somebody has cancelled the run. */
  readonly cancelled: boolean;
}

const WORLDS: readonly World[] = RESULTS.flatMap((canary) =>
  STATES.flatMap((state) =>
    RESULTS.flatMap((verify) =>
      VERDICTS.flatMap((verdict) =>
        [false, true].map((cancelled) => ({ canary, state, verify, verdict, cancelled })),
      ),
    ),
  ),
);

let condition: Expression;
beforeAll(async () => {
  const judged = await judgeWorkflow(PIPELINE);
  expect(judged.errors).toEqual([]);
  condition = expression(judged.jobs['safety-net'] ?? 'false');
});

function runs({ canary, state, verify, verdict, cancelled }: World): boolean {
  const needs = {
    canary: { result: canary, outputs: state === '' ? {} : { state } },
    verify: { result: verify, outputs: verdict === '' ? {} : { verdict } },
  };
  const results = [canary, verify];
  const status = {
    cancelled,
    success: !cancelled && results.every((result) => result === 'success'),
    failure: results.includes('failure'),
  };
  return condition({ needs, inputs: {}, github: {} }, status) === true;
}

const row = z.object({
  why: z.string(),
  canary: z.array(z.enum(RESULTS)),
  states: z.array(z.string()),
  verify: z.array(z.enum(RESULTS)),
  verdicts: z.array(z.enum(VERDICTS)),
  runs: z.boolean(),
});
const ROWS = z.array(row).parse(JSON.parse(textOf('tests/vectors/workflows/safety-net.json')));
const covers = (line: z.output<typeof row>, world: World): boolean =>
  line.canary.some((one) => one === world.canary) &&
  line.states.includes(world.state) &&
  line.verify.some((one) => one === world.verify) &&
  line.verdicts.some((one) => one === world.verdict);

describe('the safety net', () => {
  it.each(ROWS)('$why: runs is $runs', (line) => {
    const told = WORLDS.filter((world) => covers(line, world));
    expect(told.length).toBeGreaterThan(0);
    for (const world of told) expect(runs(world), JSON.stringify(world)).toBe(line.runs);
  });

  it('has one answer for every word that the canary can end with', () => {
    const untold = STATES.flatMap((state) => RESULTS.map((canary) => ({ state, canary }))).filter(
      ({ state, canary }) =>
        (canary === 'skipped') === (state === '') &&
        !ROWS.some((line) => line.states.includes(state) && line.canary.some((one) => one === canary)),
    );
    expect(untold).toEqual([]);
  });
});

describe(`in each of the ${WORLDS.length} ways in which the jobs before it can end, the safety net`, () => {
  const each = (where: (world: World) => boolean, answer: boolean): void => {
    const found = WORLDS.filter(where);
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter((world) => runs(world) !== answer)).toEqual([]);
  };

  it('runs when the canary was begun and did not end promoted or parked', () =>
    each(({ canary, state }) => canary !== 'skipped' && !['promoted', 'parked'].includes(state), true));
  it('runs when the canary job did not end well, whatever it said', () =>
    each(({ canary }) => canary === 'failure' || canary === 'cancelled', true));
  it('runs when the version is red after promotion', () =>
    each(({ canary, verdict }) => canary !== 'skipped' && verdict === 'fail', true));
  it('does not run when nothing was begun', () => each(({ canary }) => canary === 'skipped', false));
  it('does not run when the version was promoted and nothing said no', () =>
    each(
      ({ canary, state, verdict }) => canary === 'success' && state === 'promoted' && verdict !== 'fail',
      false,
    ));

  it('does not ask whether the run was cancelled', () => {
    for (const world of WORLDS) expect(runs(world)).toBe(runs({ ...world, cancelled: !world.cancelled }));
  });

  it('takes a word that it does not know for a bad end', () =>
    fc.assert(
      fc.property(
        fc.string().filter((word) => !['promoted', 'parked'].includes(word.toLowerCase())),
        fc.constantFrom('success', 'failure', 'cancelled'),
        (state, canary) => runs({ canary, state, verify: 'skipped', verdict: '', cancelled: false }),
      ),
    ));
});

describe('the steps of the safety net', () => {
  const { jobs } = readWorkflow(PIPELINE);
  const OUTCOMES = ['success', 'failure', 'cancelled', 'skipped'] as const;
  let steps: Readonly<Record<string, string>>;
  beforeAll(async () => {
    steps = (await judgeWorkflow(PIPELINE)).steps;
  });
  const asked = (id: string, contexts: Parameters<Expression>[0], cancelled: boolean): boolean =>
    expression(steps[`safety-net/${id}`] ?? 'false')(contexts, {
      cancelled,
      success: !cancelled,
      failure: false,
    }) === true;

  it('try the way home once more exactly when it failed, in a cancelled run too', () => {
    for (const outcome of OUTCOMES)
      for (const cancelled of [false, true])
        expect(asked('again', { steps: { home: { outcome } } }, cancelled)).toBe(outcome === 'failure');
  });

  it('roll back exactly when the version that was promoted is red, and is still the newest rollout', () => {
    const cases = VERDICTS.flatMap((verdict) =>
      STATES.flatMap((state) =>
        ['r1', 'r2', ''].flatMap((id) =>
          [false, true].map((cancelled) => ({ verdict, state, id, cancelled })),
        ),
      ),
    );
    for (const { verdict, state, id, cancelled } of cases) {
      const contexts = {
        needs: {
          canary: { result: 'success', outputs: { state: 'promoted', 'rollout-id': 'r1' } },
          verify: { result: 'failure', outputs: { verdict } },
        },
        steps: { home: { outcome: 'success', outputs: { state, 'rollout-id': id } } },
      };
      const must = verdict === 'fail' && state === 'promoted' && id === 'r1';
      expect(asked('rollback', contexts, cancelled), JSON.stringify(contexts)).toBe(must);
    }
  });

  it('tell the state that the last of them found', () => {
    const output = jobs['safety-net']?.outputs.state?.replace(/^\$\{\{|\}\}$/g, '') ?? '';
    const told = expression(output);
    const of = (state: string) => ({ outputs: state === '' ? {} : { state } });
    for (const home of STATES)
      for (const again of STATES)
        for (const rollback of STATES) {
          const steps = { home: of(home), again: of(again), rollback: of(rollback) };
          expect(told({ steps }) ?? '').toBe(rollback || again || home);
        }
  });
});

import { describe, expect, it } from 'vitest';
import { utf8Bytes } from '../../../src/core/report/plain-text.ts';
import type { Rollout, ServiceRecord } from '../../../src/core/rollout/record.ts';
import { BODY_LENGTH } from '../../../src/core/view/incident.ts';
import { viewOf } from '../../../src/core/view/record-view.ts';
import { cancelledStory, errorStory, healthyStory, reconciledStory } from '../../support/stories.ts';

function rolloutOf({ rollout }: ServiceRecord): Rollout {
  if (rollout === null) throw new Error('expected a rollout');
  return rollout;
}

const changed = (record: ServiceRecord, change: Partial<Rollout>): ServiceRecord => {
  return { ...record, rollout: { ...rolloutOf(record), ...change } };
};

const shown = (record: ServiceRecord) => {
  const view = viewOf(record, []);
  if (view === null) throw new Error('expected something to show');
  return view;
};

const bad = errorStory().record;

describe('what is shown of a record', () => {
  const running = changed(healthyStory().record, { phase: { name: 'baking', step: 1 }, endedAt: null });

  it('is nothing before the first rollout', () => {
    expect(viewOf({ ...running, rollout: null }, [])).toBeNull();
  });

  it.each([
    [{ name: 'deploying' }, 'in_progress', /^Deploying 3f2c1ab$/],
    [{ name: 'shifting', step: 0 }, 'in_progress', /^10 % of traffic, step 1 of 3$/],
    [{ name: 'baking', step: 1 }, 'in_progress', /^50 % of traffic, step 2 of 3$/],
    [{ name: 'verifying' }, 'in_progress', /^All traffic, verifying$/],
    [{ name: 'aborting' }, 'in_progress', /^Bringing traffic home: /],
    [{ name: 'confirming' }, 'in_progress', /^Traffic is home: /],
    [{ name: 'promoted' }, 'success', /^3f2c1ab serves all traffic$/],
    [{ name: 'aborted' }, 'failure', /^Rolled back: /],
  ] as const)('of one that is %o is %s', (phase, state, description) => {
    const view = shown(changed(running, { phase }));
    expect(view.state).toBe(state);
    expect(view.description).toMatch(description);
    expect(view.superseded).toBe(phase.name === 'promoted' ? view.stable : null);
  });

  it('does not change while a step is shifted and served', () => {
    expect(shown(running)).toEqual(shown(changed(running, { phase: { name: 'shifting', step: 1 } })));
  });

  it('is at most 140 characters, however long the reason is', () => {
    const reason = { code: 'guardrail-breached', message: 'very bad '.repeat(100) } as const;
    const { description } = shown(changed(running, { phase: { name: 'aborted' }, reason }));
    expect(description).toHaveLength(140);
    expect(description).toMatch(/…$/);
  });
});

describe('an incident', () => {
  it('tells what, when, which KPI with what was seen and its limit, who was exposed and what was done', () => {
    const { result } = errorStory();
    const { incident } = shown(bad);
    expect(incident?.title).toBe('3f2c1ab of booking-api was rolled back in production');
    for (const words of [
      'All traffic was put back on',
      'The rollout began 20',
      'Error rate 4.1 % on the canary, limit &gt; 2 % for 5m',
      `${Math.round(result.exposed.requests).toLocaleString('en-US')} requests`,
      'What to do next',
    ])
      expect(incident?.body).toContain(words);
  });

  it.each([
    ['is promoted', healthyStory().record],
    ['was stopped by somebody', cancelledStory().record],
    ['never got traffic', changed(bad, { analysis: { ...rolloutOf(bad).analysis, step: -1 } })],
  ])('is none when a rollout %s', (_, record) => {
    expect(shown(record).incident).toBeNull();
  });

  it.each([
    ['is still on its way home', changed(bad, { phase: { name: 'aborting' }, endedAt: null })],
    ['was left by its owner', reconciledStory().record],
  ])('is one when a rollout %s', (_, record) => {
    expect(shown(record).incident).not.toBeNull();
  });

  it('does not say that traffic is home before the router has said so', () => {
    const body = shown(changed(bad, { phase: { name: 'aborting' }, endedAt: null })).incident?.body;
    expect(body).toContain('This is not confirmed yet');
    expect(body).not.toContain('the router confirmed it');
  });

  it('fits into an issue, whatever was found', () => {
    const title = '🚨'.repeat(50);
    const findings = Array.from({ length: 2_000 }, (_, index) => {
      return {
        check: `check-${index}`,
        title,
        status: 'fail',
        observed: '語'.repeat(300),
        expected: '',
      } as const;
    });
    const steps = rolloutOf(bad).steps.map((step) => ({ ...step, findings }));
    const body = shown(changed(bad, { steps })).incident?.body ?? '';
    expect(utf8Bytes(body)).toBeLessThanOrEqual(BODY_LENGTH);
    expect(body).toContain('left out to fit the size limit');
  });

  it.each(['javascript:alert(1)', 'https://x.example/) [here](https://evil.example', 'http://a b'])(
    'links no run at %s',
    (url) => {
      const body = shown(changed(bad, { owner: { ...rolloutOf(bad).owner, url } })).incident?.body;
      expect(body).not.toContain('The run that did it');
    },
  );
});

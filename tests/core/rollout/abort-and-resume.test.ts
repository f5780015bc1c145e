import { describe, expect, it } from 'vitest';
import { pendingEffect } from '../../../src/core/rollout/move.ts';
import type { ReasonCode } from '../../../src/core/rollout/reason.ts';
import { openRollout, whereTrafficRests } from '../../../src/core/rollout/record.ts';
import { transition } from '../../../src/core/rollout/transition.ts';
import {
  ANN,
  abortOf,
  BOB,
  canaryIn,
  EMPTY,
  HOLD,
  having,
  MINUTE,
  moved,
  OPEN_PHASES,
  PASS,
  PROMOTED,
  plainly,
  resumedBy,
  rollbackIn,
  rolloutOf,
  shifted,
  started,
  ticked,
  verified,
} from './sample-rollout.ts';

function codeOf(...args: Parameters<typeof transition>): string {
  const answer = transition(...args);
  return answer.kind === 'refused' ? answer.reason.code : 'moved';
}

describe('an abort', () => {
  it.each(OPEN_PHASES)('is heard from anybody while the rollout is %s', (phase) => {
    const { record, effect, durable } = moved(canaryIn(phase), abortOf(canaryIn(phase), BOB));
    expect(rolloutOf(record)).toMatchObject({ phase: { name: 'aborting' }, owner: { id: 'bob' } });
    expect(effect).toEqual({ type: 'come-home', slot: 'a' });
    expect(durable).toBe(true);
  });

  it.each(OPEN_PHASES)('fences the owner of before while the rollout was %s', (phase) => {
    const record = having(canaryIn(phase), abortOf(canaryIn(phase), BOB));
    for (const event of [plainly('came-home'), shifted(0), plainly('deployed'), ticked(0, PASS)]) {
      expect(codeOf(record, event)).toBe('fenced');
    }
  });

  it('keeps the reason of the first who asked', () => {
    const first = having(canaryIn('baking'), abortOf(canaryIn('baking'), ANN, 'guardrail-breached'));
    const second = having(first, abortOf(first, BOB, 'owner-lost'));
    expect(rolloutOf(second).reason?.code).toBe('guardrail-breached');
    const third = having(second, plainly('came-home', BOB));
    expect(rolloutOf(having(third, abortOf(third, ANN, 'cancelled'))).reason?.code).toBe(
      'guardrail-breached',
    );
  });

  it('does not hit a rollout that came after the one it means', () => {
    const meant = canaryIn('baking');
    const next = having(PROMOTED, started('v3'));
    expect(codeOf(next, abortOf(meant, BOB))).toBe('fenced');
  });

  it('comes too late after the end', () => {
    expect(codeOf(PROMOTED, abortOf(canaryIn('verifying'), BOB))).toBe('fenced');
    expect(codeOf(canaryIn('aborted'), abortOf(canaryIn('baking'), BOB))).toBe('fenced');
    expect(codeOf(EMPTY, abortOf(canaryIn('baking'), BOB))).toBe('fenced');
  });

  it('ends when traffic is home and what serves was looked at, whatever it looked like', () => {
    for (const outcome of ['pass', 'fail', 'not-done'] as const) {
      const record = having(canaryIn('confirming'), verified(outcome));
      expect(rolloutOf(record)).toMatchObject({
        phase: { name: 'aborted' },
        endedAt: 9_000,
        verification: { outcome },
      });
      expect(record.stable).toEqual({ slot: 'a', version: 'v1' });
    }
  });

  it('looks at the stable version at the end, not at the canary', () => {
    const { effect } = moved(canaryIn('aborting'), plainly('came-home'));
    expect(effect).toEqual({ type: 'verify', placement: { slot: 'a', version: 'v1' }, kind: 'canary' });
  });

  it('of the very first deployment has no home to go to', () => {
    const open = having(EMPTY, started('v1'), plainly('deployed'));
    const { record, effect } = moved(open, abortOf(open, BOB));
    expect(effect).toEqual({ type: 'come-home', slot: null });
    const confirming = moved(record, plainly('came-home', BOB));
    expect(confirming.effect).toEqual({ type: 'verify', placement: null, kind: 'first' });
  });
});

describe('an abort of a rollback', () => {
  it('is heard as long as no traffic has moved', () => {
    const { record, effect } = moved(rollbackIn('deploying'), abortOf(rollbackIn('deploying'), BOB));
    expect(rolloutOf(record)).toMatchObject({ phase: { name: 'aborting' }, owner: { id: 'bob' } });
    expect(effect).toEqual({ type: 'come-home', slot: 'b' });
  });

  it.each(['settling', 'verifying'] as const)(
    'is refused while it is %s: it moves traffic and will be finished',
    (phase) => {
      expect(codeOf(rollbackIn(phase), abortOf(rollbackIn(phase), BOB))).toBe('rollout-in-progress');
      expect(codeOf(rollbackIn(phase), abortOf(rollbackIn(phase), ANN))).toBe('rollout-in-progress');
    },
  );
});

describe('the version of an aborted rollout', () => {
  const guilty: readonly ReasonCode[] = [
    'guardrail-breached',
    'comparison-regressed',
    'judge-failed',
    'health-failed',
    'verification-failed',
    'rolled-back-by-hand',
  ];
  const innocent: readonly ReasonCode[] = [
    'cancelled',
    'timed-out',
    'owner-lost',
    'lease-lost',
    'no-data',
    'metrics-unavailable',
    'environment-unhealthy',
    'insufficient-samples',
    'deploy-failed',
    'shift-failed',
    'weight-diverged',
    'ledger-unavailable',
    'router-unavailable',
    'internal-error',
  ];

  function abortedFor(code: ReasonCode): readonly string[] {
    const record = having(canaryIn('baking'), abortOf(canaryIn('baking'), ANN, code));
    return having(record, plainly('came-home'), verified('pass')).rejected;
  }

  it.each(guilty)('is rejected after %s', (code) => {
    expect(abortedFor(code)).toEqual(['v2']);
  });

  it.each(innocent)('may come again after %s', (code) => {
    expect(abortedFor(code)).toEqual([]);
  });
});

describe('a new owner', () => {
  it.each([
    ['deploying', 'deploying', { type: 'deploy', placement: { slot: 'b', version: 'v2' } }],
    ['shifting', 'shifting', { type: 'shift', step: 0, canary: 'b', stable: 'a' }],
    ['baking', 'shifting', { type: 'shift', step: 0, canary: 'b', stable: 'a' }],
    ['settling', 'settling', { type: 'settle', slot: 'b' }],
    ['verifying', 'settling', { type: 'settle', slot: 'b' }],
    ['aborting', 'aborting', { type: 'come-home', slot: 'a' }],
    ['confirming', 'aborting', { type: 'come-home', slot: 'a' }],
  ] as const)('who finds the rollout %s goes on with it %s', (found, goesOn, effect) => {
    const answer = moved(canaryIn(found), resumedBy(canaryIn(found), BOB));
    expect(rolloutOf(answer.record)).toMatchObject({ phase: { name: goesOn }, owner: { id: 'bob' } });
    expect(answer.effect).toEqual(effect);
    expect(answer.durable).toBe(true);
  });

  it('goes on at the step that was reached', () => {
    const record = having(canaryIn('baking', 1), resumedBy(canaryIn('baking', 1), BOB));
    expect(rolloutOf(record).phase).toEqual({ name: 'shifting', step: 1 });
  });

  it('gets credit for the bake that the ledger knows of', () => {
    const seven = Array.from({ length: 7 }, () => ticked(0, PASS));
    const left = having(canaryIn('baking'), ...seven);
    const resumed = having(left, resumedBy(left, BOB), shifted(0, BOB));
    const baked = having(resumed, ticked(0, PASS, 22 * MINUTE, BOB));
    expect(rolloutOf(baked).phase.name).toBe('baking');
    expect(rolloutOf(having(baked, ticked(0, PASS, MINUTE, BOB))).phase).toEqual({
      name: 'shifting',
      step: 1,
    });
  });

  it('gets no new budget for holds', () => {
    const held = having(canaryIn('baking'), ticked(0, HOLD, 9 * MINUTE));
    const resumed = having(held, resumedBy(held, BOB), shifted(0, BOB));
    expect(rolloutOf(having(resumed, ticked(0, HOLD, 2 * MINUTE, BOB))).phase.name).toBe('aborting');
  });

  it.each(OPEN_PHASES)('fences the one of before while the rollout is %s', (phase) => {
    const record = having(canaryIn(phase), resumedBy(canaryIn(phase), BOB));
    const open = openRollout(record);
    for (const event of [
      plainly('deployed'),
      shifted(0),
      ticked(0, PASS),
      plainly('settled'),
      verified('pass'),
    ]) {
      expect(codeOf(record, event)).toBe('fenced');
    }
    expect(open === null ? null : pendingEffect(open)).toEqual(
      moved(canaryIn(phase), resumedBy(canaryIn(phase), BOB)).effect,
    );
  });

  it.each(['settling', 'verifying'] as const)('finishes a rollback that was left %s', (phase) => {
    const { record, effect } = moved(rollbackIn(phase), resumedBy(rollbackIn(phase), BOB));
    expect(rolloutOf(record)).toMatchObject({ phase: { name: 'settling' }, owner: { id: 'bob' } });
    expect(effect).toEqual({ type: 'settle', slot: 'a' });
  });

  it('does not resume a rollout that came after the one it means', () => {
    const next = having(PROMOTED, started('v3'));
    expect(codeOf(next, resumedBy(canaryIn('baking'), BOB))).toBe('fenced');
  });
});

describe('where all traffic rests', () => {
  it.each([
    ['nothing was ever deployed', EMPTY, null],
    ['a version was promoted', PROMOTED, 'b'],
    ['a rollout was aborted', canaryIn('aborted'), 'a'],
    ['a canary is deploying', canaryIn('deploying'), 'a'],
    ['a canary is shifting', canaryIn('shifting'), null],
    ['a canary is baking', canaryIn('baking'), null],
    ['a canary is settling', canaryIn('settling'), null],
    ['a canary is verifying', canaryIn('verifying'), 'b'],
    ['a rollout is aborting', canaryIn('aborting'), 'a'],
    ['a rollout is confirming', canaryIn('confirming'), 'a'],
    ['a rollback is deploying', rollbackIn('deploying'), 'b'],
    ['a rollback is settling', rollbackIn('settling'), 'a'],
    ['a rollback is verifying', rollbackIn('verifying'), 'a'],
    ['a rollback is done', rollbackIn('restored'), 'a'],
  ] as const)('when %s', (_when, record, slot) => {
    expect(whereTrafficRests(record)).toBe(slot);
  });
});

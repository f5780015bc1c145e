import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/core/checks/finding.ts';
import type { Effect, RolloutEvent } from '../../../src/core/rollout/events.ts';
import type { Transition } from '../../../src/core/rollout/move.ts';
import { transition } from '../../../src/core/rollout/transition.ts';
import {
  ANN,
  bakes,
  by,
  canaryIn,
  EMPTY,
  having,
  moved,
  OPEN_PHASES,
  PROMOTED,
  plainly,
  rollbackIn,
  rolloutOf,
  SERVING,
  shifted,
  started,
  verified,
  why,
} from './sample-rollout.ts';

function codeOf(answer: Transition): string {
  return answer.kind === 'refused' ? answer.reason.code : 'moved';
}

describe('the way to promotion', () => {
  const way: readonly (readonly [string, RolloutEvent, Effect])[] = [
    ['deploying', started('v2'), { type: 'deploy', placement: { slot: 'b', version: 'v2' } }],
    ['shifting', plainly('deployed'), { type: 'shift', step: 0, canary: 'b', stable: 'a' }],
    ['baking', shifted(0), { type: 'watch', step: 0 }],
    ['shifting', bakes(0), { type: 'shift', step: 1, canary: 'b', stable: 'a' }],
    ['baking', shifted(1), { type: 'watch', step: 1 }],
    ['settling', bakes(1), { type: 'settle', slot: 'b' }],
    [
      'verifying',
      plainly('settled'),
      { type: 'verify', placement: { slot: 'b', version: 'v2' }, kind: 'canary' },
    ],
    ['promoted', verified('pass'), { type: 'stop' }],
  ];

  it.each(way.map((step, index) => [index + 1, step[0], step[1].type, step] as const))(
    'step %i: is %s after %s, and says what to do next',
    (count, phase, _type, [, , effect]) => {
      const before = having(SERVING, ...way.slice(0, count - 1).map(([, event]) => event));
      const last = way[count - 1];
      if (last === undefined) throw new Error('no such step');
      const answer = moved(before, last[1]);
      expect(rolloutOf(answer.record).phase.name).toBe(phase);
      expect(answer.effect).toEqual(effect);
      expect(answer.durable).toBe(true);
    },
  );

  it('swaps the roles at the promotion and copies nothing', () => {
    expect(PROMOTED).toMatchObject({
      stable: { slot: 'b', version: 'v2' },
      previous: { slot: 'a', version: 'v1' },
      promoted: ['v2', 'v1'],
      rejected: [],
    });
    expect(rolloutOf(PROMOTED)).toMatchObject({ phase: { name: 'promoted' }, endedAt: 9_000, reason: null });
  });

  it('leaves the roles alone until then', () => {
    for (const phase of OPEN_PHASES) expect(canaryIn(phase).stable).toEqual({ slot: 'a', version: 'v1' });
  });

  it('promotes when the last look was not possible, and keeps that on record', () => {
    const record = having(canaryIn('verifying'), verified('not-done'));
    expect(rolloutOf(record)).toMatchObject({
      phase: { name: 'promoted' },
      verification: { outcome: 'not-done' },
    });
  });

  it('goes home when what serves fails its verification, and says which check failed', () => {
    const ok: Finding = { check: 'health', title: 'Health', status: 'pass', observed: 'up', expected: 'up' };
    const slow: Finding = {
      check: 'p95',
      title: 'P95',
      status: 'fail',
      observed: '912 ms',
      expected: '<= 800 ms',
    };
    const { record, effect } = moved(canaryIn('verifying'), verified('fail', [ok, slow]));
    const reason = { code: 'verification-failed', message: 'after promotion: P95 was 912 ms' };
    expect(rolloutOf(record)).toMatchObject({ phase: { name: 'aborting' }, reason });
    expect(effect).toEqual({ type: 'come-home', slot: 'a' });
    expect(record.stable).toEqual({ slot: 'a', version: 'v1' });
  });

  it('goes home when the canary cannot be deployed', () => {
    const failed: RolloutEvent = {
      ...by(ANN),
      type: 'deploy-failed',
      reason: why('deploy-failed'),
      findings: [],
    };
    const { record } = moved(canaryIn('deploying'), failed);
    expect(rolloutOf(record)).toMatchObject({
      phase: { name: 'aborting' },
      reason: { code: 'deploy-failed' },
    });
  });

  it.each(['shifting', 'settling'] as const)(
    'goes home when the router cannot be shifted while %s',
    (phase) => {
      const failed: RolloutEvent = { ...by(ANN), type: 'shift-failed', reason: why('shift-failed') };
      const { record } = moved(canaryIn(phase), failed);
      expect(rolloutOf(record)).toMatchObject({
        phase: { name: 'aborting' },
        reason: { code: 'shift-failed' },
      });
    },
  );

  it('is promoted without steps when it is the first version of all', () => {
    const settling = moved(having(EMPTY, started('v1')), plainly('deployed'));
    expect(settling.effect).toEqual({ type: 'settle', slot: 'a' });
    expect(rolloutOf(settling.record).phase.name).toBe('settling');
  });

  it('remembers the 50 versions promoted last', () => {
    let record = SERVING;
    for (let version = 2; version <= 60; version += 1) {
      const [up, home] = [bakes(0), bakes(1)];
      const next = started(`v${version}`);
      record = having(
        record,
        next,
        plainly('deployed'),
        shifted(0),
        up,
        shifted(1),
        home,
        plainly('settled'),
        verified('pass'),
      );
    }
    expect(record.promoted).toHaveLength(50);
    expect(record.promoted[0]).toBe('v60');
  });
});

describe('a rollback', () => {
  it('is restored in one move, and the version that it left is rejected', () => {
    expect(rollbackIn('restored')).toMatchObject({
      stable: { slot: 'a', version: 'v1' },
      previous: { slot: 'b', version: 'v2' },
      promoted: ['v1', 'v2'],
      rejected: ['v2'],
    });
    expect(rolloutOf(rollbackIn('restored')).phase.name).toBe('restored');
  });

  it('takes all traffic at once after its deployment', () => {
    const { effect } = moved(rollbackIn('deploying'), plainly('deployed'));
    expect(effect).toEqual({ type: 'settle', slot: 'a' });
  });

  it('is restored even when what serves fails its verification: there is nothing better to go to', () => {
    const record = having(rollbackIn('verifying'), verified('fail'));
    expect(rolloutOf(record)).toMatchObject({
      phase: { name: 'restored' },
      verification: { outcome: 'fail' },
    });
  });

  it('does not end when the router cannot be shifted: it stays open for whoever comes next', () => {
    const failed: RolloutEvent = { ...by(ANN), type: 'shift-failed', reason: why('shift-failed') };
    expect(codeOf(transition(rollbackIn('settling'), failed))).toBe('traffic-not-home');
  });

  it('rejects nobody when it comes to nothing', () => {
    const record = having(rollbackIn('aborting'), plainly('came-home'), verified('pass'));
    expect(record).toMatchObject({ stable: { slot: 'b', version: 'v2' }, rejected: [] });
  });

  it('does not reject the version that it could not bring back', () => {
    const ill: RolloutEvent = {
      ...by(ANN),
      type: 'deploy-failed',
      reason: why('health-failed'),
      findings: [],
    };
    const record = having(rollbackIn('deploying'), ill, plainly('came-home'), verified('pass'));
    expect(rolloutOf(record)).toMatchObject({
      phase: { name: 'aborted' },
      reason: { code: 'health-failed' },
    });
    expect(record.rejected).toEqual([]);
  });
});

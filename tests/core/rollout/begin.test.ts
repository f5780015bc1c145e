import { describe, expect, it } from 'vitest';
import { transition } from '../../../src/core/rollout/transition.ts';
import {
  ANN,
  abortOf,
  canaryIn,
  EMPTY,
  having,
  moved,
  OPEN_PHASES,
  PROMOTED,
  plainly,
  rollbackIn,
  rollbackTo,
  rolloutOf,
  SERVING,
  started,
  verified,
  WAY_UP,
  why,
} from './sample-rollout.ts';

function refusalOf(...args: Parameters<typeof transition>): string {
  const answer = transition(...args);
  return answer.kind === 'refused' ? answer.reason.code : `moved to ${answer.record.rollout?.phase.name}`;
}

describe('starting a rollout', () => {
  it('puts the very first version into slot a and pretends no canary', () => {
    const { record, effect, durable } = moved(EMPTY, started('v1'));
    expect(rolloutOf(record)).toMatchObject({
      kind: 'first',
      canary: { slot: 'a', version: 'v1' },
      stable: null,
    });
    expect(effect).toEqual({ type: 'deploy', placement: { slot: 'a', version: 'v1' } });
    expect(durable).toBe(true);
  });

  it('gives the very first version all traffic once it is deployed and checked', () => {
    expect(SERVING).toMatchObject({ stable: { slot: 'a', version: 'v1' }, previous: null, promoted: ['v1'] });
    expect(rolloutOf(SERVING)).toMatchObject({ phase: { name: 'promoted' }, endedAt: 9_000 });
  });

  it('puts a canary into the slot that does not serve', () => {
    expect(rolloutOf(canaryIn('deploying'))).toMatchObject({
      kind: 'canary',
      canary: { slot: 'b', version: 'v2' },
      stable: { slot: 'a', version: 'v1' },
    });
  });

  it('puts the next canary into slot a again after a promotion', () => {
    const next = having(PROMOTED, started('v3'));
    expect(rolloutOf(next)).toMatchObject({
      canary: { slot: 'a', version: 'v3' },
      stable: { slot: 'b', version: 'v2' },
    });
  });

  it('forgets what the other slot still ran, because it will be deployed over', () => {
    expect(PROMOTED.previous).toEqual({ slot: 'a', version: 'v1' });
    expect(having(PROMOTED, started('v3')).previous).toBeNull();
  });

  it('starts with nothing served and names its owner', () => {
    const rollout = rolloutOf(canaryIn('deploying'));
    expect(rollout.steps.map(({ servedMs, savedMs, heldMs }) => [servedMs, savedMs, heldMs])).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(rollout).toMatchObject({ owner: { id: 'ann' }, leaseLapses: 0, reason: null, endedAt: null });
  });

  it('refuses the version that serves already', () => {
    expect(refusalOf(SERVING, started('v1'))).toBe('already-stable');
  });

  it.each(OPEN_PHASES)('refuses while another rollout is %s', (phase) => {
    const open = canaryIn(phase);
    expect(refusalOf(open, started('v3'))).toBe('rollout-in-progress');
    expect(refusalOf(open, started('v2'))).toBe('rollout-in-progress');
  });

  it('says which rollout is in the way and who drives it', () => {
    const answer = transition(canaryIn('baking'), started('v3'));
    expect(answer.kind === 'refused' && answer.reason.message).toBe(
      'rollout rollout of v2 of v2 is baking, driven by ann',
    );
  });

  it('refuses a version that failed here before', () => {
    const failed = having(canaryIn('verifying'), verified('fail'), plainly('came-home'), verified('pass'));
    expect(failed.rejected).toEqual(['v2']);
    expect(refusalOf(failed, started('v2', { id: 'again' }))).toBe('version-rejected');
  });

  it('takes a version that failed here before when somebody says why', () => {
    const failed = having(canaryIn('verifying'), verified('fail'), plainly('came-home'), verified('pass'));
    const again = moved(failed, started('v2', { id: 'again', readmit: 'staging passed anew' }));
    expect(rolloutOf(again.record)).toMatchObject({ id: 'again', phase: { name: 'deploying' } });
  });

  it('clears a readmitted version of its bad name only when it is promoted', () => {
    const failed = having(canaryIn('verifying'), verified('fail'), plainly('came-home'), verified('pass'));
    const again = having(failed, started('v2', { id: 'again', readmit: 'staging passed anew' }));
    expect(again.rejected).toEqual(['v2']);
    const promoted = having(again, ...WAY_UP.slice(1).map(([, event]) => event));
    expect(promoted).toMatchObject({ stable: { version: 'v2' }, rejected: [] });
  });

  it('takes another version after an abort, in the same slot', () => {
    const next = having(canaryIn('aborted'), started('v3'));
    expect(rolloutOf(next)).toMatchObject({
      canary: { slot: 'b', version: 'v3' },
      stable: { slot: 'a', version: 'v1' },
    });
  });

  it('tries a first deployment again in slot a when the one before failed', () => {
    const open = having(EMPTY, started('v1'));
    const failed = having(open, abortOf(open, ANN), plainly('came-home'), verified('not-done'));
    expect(failed.stable).toBeNull();
    expect(rolloutOf(having(failed, started('v2')))).toMatchObject({ kind: 'first', canary: { slot: 'a' } });
  });
});

describe('starting a rollback', () => {
  it('goes to the previous version, which still runs in the other slot', () => {
    const { record, effect } = moved(PROMOTED, rollbackTo({ slot: 'a', version: 'v1' }));
    expect(rolloutOf(record)).toMatchObject({
      kind: 'rollback',
      canary: { slot: 'a', version: 'v1' },
      stable: { slot: 'b', version: 'v2' },
      reason: why('rolled-back-by-hand', 'bookings are slow'),
      requestedBy: 'ann',
    });
    expect(effect).toEqual({ type: 'deploy', placement: { slot: 'a', version: 'v1' } });
    expect(record.previous).toEqual({ slot: 'a', version: 'v1' });
  });

  it('forgets the previous version when another one is deployed over it', () => {
    expect(having(PROMOTED, rollbackTo({ slot: 'a', version: 'v0' })).previous).toBeNull();
  });

  it('refuses when nothing was ever promoted here', () => {
    expect(refusalOf(EMPTY, rollbackTo({ slot: 'a', version: 'v1' }))).toBe('version-unknown');
  });

  it('refuses the version that serves already', () => {
    expect(refusalOf(PROMOTED, rollbackTo({ slot: 'a', version: 'v2' }))).toBe('already-stable');
  });

  it('refuses to deploy over the slot that serves', () => {
    expect(refusalOf(PROMOTED, rollbackTo({ slot: 'b', version: 'v1' }))).toBe('internal-error');
  });

  it.each(OPEN_PHASES)('refuses while a rollout is %s', (phase) => {
    expect(refusalOf(canaryIn(phase), rollbackTo({ slot: 'b', version: 'v0' }))).toBe('rollout-in-progress');
  });

  it.each(['deploying', 'settling', 'verifying', 'aborting'] as const)(
    'refuses while a rollback is %s',
    (phase) => {
      expect(refusalOf(rollbackIn(phase), rollbackTo({ slot: 'a', version: 'v0' }))).toBe(
        'rollout-in-progress',
      );
    },
  );

  it('may go back and forth', () => {
    const forth = having(
      rollbackIn('restored'),
      rollbackTo({ slot: 'b', version: 'v2' }, 'forth'),
      plainly('deployed'),
      plainly('settled'),
      verified('pass'),
    );
    expect(forth).toMatchObject({
      stable: { slot: 'b', version: 'v2' },
      previous: { slot: 'a', version: 'v1' },
      promoted: ['v2', 'v1'],
      rejected: ['v1'],
    });
  });
});

import { describe, expect, it } from 'vitest';
import type { RolloutEvent } from '../../../src/core/rollout/events.ts';
import type { Transition } from '../../../src/core/rollout/move.ts';
import { transition } from '../../../src/core/rollout/transition.ts';
import {
  ANN,
  BOB,
  by,
  canaryIn,
  EMPTY,
  OPEN_PHASES,
  PASS,
  PROMOTED,
  plainly,
  rollbackIn,
  shifted,
  ticked,
  verified,
  why,
} from './sample-rollout.ts';

function codeOf(answer: Transition): string {
  return answer.kind === 'refused' ? answer.reason.code : 'moved';
}

describe('events that do not fit', () => {
  const events: readonly RolloutEvent[] = [
    plainly('deployed'),
    { ...by(ANN), type: 'deploy-failed', reason: why('deploy-failed'), findings: [] },
    shifted(0),
    { ...by(ANN), type: 'shift-failed', reason: why('shift-failed') },
    ticked(0, PASS),
    plainly('lease-lapsed'),
    plainly('settled'),
    plainly('came-home'),
    verified('pass'),
  ];
  const fits: Readonly<Record<(typeof OPEN_PHASES)[number], readonly RolloutEvent['type'][]>> = {
    deploying: ['deployed', 'deploy-failed'],
    shifting: ['shifted', 'shift-failed', 'lease-lapsed'],
    baking: ['ticked', 'lease-lapsed'],
    settling: ['shift-failed', 'settled'],
    verifying: ['verified'],
    aborting: ['came-home'],
    confirming: ['verified'],
  };
  const pairs = OPEN_PHASES.flatMap((phase) => events.map((event) => [phase, event.type, event] as const));

  it.each(pairs)('while %s, %s is taken only where it belongs', (phase, type, event) => {
    const expected = fits[phase].includes(type) ? 'moved' : 'internal-error';
    expect(codeOf(transition(canaryIn(phase), event))).toBe(expected);
  });

  it.each(pairs)('while %s, %s of somebody else is fenced', (phase, _type, event) => {
    expect(codeOf(transition(canaryIn(phase), { ...event, by: BOB }))).toBe('fenced');
  });

  it('names the phase and the event', () => {
    const answer = transition(canaryIn('baking'), plainly('settled'));
    expect(answer).toMatchObject({
      reason: { message: 'a rollout that is baking cannot take the event settled' },
    });
  });

  it('tells a stranger who drives the rollout', () => {
    const answer = transition(canaryIn('baking'), { ...shifted(0), by: BOB });
    expect(answer).toMatchObject({ reason: { message: 'the rollout is now driven by ann (ann)' } });
  });

  it.each([
    ['shifting', shifted(1)],
    ['baking', ticked(1, PASS)],
    ['baking', ticked(7, PASS)],
  ] as const)('while %s at step 0, %s of another step is refused', (phase, event) => {
    expect(codeOf(transition(canaryIn(phase), event))).toBe('internal-error');
  });

  it.each([...events, { ...by(ANN), type: 'resumed', rollout: 'rollout of v2' } as const])(
    'nothing happens after the end ($type)',
    (event) => {
      for (const ended of [PROMOTED, canaryIn('aborted'), rollbackIn('restored'), EMPTY]) {
        expect(codeOf(transition(ended, event))).toBe('fenced');
      }
    },
  );
});

import type { Bake } from '../analysis/judge/settings.ts';
import type { Plan } from '../rollout/plan.ts';
import type { EpochMs, Milliseconds } from '../units.ts';
import type { Look } from './recording.ts';

/** A look at a past moment, and the time since the look before. */
export interface TimedLook {
  readonly look: Look;
  readonly at: EpochMs;
  readonly elapsed: Milliseconds;
  readonly bake: Bake;
}

/**
 * The looks of a rollout that began its first bake at `start`: a look at each tick of each step, none reaching into
 * the next step, and none after `end`, whichever of the two is over first.
 */
export function looksBetween(
  start: EpochMs,
  end: EpochMs,
  { steps, tick }: Pick<Plan, 'steps' | 'tick'>,
): TimedLook[] {
  const looks: TimedLook[] = [];
  let at = start;
  for (const [step, { weight, bake }] of steps.entries()) {
    const [begin, last] = [at, Math.min(at + bake, end)];
    while (at < last) {
      const elapsed = Math.min(tick, last - at);
      at += elapsed;
      const from = looks.length;
      looks.push({
        look: { step, weight, from, until: from + 1 },
        at,
        elapsed,
        bake: { served: at - begin, of: bake, most: bake },
      });
    }
  }
  return looks;
}

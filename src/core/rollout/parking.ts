import type { EpochMs } from '../units.ts';
import type { Rollout } from './record.ts';

/** Until when a bake is left alone. */
export interface Parked {
  /** When it will be over. */
  readonly wakeAt: EpochMs;
  /** When nobody has come by then, traffic belongs home. */
  readonly until: EpochMs;
}

/** Whether all of a step's bake has been served. */
export function isServed({ plan, steps }: Rollout, step: number): boolean {
  return (steps[step]?.servedMs ?? 0) >= (plan.steps[step]?.bake ?? Number.POSITIVE_INFINITY);
}

/** Null when the plan does not allow it, or what is left of the bake is not worth going away for. */
export function parkingOf(rollout: Rollout, step: number, now: EpochMs): Parked | null {
  const { plan, steps } = rollout;
  const [planned, progress] = [plan.steps[step], steps[step]];
  if (plan.parking === undefined || planned === undefined || progress === undefined) return null;
  const { watch, grace } = plan.parking;
  const goal = isServed(rollout, step) ? planned.maxBake : planned.bake;
  const left = goal - progress.servedMs;
  if (left <= Math.max(watch, plan.tick)) return null;
  return { wakeAt: now + left, until: now + left + grace };
}

import type { Observation } from '../sample.ts';
import type { StreamCounts } from './tick-evidence.ts';
import type { TrackEvent } from './track.ts';

/** What one KPI showed in a tick; null where an arm said nothing. */
export interface ArmObservations {
  readonly canary: Observation | null;
  readonly stable: Observation | null;
}

/** Bad events among all events of one arm. */
export interface ArmCounts {
  readonly bad: number;
  readonly total: number;
}

/** Both arms' counts, or null when one of them did not say. With `ease` above 1 the stable arm is taken as so much slower. */
export function countsOf(event: TrackEvent, seen: ArmObservations, ease = 1): StreamCounts | null {
  const canary = armCounts(event, seen.canary, 1);
  const stable = armCounts(event, seen.stable, ease);
  if (canary === null || stable === null) return null;
  return {
    canaryBad: canary.bad,
    canaryTotal: canary.total,
    stableBad: stable.bad,
    stableTotal: stable.total,
  };
}

export function armCounts(event: TrackEvent, seen: Observation | null, ease: number): ArmCounts | null {
  if (seen === null) return null;
  if (event.type === 'bad') return seen.type === 'events' ? { bad: seen.bad, total: seen.total } : null;
  if (seen.type !== 'histogram') return null;
  const exact = seen.bounds.indexOf(event.bound);
  if (exact === -1) return null;
  const from = ease <= 1 ? exact : lastAtMost(seen.bounds, event.bound / ease);
  return above(seen.counts, from);
}

/** Index of the largest bound that is at most `limit`, or -1: a bound inside a bucket would be fiction. */
function lastAtMost(bounds: readonly number[], limit: number): number {
  let found = -1;
  for (let index = 0; index < bounds.length; index++) {
    if ((bounds[index] ?? 0) <= limit * (1 + 1e-9)) found = index;
  }
  return found;
}

function above(counts: readonly number[], bound: number): ArmCounts {
  let total = 0;
  let bad = 0;
  for (let bucket = 0; bucket < counts.length; bucket++) {
    const count = counts[bucket] ?? 0;
    total += count;
    if (bucket > bound) bad += count;
  }
  return { bad, total };
}

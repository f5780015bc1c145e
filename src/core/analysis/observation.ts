import { formatValue, type Kpi, misfit } from './kpi.ts';
import type { Observation, Reading } from './sample.ts';

/** Events per bucket, one more than bounds, as a histogram observation has them. */
export interface Shape {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
}

/** A reading as its KPI understands it. A reading that cannot be true, or not be judged, is an error with a why. */
export type Tally =
  | { readonly kind: 'events'; readonly bad: number; readonly total: number; readonly shape: Shape | null }
  | { readonly kind: 'value'; readonly value: number }
  | { readonly kind: 'no-data'; readonly why: string }
  | { readonly kind: 'error'; readonly why: string };

/** Bounds that were scaled from seconds to milliseconds may be off by a rounding error. */
const ROUNDING = 1e-9;

export function tally(kpi: Kpi, reading: Reading): Tally {
  if (reading.kind !== 'data') return reading;
  const unfit = misfit(kpi);
  if (unfit !== null) return { kind: 'error', why: unfit };
  const { observation } = reading;
  const wanted = kpi.type === 'quantile' ? 'histogram' : kpi.type === 'gauge' ? 'value' : 'events';
  if (observation.type !== wanted) {
    return { kind: 'error', why: `a ${kpi.type} KPI is read from ${wanted}, and ${observation.type} came` };
  }
  return tallyOf(kpi, observation);
}

/**
 * The bucket bound that stands for a limit: the limit itself, or the next higher one when it lies inside a
 * bucket, because what is inside a bucket is not known. Null when no bound is that high.
 */
export function boundFor(bounds: readonly number[], limit: number): number | null {
  return bounds[boundIndex(bounds, limit)] ?? null;
}

function boundIndex(bounds: readonly number[], limit: number): number {
  return bounds.findIndex((bound) => bound >= limit - Math.abs(limit) * ROUNDING);
}

function tallyOf(kpi: Kpi, observation: Observation): Tally {
  switch (observation.type) {
    case 'value':
      if (Number.isFinite(observation.value)) return { kind: 'value', value: unsigned(observation.value) };
      return { kind: 'error', why: `the value must be a number, and is ${observation.value}` };
    case 'events':
      return events(kpi, observation.bad, observation.total);
    case 'histogram':
      return histogram(kpi, observation);
  }
}

/** The events of a `never` KPI may come without a total. */
function events(kpi: Kpi, bad: number, given: number): Tally {
  const total = kpi.type === 'never' ? Math.max(bad, given) : given;
  if (!isCount(bad) || !isCount(total) || bad > total) {
    return { kind: 'error', why: `${bad} bad events of ${given} cannot be` };
  }
  return { kind: 'events', bad: unsigned(bad), total: unsigned(total), shape: null };
}

function histogram(kpi: Kpi, given: Shape): Tally {
  const broken = brokenShape(given);
  if (broken !== null) return { kind: 'error', why: broken };
  const shape = { bounds: given.bounds.map(unsigned), counts: given.counts.map(unsigned) };
  const { bounds, counts } = shape;
  const limit = boundIndex(bounds, kpi.alert.value);
  if (limit === -1) {
    const alert = formatValue(kpi.alert.value, kpi.unit);
    const highest = formatValue(bounds.at(-1) ?? Number.NaN, kpi.unit);
    return { kind: 'error', why: `no bucket ends at or above ${alert}, the highest at ${highest}: add one` };
  }
  return { kind: 'events', bad: sum(counts.slice(limit + 1)), total: sum(counts), shape };
}

function brokenShape({ bounds, counts }: Shape): string | null {
  if (counts.length !== bounds.length + 1) {
    return `${bounds.length} bounds need ${bounds.length + 1} counts, and ${counts.length} came`;
  }
  const ascending = bounds.every(
    (bound, i) => Number.isFinite(bound) && bound > (bounds[i - 1] ?? -Infinity),
  );
  if (!ascending) return 'bucket bounds must be finite and ascending';
  const odd = counts.find((count) => !isCount(count));
  return odd === undefined ? null : `${odd} events in a bucket cannot be`;
}

/** Past 2^53 a sum would silently lose events. */
function isCount(value: number): boolean {
  return value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}

/** -0 would come back from JSON as 0. */
function unsigned(value: number): number {
  return value + 0;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

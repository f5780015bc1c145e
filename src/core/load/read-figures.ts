import { formatDuration, type Milliseconds, type Ratio } from '../units.ts';
import type { Fold, NormalTraffic, ResourceReading } from './load-test.ts';

interface Series {
  readonly name: string;
  readonly points: readonly { readonly at: number; readonly value: number }[];
}

export interface Asked {
  readonly series: readonly Series[];
  /** The span that was asked about, and the time between two values. */
  readonly window: Milliseconds;
  readonly step: Milliseconds;
}

/** So much of the time of a test must have values, before anything is said of a resource. */
const COVERED: Ratio = 0.8;
/** The same for normal traffic: a service may be younger than the days that are asked about. */
const COVERED_NORMALLY: Ratio = 0.1;

/** The worst of all series: where one instance is at its limit, the others are no comfort. */
export function resourceReading(
  name: string,
  fold: Fold,
  worst: 'high' | 'low',
  asked: Asked,
): ResourceReading {
  const known = asked.series.filter(({ points }) => points.length > 0);
  if (known.length === 0) return { name, kind: 'no-data', why: 'no series answers the query' };
  const thin = known.find(({ points }) => coverage(points.length, asked) < COVERED);
  if (thin !== undefined) {
    const share = Math.round(100 * coverage(thin.points.length, asked));
    const why = `${thin.name} has values for only ${share} % of the ${formatDuration(asked.window)}`;
    return { name, kind: 'no-data', why };
  }
  const values = known.map(({ points }) =>
    folded(
      points.map(({ value }) => value),
      fold,
      worst,
    ),
  );
  return { name, kind: 'value', value: worst === 'high' ? Math.max(...values) : Math.min(...values) };
}

export function normalTraffic(fold: Fold, asked: Asked): NormalTraffic {
  const [only, ...more] = asked.series.filter(({ points }) => points.length > 0);
  if (only === undefined) return { kind: 'no-data', why: 'no series answers the query' };
  if (more.length > 0) {
    return { kind: 'error', why: `${more.length + 1} series answer the query; add them up, as with sum(…)` };
  }
  if (coverage(only.points.length, asked) < COVERED_NORMALLY) {
    const why = `it has values for less than a tenth of the last ${formatDuration(asked.window)}`;
    return { kind: 'no-data', why };
  }
  const rate = folded(
    only.points.map(({ value }) => value),
    fold,
    'high',
  );
  const words = { mean: 'on average', max: 'at most', p95: 'at most in 95 % of the time' }[fold];
  return { kind: 'known', rate, source: `${words} over the last ${formatDuration(asked.window)}` };
}

function coverage(count: number, { window, step }: Asked): Ratio {
  return count / Math.max(1, Math.floor(window / step));
}

function folded(values: readonly number[], fold: Fold, worst: 'high' | 'low'): number {
  if (fold === 'mean') return values.reduce((sum, value) => sum + value, 0) / values.length;
  const sorted = values.toSorted((one, other) => (worst === 'high' ? one - other : other - one));
  const rank = fold === 'max' ? sorted.length : Math.ceil(0.95 * sorted.length);
  return sorted[rank - 1] ?? Number.NaN;
}

import type { Counted } from './increments.ts';

export interface HistogramTally {
  readonly type: 'histogram';
  /** Upper bounds in the KPI's unit, ascending, without +Inf. */
  readonly bounds: readonly number[];
  /** Events per bucket, not cumulative; one more than bounds. */
  readonly counts: readonly number[];
}

export type TalliedBuckets =
  | { readonly kind: 'counts'; readonly tally: HistogramTally }
  | { readonly kind: 'base-line' }
  | { readonly kind: 'broken'; readonly why: string };

/** 32.3 s are 32,300 ms, not 32,299.999999999996: limits are compared with bounds. */
const SIGNIFICANT_DIGITS = 12;

/**
 * Turns the cumulative increments of one histogram into events per bucket. What a scrape saw half-way
 * (a bucket that gained less than the one below it, or more than all together) is evened out, so that no
 * count is negative and all of them add up to the +Inf bucket.
 */
export function tallyBuckets(buckets: readonly Counted[], scale: number): TalliedBuckets {
  const cumulative: { bound: number; by: number }[] = [];
  let all: number | null = null;
  for (const { series, by } of buckets) {
    const le = series.labels.get('le') ?? '';
    const bound = boundOf(le);
    if (Number.isNaN(bound)) return broken(`buckets with a number as le, saw le="${le}"`, series.name);
    if (by === null) return { kind: 'base-line' };
    if (bound === Number.POSITIVE_INFINITY) all = by;
    else cumulative.push({ bound, by });
  }
  if (all === null) return broken('a bucket with le="+Inf", saw none', buckets[0]?.series.name ?? '');
  cumulative.sort((one, other) => one.bound - other.bound);
  return { kind: 'counts', tally: perBucket(cumulative, all, scale) };
}

/** Adds histograms up on the bounds that all of them have; null when there is no such bound. */
export function mergeHistograms(tallies: readonly HistogramTally[]): HistogramTally | null {
  const [first] = tallies;
  if (first === undefined) return null;
  const bounds = first.bounds.filter((bound) => tallies.every((tally) => tally.bounds.includes(bound)));
  if (bounds.length === 0 && tallies.some((tally) => tally.bounds.length > 0)) return null;
  const counts = new Array<number>(bounds.length + 1).fill(0);
  for (const tally of tallies) {
    tally.counts.forEach((count, index) => {
      const upper = tally.bounds[index] ?? Number.POSITIVE_INFINITY;
      const bucket = bounds.findIndex((bound) => upper <= bound);
      const at = bucket === -1 ? bounds.length : bucket;
      counts[at] = (counts[at] ?? 0) + count;
    });
  }
  return { type: 'histogram', bounds, counts };
}

function perBucket(
  cumulative: readonly { readonly bound: number; readonly by: number }[],
  all: number,
  scale: number,
): HistogramTally {
  const counts: number[] = [];
  let below = 0;
  for (const { by } of cumulative) {
    const upTo = Math.min(all, Math.max(below, by));
    counts.push(upTo - below);
    below = upTo;
  }
  const bounds = cumulative.map(({ bound }) => bound);
  return scaled({ type: 'histogram', bounds, counts: [...counts, all - below] }, scale);
}

/** The same histogram in another unit. */
export function scaled(tally: HistogramTally, scale: number): HistogramTally {
  const bounds = tally.bounds.map((bound) => Number((bound * scale).toPrecision(SIGNIFICANT_DIGITS)));
  return { ...tally, bounds };
}

function boundOf(le: string): number {
  if (/^\+?inf$/i.test(le)) return Number.POSITIVE_INFINITY;
  return le.trim() === '' ? Number.NaN : Number(le);
}

function broken(expected: string, name: string): TalliedBuckets {
  return {
    kind: 'broken',
    why: `expected ${expected} in ${name}; name a classic histogram without its _bucket`,
  };
}

import type { Milliseconds } from '../units.ts';

/**
 * Latencies counted in buckets of equal ratio, so that a quantile is off by at most half a percent. The layout is
 * that of DDSketch (Masson, Rim, Lee: "DDSketch", VLDB 2019, section 2): bucket i holds (GAMMA^(i-1), GAMMA^i] ms.
 */
export interface LatencyHistogram {
  /** Counts by bucket. */
  readonly buckets: ReadonlyMap<number, number>;
  readonly count: number;
  readonly max: Milliseconds;
}

const ACCURACY = 0.005;
const GAMMA = (1 + ACCURACY) / (1 - ACCURACY);
const LOG_GAMMA = Math.log(GAMMA);
/** What is faster counts as this: a microsecond. */
const LEAST: Milliseconds = 0.001;

export const EMPTY_HISTOGRAM: LatencyHistogram = { buckets: new Map(), count: 0, max: 0 };

/** Counts latencies one by one, in place, for a reader that streams. */
export interface LatencyCounter {
  /** Ignores what is no latency: below 0, or not a number. Answers whether it counted. */
  readonly add: (ms: Milliseconds, times?: number) => boolean;
  readonly histogram: () => LatencyHistogram;
}

export function latencyCounter(): LatencyCounter {
  const buckets = new Map<number, number>();
  let count = 0;
  let max = 0;
  return {
    add: (ms, times = 1) => {
      if (!(ms >= 0) || !Number.isFinite(ms) || !(times > 0)) return false;
      const bucket = bucketOf(ms);
      buckets.set(bucket, (buckets.get(bucket) ?? 0) + times);
      count += times;
      max = Math.max(max, ms);
      return true;
    },
    histogram: () => ({ buckets: new Map(buckets), count, max }),
  };
}

/** The bucket that a latency falls into. */
export function bucketOf(ms: Milliseconds): number {
  return Math.ceil(Math.log(Math.max(ms, LEAST)) / LOG_GAMMA);
}

/** All latencies of several generators together. */
export function mergeHistograms(histograms: readonly LatencyHistogram[]): LatencyHistogram {
  const buckets = new Map<number, number>();
  for (const histogram of histograms) {
    for (const [bucket, count] of histogram.buckets) buckets.set(bucket, (buckets.get(bucket) ?? 0) + count);
  }
  const count = histograms.reduce((sum, one) => sum + one.count, 0);
  return { buckets, count, max: Math.max(0, ...histograms.map(({ max }) => max)) };
}

/** The smallest latency that at least `quantile` (0 to 1) of all stay within; null of nothing. Never above the largest. */
export function quantileOf({ buckets, count, max }: LatencyHistogram, quantile: number): Milliseconds | null {
  if (count === 0) return null;
  const rank = Math.max(1, Math.ceil(quantile * count - 1e-9));
  let seen = 0;
  for (const [bucket, here] of [...buckets].sort(([one], [other]) => one - other)) {
    seen += here;
    if (seen >= rank) return Math.min(max, (2 * GAMMA ** bucket) / (GAMMA + 1));
  }
  return max;
}

/** How many latencies are above a limit; those in the limit's own bucket are not. */
export function countAbove({ buckets }: LatencyHistogram, limit: Milliseconds): number {
  const own = bucketOf(limit);
  return [...buckets].reduce((sum, [bucket, count]) => (bucket > own ? sum + count : sum), 0);
}

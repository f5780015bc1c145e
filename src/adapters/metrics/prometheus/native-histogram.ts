import type { HistogramTally } from '../buckets.ts';

/** One bucket of a native histogram: events above `left` and up to `right`. */
export interface NativeBucket {
  readonly left: number;
  readonly right: number;
  readonly count: number;
}

/** Buckets that are not listed are empty. */
export type NativeBuckets = readonly NativeBucket[];

/** Buckets to a doubling: those of a histogram whose bounds grow by 9 %, which is what clients use as a rule. */
const PER_DOUBLING = 8;
const LOWEST_POWER = -12;
const HIGHEST_POWER = 14;

/**
 * The bounds that native histograms are told in, whatever their own: 2^(n/8) from 0.24 thousandths to 16,384 of
 * the histogram's own unit. They are the same at every look and on both arms, so that counts can be added up and
 * compared. A bucket counts at the first bound that is not below its own.
 */
export const GRID: readonly number[] = Array.from(
  { length: (HIGHEST_POWER - LOWEST_POWER) * PER_DOUBLING + 1 },
  (_, index) => 2 ** (LOWEST_POWER + index / PER_DOUBLING),
);

/** Bounds come as decimal text and may be off by a rounding error. */
const ROUNDING = 1e-9;

/** What a histogram gained between two looks. One that lost events, or was cut finer, began anew: all it has counts. */
export function gainOf(before: NativeBuckets, now: NativeBuckets): NativeBuckets {
  const gained = now.map((bucket) => ({ ...bucket, count: bucket.count - sumWithin(before, bucket) }));
  const isSame = total(before) <= total(now) && total(gained) === total(now) - total(before);
  return isSame && gained.every(({ count }) => count >= 0) ? gained : now;
}

export function onGrid(buckets: NativeBuckets): HistogramTally {
  const counts = new Array<number>(GRID.length + 1).fill(0);
  for (const { right, count } of buckets) {
    const found = GRID.findIndex((bound) => right <= bound * (1 + ROUNDING));
    const at = found === -1 ? GRID.length : found;
    counts[at] = (counts[at] ?? 0) + count;
  }
  return { type: 'histogram', bounds: GRID, counts };
}

export function total(buckets: NativeBuckets): number {
  return buckets.reduce((sum, { count }) => sum + count, 0);
}

/** Buckets only ever grow together, so that an older one lies inside a newer one. */
function sumWithin(before: NativeBuckets, { left, right }: NativeBucket): number {
  const slack = ROUNDING * Math.max(Math.abs(left), Math.abs(right));
  return total(before.filter((one) => one.left >= left - slack && one.right <= right + slack));
}

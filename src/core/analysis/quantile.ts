import type { Ratio } from '../units.ts';

export interface Quantile {
  readonly value: number;
  /** True when it lies above every bound, so that `value`, the highest bound, is only its lower end. */
  readonly open: boolean;
}

/**
 * A quantile of a histogram, interpolated inside its bucket as Prometheus' `histogram_quantile` does: events
 * are taken as spread evenly, and the lowest bucket as starting at 0. For people to read; no decision rests on
 * it, because what is inside a bucket is not known. Null without events.
 */
export function quantileOf(
  bounds: readonly number[],
  counts: readonly number[],
  quantile: Ratio,
): Quantile | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const highest = bounds.at(-1);
  if (total <= 0 || highest === undefined) return null;
  const rank = quantile * total;
  let below = 0;
  for (const [i, upper] of bounds.entries()) {
    const count = counts[i] ?? 0;
    if (count > 0 && below + count >= rank) {
      const lower = i === 0 ? Math.min(0, upper) : (bounds[i - 1] ?? 0);
      return { value: lower + ((upper - lower) * Math.max(0, rank - below)) / count, open: false };
    }
    below += count;
  }
  return { value: highest, open: true };
}

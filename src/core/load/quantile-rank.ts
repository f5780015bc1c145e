import type { Ratio } from '../units.ts';

/** How sure one must be that a quantile is not above what is told. */
export const CONFIDENCE: Ratio = 0.95;
/** Above this count the binomial distribution is taken by its normal limit, which is off by less than a rank. */
const EXACT = 5_000;
const Z = 1.6448536269514722;

/**
 * The rank, of `count` values in order, that is with 95 % certainty not below the quantile of what they were drawn
 * from; null where even the largest is not. It needs no shape of the distribution: the smallest r for which a
 * binomial variable B(count, quantile) stays below r with that certainty (Conover, "Practical Nonparametric
 * Statistics", section 3.2; Hahn and Meeker, "Statistical Intervals", section 5.2).
 */
export function upperRank(count: number, quantile: Ratio): number | null {
  if (count < fewest(quantile)) return null;
  if (count > EXACT) {
    const spread = Math.sqrt(count * quantile * (1 - quantile));
    return Math.min(count, Math.ceil(count * quantile + Z * spread + 0.5));
  }
  let below = 0;
  let term = count * Math.log1p(-quantile);
  for (let rank = 1; rank <= count; rank += 1) {
    below += Math.exp(term);
    if (below >= CONFIDENCE) return rank;
    term += Math.log((count - rank + 1) / rank) + Math.log(quantile) - Math.log1p(-quantile);
  }
  return null;
}

/** The fewest values of which the largest is with that certainty not below the quantile: 59 for a P95, 299 for a P99. */
export function fewest(quantile: Ratio): number {
  return Math.ceil(Math.log(1 - CONFIDENCE) / Math.log(quantile) - 1e-9);
}

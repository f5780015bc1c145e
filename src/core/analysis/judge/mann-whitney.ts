import { findRoot } from './brent.ts';
import { rankTogether } from './ranks.ts';

/** How far the canary's values lie above stable's, in the unit of the values. */
export interface Shift {
  readonly lower: number;
  readonly upper: number;
  readonly estimate: number;
}

/** Quantile of the normal distribution that leaves 1 % above: both ends of a confidence interval of 98 %. */
export const Z98 = 2.3263478740408408;

/**
 * Confidence interval and estimate of the shift between two samples, after Mann, Whitney, Hodges and Lehmann: all
 * shifts that the rank test would not reject, by its normal approximation with corrections for ties and continuity,
 * as R's `wilcox.test(exact = FALSE, conf.int = TRUE)` has it. The estimate keeps the continuity correction, which
 * R drops there. Null when there is none: no values, or one equal value in each sample after every shift.
 */
export function estimateShift(
  canary: readonly number[],
  stable: readonly number[],
  z: number = Z98,
): Shift | null {
  if (canary.length === 0 || stable.length === 0 || canary.length + stable.length < 3) return null;
  const [lowest, highest] = [least(canary) - most(stable), most(canary) - least(stable)];
  const [atLowest, atHighest] = [score(canary, stable, lowest), score(canary, stable, highest)];
  if (![lowest, highest, atLowest, atHighest].every(Number.isFinite)) return null;
  const rootOf = (quantile: number): number =>
    findRoot(
      (shift) => score(canary, stable, shift) - quantile,
      lowest,
      highest,
      atLowest - quantile,
      atHighest - quantile,
    );
  const boundOf = (quantile: number): number => {
    if (atLowest <= quantile) return lowest;
    return atHighest >= quantile ? highest : rootOf(quantile);
  };
  return { lower: boundOf(z), upper: boundOf(-z), estimate: rootOf(0) };
}

/** The rank test's deviation from "they differ by `shift`", in standard deviations; NaN when all values are tied. */
export function score(canary: readonly number[], stable: readonly number[], shift: number): number {
  const [m, n] = [canary.length, stable.length];
  const { firstSum, ties } = rankTogether(
    canary.map((value) => value - shift),
    stable,
  );
  const deviation = firstSum - (m * (m + 1)) / 2 - (m * n) / 2;
  const variance = ((m * n) / 12) * (m + n + 1 - ties / ((m + n) * (m + n - 1)));
  return variance > 0 ? (deviation - Math.sign(deviation) * 0.5) / Math.sqrt(variance) : Number.NaN;
}

function least(values: readonly number[]): number {
  return values.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
}

function most(values: readonly number[]): number {
  return values.reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY);
}

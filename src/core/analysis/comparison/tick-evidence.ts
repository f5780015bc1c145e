import type { Milliseconds, Ratio } from '../../units.ts';

/** What one tick showed in one stream: bad events among all events, per arm. Increments, never running totals. */
export interface StreamCounts {
  readonly canaryBad: number;
  readonly canaryTotal: number;
  readonly stableBad: number;
  readonly stableTotal: number;
}

/** The canary is tolerated as long as its bad share is at most `ratio` times the stable one plus `share`. */
export interface Tolerance {
  readonly ratio: number;
  readonly share: Ratio;
}

/**
 * Log of the one-tick e-value against `canary share <= ratio * stable share + share`, for one alternative rate ratio.
 * With an alternative below the tolerance's ratio it tests the opposite (non-inferiority).
 * It is an e-value for whatever stable share the tick had, so that a wave that hits both arms proves nothing.
 */
export function logTickEvidence(counts: StreamCounts, tolerance: Tolerance, alternative: number): number {
  const { canaryBad, canaryTotal, stableBad, stableTotal } = counts;
  if (canaryTotal <= 0 || stableTotal <= 0) return 0;
  const bet = ((alternative - tolerance.ratio) * canaryTotal) / (alternative * canaryTotal + stableTotal);
  const raise = (bet * stableTotal) / (tolerance.ratio * canaryTotal);
  const tolerated = (tolerance.share * bet * stableTotal) / tolerance.ratio;
  return canaryBad * Math.log1p(raise) + stableBad * Math.log1p(-bet) - tolerated;
}

/** Counts that a sound provider can give; anything else is a data error and never evidence. */
export function isSound(counts: StreamCounts): boolean {
  const { canaryBad, canaryTotal, stableBad, stableTotal } = counts;
  return isShare(canaryBad, canaryTotal) && isShare(stableBad, stableTotal);
}

function isShare(bad: number, total: number): boolean {
  return Number.isFinite(bad) && Number.isFinite(total) && bad >= 0 && bad <= total;
}

/** Most log evidence that one tick may add: no single tick convicts. 3 nats at 10 s, 4.5 at 15 s and more. */
export function tickCap(tick: Milliseconds): number {
  return 9 / Math.max(2, Math.ceil(30_000 / tick));
}

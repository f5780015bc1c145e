import type { Slot } from '../../../core/rollout/record.ts';
import type { Shares } from '../../../ports/traffic-router.ts';

/** The largest weight of a server. */
const MOST = 256;

/** How many servers each slot has. */
export type Counts = Readonly<Record<Slot, number>>;

/**
 * Whole weights from 0 to 256, one for every server of a slot, that come closest to the shares. A slot with a
 * share never gets 0. Shares are per cent and add up to 100.
 */
export function weightsFor(shares: Shares, counts: Counts): Counts {
  const [large, small]: readonly [Slot, Slot] = shares.a >= shares.b ? ['a', 'b'] : ['b', 'a'];
  const ratio = (shares[small] * counts[large]) / (shares[large] * counts[small]);
  const begin = Math.min(MOST, Math.max(1, Math.round(shares[large])));
  let best = { error: Number.POSITIVE_INFINITY, large: begin, small: 0 };
  for (let weight = begin, left = MOST; left > 0; left -= 1, weight = weight === 1 ? MOST : weight - 1) {
    const other = shares[small] === 0 ? 0 : Math.max(1, Math.round(weight * ratio));
    if (other > MOST) continue;
    const error = Math.abs(other / weight - ratio);
    if (error < best.error - 1e-12) best = { error, large: weight, small: other };
  }
  return large === 'a' ? { a: best.large, b: best.small } : { a: best.small, b: best.large };
}

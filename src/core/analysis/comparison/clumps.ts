import type { Milliseconds } from '../../units.ts';
import type { Sums } from './dispersion.ts';
import { faded, NOTHING, shareResidual } from './dispersion.ts';
import type { StreamCounts } from './tick-evidence.ts';

interface ClumpScale {
  /** Long, exponentially weighted sums of earlier blocks. */
  readonly past: Sums;
  readonly block: Sums;
  readonly elapsed: Milliseconds;
  /** Weight and weighted sum of the stable arm's squared residuals: its index of dispersion. */
  readonly index: readonly [number, number];
  /** Weight, sum and sum of squares of what both arms did together: a shared wave is no clump. */
  readonly shared: readonly [number, number, number];
  /** Weight and sum of the canary's share residuals, for blocks with too many events for the index. */
  readonly dense: readonly [number, number];
}

/**
 * How the stable arm's events clump, at 10, 60 and 180 s. The stable arm has most of the events, and one retrying
 * client shows there long before the canary meets its own. Plain JSON of fixed size.
 */
export type Clumps = readonly ClumpScale[];

const SPANS: readonly Milliseconds[] = [10_000, 60_000, 180_000];
const MEMORY: Milliseconds = 900_000;
const INDEX_WINSOR = 60;
const SHARE_WINSOR = 16;
/** Above so many stable events in 10 s rates vary by more than clumps, and the canary's share speaks instead. */
const DENSE = 6;
const SUSPICION = { factor: 14, weight: 4 };
const PRIOR_WEIGHT = 3;

export function noClumps(): Clumps {
  return SPANS.map(() => ({
    past: NOTHING,
    block: NOTHING,
    elapsed: 0,
    index: [0, 0],
    shared: [0, 0, 0],
    dense: [0, 0],
  }));
}

/** What the evidence should be divided by, as far as the stable arm shows: the largest over the scales, 1 to 50. */
export function clumpFactor(clumps: Clumps): number {
  let factor = 1;
  for (const scale of clumps) factor = Math.max(factor, indexOf(scale));
  return Math.min(50, factor);
}

/** A factor that starts at 14 and falls only as minutes without clumps are seen: for evidence nothing else backs. */
export function suspicionFactor(clumps: Clumps): number {
  const minute = clumps[1];
  if (minute === undefined) return SUSPICION.factor;
  const weight = SUSPICION.weight + minute.index[0] + minute.dense[0];
  return (SUSPICION.weight * SUSPICION.factor + minute.index[1] + minute.dense[1]) / weight;
}

/** Whether there are so many events that a clump is small among them. */
export function isDense(clumps: Clumps): boolean {
  const minute = clumps[1];
  return minute !== undefined && minute.dense[0] > minute.index[0];
}

function indexOf(scale: ClumpScale): number {
  const seen = (scale.index[1] + PRIOR_WEIGHT) / (scale.index[0] + PRIOR_WEIGHT);
  const [weight, sum, squares] = scale.shared;
  if (weight <= 1) return seen;
  const together = (sum - 2 * Math.sqrt(squares)) / (weight + PRIOR_WEIGHT);
  return seen - Math.max(0, together);
}

export function learnClumps(clumps: Clumps, counts: StreamCounts, tick: Milliseconds): Clumps {
  return clumps.map((scale, at) => learnScale(scale, Math.max(tick, SPANS[at] ?? tick), counts, tick));
}

function learnScale(
  scale: ClumpScale,
  span: Milliseconds,
  counts: StreamCounts,
  tick: Milliseconds,
): ClumpScale {
  const [a, b, c, d] = scale.block;
  const { canaryBad, canaryTotal, stableBad, stableTotal } = counts;
  const block: Sums = [a + canaryBad, b + canaryTotal, c + stableBad, d + stableTotal];
  const elapsed = scale.elapsed + tick;
  if (elapsed < span - tick / 2) return { ...scale, block, elapsed };
  const keep = Math.exp(-elapsed / Math.max(MEMORY, 3 * span));
  return {
    past: faded(scale.past, keep, block),
    block: NOTHING,
    elapsed: 0,
    ...score(scale, block, elapsed),
  };
}

function score(
  scale: ClumpScale,
  block: Sums,
  span: Milliseconds,
): Pick<ClumpScale, 'index' | 'shared' | 'dense'> {
  const { past, index, shared, dense } = scale;
  if (past[3] <= 0 || block[3] <= 0) return { index, shared, dense };
  const expected = ((past[2] + 0.5) / (past[3] + 1)) * block[3];
  if ((expected * 10_000) / span >= DENSE) return { index, shared, dense: scoreDense(dense, past, block) };
  const weight = Math.min(1, expected);
  const excess = block[2] - expected;
  const residual = (excess * excess) / expected / (1 + block[3] / past[3]);
  const bounded = Math.min(INDEX_WINSOR, residual);
  return {
    index: [index[0] + weight, index[1] + weight * bounded],
    shared: scoreShared(shared, past, block, { expected, excess, weight }),
    dense,
  };
}

function scoreDense(dense: readonly [number, number], past: Sums, block: Sums): readonly [number, number] {
  const residual = shareResidual(past, block);
  if (residual === null || residual.variance < 4) return dense;
  return [dense[0] + 1, dense[1] + Math.min(SHARE_WINSOR, residual.squared)];
}

interface Excess {
  readonly expected: number;
  readonly excess: number;
  readonly weight: number;
}

/** The product of both arms' excesses: zero on average when each arm clumps for itself, large when a wave hits both. */
function scoreShared(
  shared: readonly [number, number, number],
  past: Sums,
  block: Sums,
  stable: Excess,
): readonly [number, number, number] {
  if (past[1] <= 0 || block[1] <= 0) return shared;
  const prior = (0.5 * past[1]) / (past[1] + past[3]);
  const expected = ((past[0] + prior) / past[1]) * block[1];
  const scale = Math.max(expected, (stable.expected * block[1]) / block[3]);
  const product = (stable.weight * stable.excess * (block[0] - expected)) / scale;
  const bounded = Math.max(-INDEX_WINSOR, Math.min(INDEX_WINSOR, product));
  return [shared[0] + stable.weight, shared[1] + bounded, shared[2] + bounded * bounded];
}

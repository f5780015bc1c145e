import type { Milliseconds } from '../../units.ts';
import type { StreamCounts } from './tick-evidence.ts';

/** Running sums of both arms: canary bad, canary total, stable bad, stable total. */
export type Sums = readonly [number, number, number, number];

/** Weights, and weighted squared residuals. */
type Residuals = readonly [weights: number, squares: number];

/**
 * One time scale: exponentially weighted sums of earlier blocks, the block that is being filled and its ticks, and
 * residuals of the canary's share of events and of the stable arm's index of dispersion.
 */
type ScaleState = readonly [past: Sums, block: Sums, ticks: number, share: Residuals, index: Residuals];

/** How clumped the events of a stream have been so far, per time scale. Plain JSON of fixed size. */
export type Dispersion = readonly ScaleState[];

interface Scale {
  readonly span: Milliseconds;
  /** Largest squared residual that counts. */
  readonly winsor: number;
}

const SCALES: readonly Scale[] = [
  { span: 10_000, winsor: 16 },
  { span: 60_000, winsor: 9 },
  { span: 180_000, winsor: 9 },
];
const PRIOR_WEIGHT = 3;
const MEMORY: Milliseconds = 95_000;
const INDEX_WINSOR = 9;
const SPARSE = 3;
const SHRINK = 2;
export const NOTHING: Sums = [0, 0, 0, 0];

export function noDispersion(prior: number): Dispersion {
  const start: Residuals = [PRIOR_WEIGHT, PRIOR_WEIGHT * prior];
  return SCALES.map(() => [NOTHING, NOTHING, 0, start, start] as const);
}

/** Divisor of the log evidence, 1 to 50, from earlier ticks only. */
export function dispersionFactor(dispersion: Dispersion): number {
  let factor = 1;
  for (const scale of dispersion) {
    const [share, index] = [scale[3], scale[4]];
    factor = Math.max(factor, share[1] / share[0], index[1] / index[0]);
  }
  return Math.min(50, factor);
}

/** The part of it that the canary's share shows at 10 and 60 s, believed in more slowly: against a prior of weight 6. */
export function shareFactor(dispersion: Dispersion): number {
  let factor = 1;
  for (const scale of dispersion.slice(0, 2)) {
    const share = scale[3];
    factor = Math.max(factor, (share[1] + PRIOR_WEIGHT) / (share[0] + PRIOR_WEIGHT));
  }
  return Math.min(50, factor);
}

/** Learns from one tick. `judged` is false while the stream warms up: the arms may differ then for good reasons. */
export function learnDispersion(
  dispersion: Dispersion,
  counts: StreamCounts,
  tick: Milliseconds,
  judged: boolean,
): Dispersion {
  return SCALES.map((scale, index) => learnScale(scale, dispersion[index], counts, tick, judged));
}

function learnScale(
  scale: Scale,
  state: ScaleState | undefined,
  counts: StreamCounts,
  tick: Milliseconds,
  judged: boolean,
): ScaleState {
  if (state === undefined) throw new Error(`expected dispersion state for the ${scale.span} ms scale`);
  const { canaryBad, canaryTotal, stableBad, stableTotal } = counts;
  const [past, [a, b, c, d], ticks, share, index] = state;
  const block: Sums = [a + canaryBad, b + canaryTotal, c + stableBad, d + stableTotal];
  const size = Math.max(1, Math.round(scale.span / tick));
  if (ticks + 1 < size) return [past, block, ticks + 1, share, index];
  const keep = Math.exp(-(size * tick) / Math.max(MEMORY, 3 * size * tick));
  return [
    faded(past, keep, block),
    NOTHING,
    0,
    judged ? addResidual(share, shareResidual(past, block), scale.winsor) : share,
    addResidual(index, indexResidual(past, block), INDEX_WINSOR),
  ];
}

/** Sums and residuals to a millionth, so that the state stays short: any factor of at least 1 is a valid one. */
export function shortened(dispersion: Dispersion): Dispersion {
  return dispersion.map((scale) => {
    if (scale[2] > 0) return scale;
    const [[a, b, c, d], block, ticks, share, index] = scale;
    const past: Sums = [millionths(a), millionths(b), millionths(c), millionths(d)];
    return [past, block, ticks, weighed(share), weighed(index)];
  });
}

function weighed([weights, squares]: Residuals): Residuals {
  return [millionths(weights), millionths(squares)];
}

function millionths(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

/** The earlier blocks as they fade, with one more. */
export function faded([a, b, c, d]: Sums, keep: number, block: Sums): Sums {
  return [keep * a + block[0], keep * b + block[1], keep * c + block[2], keep * d + block[3]];
}

interface Residual {
  readonly squared: number;
  readonly variance: number;
}

/** How far the canary's share of the block's bad events lies from what the running rate ratio foretells. */
export function shareResidual(past: Sums, block: Sums): Residual | null {
  const bad = block[0] + block[2];
  if (past[1] <= 0 || past[3] <= 0 || block[1] <= 0 || block[3] <= 0 || bad <= 0) return null;
  const pooled = (past[0] + past[2] + 0.5) / (past[1] + past[3] + 1);
  const ratio =
    (past[0] + SHRINK) / (past[1] + SHRINK / pooled) / ((past[2] + SHRINK) / (past[3] + SHRINK / pooled));
  const share = (ratio * block[1]) / (ratio * block[1] + block[3]);
  const variance = bad * share * (1 - share);
  // A share that rounds to 1 foretells the whole block: no count could surprise.
  if (variance <= 0) return null;
  return { squared: (block[0] - bad * share) ** 2 / variance, variance };
}

/** For sparse events, how far the stable arm's count lies from its own running rate. */
function indexResidual(past: Sums, block: Sums): Residual | null {
  const expected = ((past[2] + 0.5) / (past[3] + 1)) * block[3];
  if (past[3] <= 0 || expected <= 0 || expected >= SPARSE) return null;
  return { squared: (block[2] - expected) ** 2 / expected, variance: expected };
}

function addResidual(sums: Residuals, residual: Residual | null, winsor: number): Residuals {
  if (residual === null) return sums;
  const weight = Math.min(1, residual.variance);
  return [sums[0] + weight, sums[1] + weight * Math.min(winsor, residual.squared)];
}

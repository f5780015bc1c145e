import type { Milliseconds } from '../../units.ts';
import type { StreamCounts } from './tick-evidence.ts';

/** Running sums of both arms: canary bad, canary total, stable bad, stable total. */
export type Sums = readonly [number, number, number, number];

interface ScaleState {
  /** Exponentially weighted sums of earlier blocks. */
  readonly past: Sums;
  /** The block that is being filled. */
  readonly block: Sums;
  readonly ticks: number;
  /** Weights and weighted squared residuals of the canary's share of events. */
  readonly share: readonly [number, number];
  /** The same for the stable arm's index of dispersion. */
  readonly index: readonly [number, number];
}

/** How clumped the events of a stream have been so far, per time scale. Plain JSON of fixed size. */
export interface Dispersion {
  readonly scales: readonly ScaleState[];
}

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
  const start: readonly [number, number] = [PRIOR_WEIGHT, PRIOR_WEIGHT * prior];
  return {
    scales: SCALES.map(() => ({ past: NOTHING, block: NOTHING, ticks: 0, share: start, index: start })),
  };
}

/** Divisor of the log evidence, 1 to 50, from earlier ticks only. */
export function dispersionFactor(dispersion: Dispersion): number {
  let factor = 1;
  for (const { share, index } of dispersion.scales) {
    factor = Math.max(factor, share[1] / share[0], index[1] / index[0]);
  }
  return Math.min(50, factor);
}

/** The part of it that the canary's share shows at 10 and 60 s, believed in more slowly: against a prior of weight 6. */
export function shareFactor(dispersion: Dispersion): number {
  let factor = 1;
  for (const { share } of dispersion.scales.slice(0, 2)) {
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
  return {
    scales: SCALES.map((scale, index) => learnScale(scale, dispersion.scales[index], counts, tick, judged)),
  };
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
  const [a, b, c, d] = state.block;
  const block: Sums = [a + canaryBad, b + canaryTotal, c + stableBad, d + stableTotal];
  const size = Math.max(1, Math.round(scale.span / tick));
  if (state.ticks + 1 < size) return { ...state, block, ticks: state.ticks + 1 };
  const keep = Math.exp(-(size * tick) / Math.max(MEMORY, 3 * size * tick));
  const [pa, pb, pc, pd] = state.past;
  return {
    past: [keep * pa + block[0], keep * pb + block[1], keep * pc + block[2], keep * pd + block[3]],
    block: NOTHING,
    ticks: 0,
    share: judged ? addResidual(state.share, shareResidual(state.past, block), scale.winsor) : state.share,
    index: addResidual(state.index, indexResidual(state.past, block), INDEX_WINSOR),
  };
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
  return { squared: (block[0] - bad * share) ** 2 / variance, variance };
}

/** For sparse events, how far the stable arm's count lies from its own running rate. */
function indexResidual(past: Sums, block: Sums): Residual | null {
  const expected = ((past[2] + 0.5) / (past[3] + 1)) * block[3];
  if (past[3] <= 0 || expected <= 0 || expected >= SPARSE) return null;
  return { squared: (block[2] - expected) ** 2 / expected, variance: expected };
}

function addResidual(
  sums: readonly [number, number],
  residual: Residual | null,
  winsor: number,
): readonly [number, number] {
  if (residual === null) return sums;
  const weight = Math.min(1, residual.variance);
  return [sums[0] + weight, sums[1] + weight * Math.min(winsor, residual.squared)];
}

import type { ArmSamples, EffectRules, JudgedMetric } from './config.ts';
import { estimateShift, type Shift } from './mann-whitney.ts';
import { mean, percentile, prepare } from './prepare.ts';
import { rankTogether } from './ranks.ts';

/** Kayenta's own words, as its users know them. */
export type Classification = 'Pass' | 'High' | 'Low' | 'Nodata' | 'NodataFailMetric' | 'Error';

export interface MetricResult<M extends JudgedMetric = JudgedMetric> {
  readonly metric: M;
  readonly classification: Classification;
  /** True when this metric alone fails the canary. */
  readonly critical: boolean;
  /** Canary's mean over stable's; NaN when either is 0, 1 when nothing was compared. */
  readonly ratio: number;
  /** Of the values that were judged; null without any. */
  readonly medians: { readonly canary: number | null; readonly stable: number | null };
}

type Outcome = Pick<MetricResult, 'classification' | 'critical' | 'ratio'>;

/** The interval must lie beyond this part of the estimate. Fixed in Kayenta. */
const TOLERANCE = 0.25;
/** Kayenta tells two constants apart after adding noise of this relative size. */
const NOISE = 1e-5;

const PASS: Outcome = { classification: 'Pass', critical: false, ratio: 1 };

/** Whether the canary's values lie above or below stable's. Fewer than `fewest` values in an arm are no data. */
export function classify<M extends JudgedMetric>(
  metric: M,
  samples: ArmSamples,
  fewest: number,
): MetricResult<M> {
  const canary = prepare(samples.canary, metric);
  const stable = prepare(samples.stable, metric);
  const medians = { canary: medianOf(canary), stable: medianOf(stable) };
  return { metric, medians, ...outcomeOf(metric, canary, stable, Math.max(1, fewest)) };
}

function outcomeOf(
  metric: JudgedMetric,
  canary: readonly number[],
  stable: readonly number[],
  fewest: number,
): Outcome {
  if (canary.length < fewest || stable.length < fewest) return withoutData(metric);
  if (canary.length === stable.length && canary.every((value, i) => value === stable[i])) return PASS;
  if (isConstant([...canary, ...stable])) return PASS;
  const shift = shiftOf(canary, stable);
  if (shift === null) return { classification: 'Error', critical: false, ratio: 1 };
  const ratio = meanRatio(canary, stable);
  const effect = metric.effect.measure === 'cles' ? higherShare(canary, stable) : ratio;
  const classification = sideOf(metric, shift, effect);
  return { classification, critical: metric.critical && isCritical(classification, effect, metric), ratio };
}

function withoutData({ missing, mustHaveData, critical }: JudgedMetric): Outcome {
  if (missing === 'replace') return PASS;
  if (mustHaveData && !critical) return { ...PASS, classification: 'NodataFailMetric' };
  return { ...PASS, classification: 'Nodata', critical };
}

function isConstant(values: readonly number[]): boolean {
  return values.every((value) => value === values[0]);
}

/**
 * Two constants are told apart by their difference itself, which is where Kayenta's noise leads as well, unless
 * that noise would drown it.
 */
function shiftOf(canary: readonly number[], stable: readonly number[]): Shift | null {
  const [one = 0] = canary;
  const [other = 0] = stable;
  if (canary.length + stable.length < 3 || !isConstant(canary) || !isConstant(stable)) {
    return estimateShift(canary, stable);
  }
  const difference =
    Math.abs(one - other) > NOISE * Math.max(Math.abs(one), Math.abs(other)) ? one - other : 0;
  return { lower: difference, upper: difference, estimate: difference };
}

function sideOf({ direction, effect: rules }: JudgedMetric, shift: Shift, effect: number): Classification {
  const bound = TOLERANCE * Math.abs(shift.estimate);
  if (direction !== 'decrease' && shift.lower > bound && isAtLeast(effect, rules.allowedIncrease))
    return 'High';
  if (direction !== 'increase' && shift.upper < -bound && isAtMost(effect, rules.allowedDecrease))
    return 'Low';
  return 'Pass';
}

function isCritical(
  classification: Classification,
  effect: number,
  { effect: rules }: { readonly effect: EffectRules },
): boolean {
  if (classification === 'High') return isAtLeast(effect, rules.criticalIncrease);
  return classification === 'Low' && isAtMost(effect, rules.criticalDecrease);
}

/** An effect that cannot be told is taken for a large one. */
function isAtLeast(effect: number, limit: number): boolean {
  return Number.isNaN(effect) || effect >= limit;
}

function isAtMost(effect: number, limit: number): boolean {
  return Number.isNaN(effect) || effect <= limit;
}

function meanRatio(canary: readonly number[], stable: readonly number[]): number {
  const [above, below] = [mean(canary), mean(stable)];
  return above === 0 || below === 0 ? Number.NaN : above / below;
}

/** Chance that a canary value is above a stable one, ties counting half: Vargha and Delaney's A. */
function higherShare(canary: readonly number[], stable: readonly number[]): number {
  const [m, n] = [canary.length, stable.length];
  return (2 * rankTogether(canary, stable).firstSum - m * (m + 1)) / (2 * m * n);
}

function medianOf(sorted: readonly number[]): number | null {
  return sorted.length === 0 ? null : percentile(sorted, 0.5);
}

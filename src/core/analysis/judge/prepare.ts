import type { Ratio } from '../../units.ts';
import type { JudgedMetric } from './config.ts';

/** The values that are judged, ascending: missing ones replaced or left out, outliers left out where asked. */
export function prepare(
  values: readonly number[],
  { missing, outlierFactor }: Pick<JudgedMetric, 'missing' | 'outlierFactor'>,
): readonly number[] {
  const there = missing === 'remove' ? values.filter((value) => !Number.isNaN(value)) : values.map(orZero);
  const sorted = there.toSorted((one, other) => one - other);
  return outlierFactor === null ? sorted : withoutOutliers(sorted, outlierFactor);
}

function orZero(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}

/** Fences `factor` interquartile ranges beyond the quartiles, but never inside the 1st and 99th percentile. */
function withoutOutliers(sorted: readonly number[], factor: number): readonly number[] {
  const [first, third] = [percentile(sorted, 0.25), percentile(sorted, 0.75)];
  const reach = factor * (third - first);
  const low = Math.min(percentile(sorted, 0.01), first - reach);
  const high = Math.max(percentile(sorted, 0.99), third + reach);
  return sorted.filter((value) => value >= low && value <= high);
}

/** R's type 7, of ascending values; NaN of none. */
export function percentile(sorted: readonly number[], share: Ratio): number {
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? below;
  return below + (position - Math.floor(position)) * (above - below);
}

/** Corrected for the rounding of the first pass. */
export function mean(values: readonly number[]): number {
  const rough = values.reduce((sum, value) => sum + value, 0) / values.length;
  return rough + values.reduce((sum, value) => sum + (value - rough), 0) / values.length;
}

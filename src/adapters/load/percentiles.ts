import type { Latency } from '../../core/load/load-run.ts';
import type { Milliseconds } from '../../core/units.ts';

type Percentiles = readonly { readonly quantile: number; readonly ms: Milliseconds }[];

/** The tool's own percentiles, by rising quantile. */
export function toldPercentiles(percentiles: Percentiles, max: Milliseconds | null): Latency {
  return {
    kind: 'percentiles',
    percentiles: percentiles
      .map(({ quantile, ms }) => ({ quantile: Number(quantile.toFixed(9)), ms: Number(ms.toFixed(6)) }))
      .sort((one, other) => one.quantile - other.quantile),
    max,
  };
}

/**
 * What is wrong with them, in words; null when nothing is: a latency that falls while its quantile rises, one above
 * the maximum, one that is no number. The slack is for tools that round them one by one.
 */
export function disorderOf(latency: Latency, slack = 0.01): string | null {
  if (latency.kind === 'histogram') return null;
  let [most, under] = [0, 'nothing'];
  for (const { quantile, ms } of latency.percentiles) {
    const name = `P${Number((quantile * 100).toFixed(4))}`;
    if (!(ms >= 0) || !Number.isFinite(ms)) return `${name} of ${ms} ms`;
    if (ms < most * (1 - slack) - slack) return `${name} of ${ms} ms below ${under} of ${most} ms`;
    if (latency.max !== null && ms > latency.max * (1 + slack) + slack) {
      return `${name} of ${ms} ms above the maximum of ${latency.max} ms`;
    }
    [most, under] = [ms, name];
  }
  return null;
}

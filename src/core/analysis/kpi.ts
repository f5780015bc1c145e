import type { Milliseconds, Ratio } from '../units.ts';

export type Comparator = '<=' | '<' | '>=' | '>';

/** `> 800 ms`: a comparator and a value in the KPI's own unit (ratios as 0 to 1, times in milliseconds). */
export interface Limit {
  readonly comparator: Comparator;
  readonly value: number;
}

export type Unit = 'ms' | 'ratio' | 'count' | 'number';

/** What to do while a KPI says nothing: wait for `budget`, then do as `then` says. */
export interface NoDataPolicy {
  readonly budget: Milliseconds;
  readonly then: 'abort' | 'wait' | 'pass-with-warning';
}

/**
 * A named measure. `target` is where it should be, `alert` is where the rollout must end.
 * - `ratio`: bad events of all events, from counters; `counts` says which of the two the limits speak of.
 * - `quantile`: of a histogram.
 * - `gauge`: the value itself.
 * - `never`: events of which not one may happen.
 */
export interface Kpi {
  readonly id: string;
  readonly title: string;
  readonly type: 'ratio' | 'quantile' | 'gauge' | 'never';
  readonly unit: Unit;
  /** For a ratio: whether its limits speak of good events (`booking success >= 98 %`) or of bad ones. */
  readonly counts: 'good' | 'bad';
  /** For a quantile: which one, 0 to 1. */
  readonly quantile: Ratio;
  readonly target: Limit | null;
  readonly alert: Limit;
  /** How long the KPI must stay beyond the alert limit before it decides. */
  readonly for: Milliseconds;
  /** The KPI's value is taken over this trailing window. */
  readonly window: Milliseconds;
  /** Events the canary must have shown before the KPI may accuse it, and before a bake may pass. */
  readonly minSamples: number;
  /** Time after the start of a step in which the KPI accuses nobody. */
  readonly warmUp: Milliseconds;
  /** `per-arm`: each version has its own value. `shared`: one value for the environment. */
  readonly scope: 'per-arm' | 'shared';
  readonly noData: NoDataPolicy;
  /** How long the provider may fail before the rollout ends. */
  readonly errorBudget: Milliseconds;
}

export function isBeyond(value: number, limit: Limit): boolean {
  switch (limit.comparator) {
    case '>':
      return value > limit.value;
    case '>=':
      return value >= limit.value;
    case '<':
      return value < limit.value;
    case '<=':
      return value <= limit.value;
  }
}

/** Writes a KPI value with its unit: `812 ms`, `2.41 %`, `3`. */
export function formatValue(value: number, unit: Unit): string {
  if (!Number.isFinite(value)) return 'no value';
  if (unit === 'ratio') return `${trim(value * 100, 2)} %`;
  if (unit === 'ms')
    return value >= 10_000 ? `${trim(value / 1_000, 1)} s` : `${trim(value, value < 10 ? 1 : 0)} ms`;
  return trim(value, 2);
}

export function formatLimit(limit: Limit, unit: Unit): string {
  return `${limit.comparator} ${formatValue(limit.value, unit)}`;
}

function trim(value: number, digits: number): string {
  return Number(value.toFixed(digits)).toLocaleString('en-US', { maximumFractionDigits: digits });
}

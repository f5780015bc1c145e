import type { Milliseconds, Ratio } from '../units.ts';
import type { LimitPolicy } from './policy.ts';

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
 * - `never`: events of which not one may happen; `alert` and `window` do not matter, `for` is how long one counts.
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
  /**
   * Events the canary must have shown before the KPI may accuse it, and, after the warm-up of a step, before
   * its bake may pass. A gauge has readings instead of events and needs two; `never` accuses at the first event.
   */
  readonly minSamples: number;
  /** Time after the start of a step in which the KPI accuses nobody. */
  readonly warmUp: Milliseconds;
  /** `per-arm`: each version has its own value. `shared`: one value for the environment. */
  readonly scope: 'per-arm' | 'shared';
  readonly noData: NoDataPolicy;
  /** How long the provider may fail before the rollout ends. */
  readonly errorBudget: Milliseconds;
  /** Judges the KPI by measurements, one per interval, instead of by a guardrail with its `for`. */
  readonly policy?: LimitPolicy;
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

/** Whether a bake may end without a word of this KPI: only when somebody wrote down that it may. */
export function isRequired(kpi: Kpi): boolean {
  return kpi.noData.then !== 'pass-with-warning';
}

/** Events that a breach must hold before it may accuse. */
export function samplesToAccuse(kpi: Kpi): number {
  return kpi.type === 'ratio' || kpi.type === 'quantile' ? Math.max(1, kpi.minSamples) : 0;
}

/**
 * Events that a step must have shown before its bake may pass on this KPI; readings for a gauge. A KPI that
 * both arms share cannot be short of events, but must have been seen.
 */
export function samplesToPass(kpi: Kpi): number {
  if (!isRequired(kpi)) return 0;
  if (kpi.type === 'never') return kpi.scope === 'shared' ? 0 : kpi.minSamples;
  if (kpi.scope === 'shared') return 1;
  return kpi.type === 'gauge' ? GAUGE_READINGS : Math.max(1, kpi.minSamples);
}

/** One reading of a gauge may be an outlier. */
export const GAUGE_READINGS = 2;

/**
 * The largest share of bad events that a ratio or quantile KPI allows. `P95 > 800 ms` says the same as
 * "more than 5 % are slower than 800 ms"; `booking success < 95 %` the same as "more than 5 % fail".
 */
export function allowedShare(kpi: Kpi): Ratio {
  if (kpi.type === 'quantile') return withoutDust(1 - kpi.quantile);
  return kpi.counts === 'good' ? withoutDust(1 - kpi.alert.value) : kpi.alert.value;
}

/** Whether `bad` of `total` events is more than the alert limit allows; `total` is above 0. */
export function isShareBeyond(bad: number, total: number, kpi: Kpi): boolean {
  const reached = kpi.alert.comparator === '>=' || kpi.alert.comparator === '<=';
  const share = bad / total;
  return reached ? share >= allowedShare(kpi) : share > allowedShare(kpi);
}

/** Why a KPI cannot be judged as it is written; null when it can. */
export function misfit(kpi: Kpi): string | null {
  const { comparator, value } = kpi.alert;
  const wants = kpi.type === 'ratio' && kpi.counts === 'good' ? '<' : '>';
  if (!Number.isFinite(value)) return `its alert limit must be a number, and is ${value}`;
  if (kpi.type !== 'ratio' && kpi.type !== 'quantile') return null;
  if (!comparator.startsWith(wants)) {
    return `its alert limit must be written with ${wants} or ${wants}=, and is written with ${comparator}`;
  }
  if (kpi.type === 'quantile' && !(kpi.quantile > 0 && kpi.quantile < 1)) {
    return `its quantile must lie between 0 and 1, and is ${kpi.quantile}`;
  }
  if (kpi.type === 'ratio' && !(value >= 0 && value <= 1)) {
    return `its alert limit must lie between 0 and 1, and is ${value}`;
  }
  return null;
}

/** 1 - 0.95 is 0.050000000000000044 in binary: five bad of a hundred must count as exactly 5 %. */
function withoutDust(share: Ratio): Ratio {
  return Math.round(share * 1e12) / 1e12;
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

/** Writes a number of events: `7,210`. */
export function formatCount(count: number): string {
  return trim(count, 0);
}

/** Rounded, without idle zeros, with thousands: `7,210`, `2.4`. Intl.NumberFormat takes many times as long. */
function trim(value: number, digits: number): string {
  const text = String(Number.isInteger(value) ? value : Number(value.toFixed(digits)) + 0);
  if (Math.abs(value) < 999 || text.includes('e')) return text;
  const [whole = '', part] = text.split('.');
  const grouped = groupsOfThree(whole);
  return part === undefined ? grouped : `${grouped}.${part}`;
}

/** Of whole numbers with more than three digits. */
function groupsOfThree(digits: string): string {
  let [left, grouped] = [digits.slice(0, -3), digits.slice(-3)];
  while (left !== '' && left !== '-') {
    grouped = `${left.slice(-3)},${grouped}`;
    left = left.slice(0, -3);
  }
  return left + grouped;
}

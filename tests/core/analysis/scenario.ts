import { type Analysis, analyse } from '../../../src/core/analysis/analyse.ts';
import type { ComparisonRules } from '../../../src/core/analysis/comparison/rules.ts';
import type { ShareRule } from '../../../src/core/analysis/evaluator.ts';
import type { Kpi, NoDataPolicy } from '../../../src/core/analysis/kpi.ts';
import type { ArmReadings, Reading, Traffic } from '../../../src/core/analysis/sample.ts';
import { type AnalysisState, enterStep, initialAnalysis } from '../../../src/core/analysis/state.ts';

export const TICK = 10_000;
export const MINUTE = 60_000;

export function whenSilent(policy: NoDataPolicy['then'], budget = 2 * MINUTE): NoDataPolicy {
  // biome-ignore lint/suspicious/noThenProperty: a word of the policy, and nothing to await
  return { budget, then: policy };
}

/** Error rate, alert > 2 % for 5 minutes. */
export function errorRate(over: Partial<Kpi> = {}): Kpi {
  return {
    id: 'error-rate',
    title: 'Error rate',
    type: 'ratio',
    unit: 'ratio',
    counts: 'bad',
    quantile: 0.95,
    target: { comparator: '<=', value: 0.01 },
    alert: { comparator: '>', value: 0.02 },
    for: 5 * MINUTE,
    window: MINUTE,
    minSamples: 50,
    warmUp: 0,
    scope: 'per-arm',
    noData: whenSilent('abort'),
    errorBudget: 2 * MINUTE,
    ...over,
  };
}

export function bookingSuccess(over: Partial<Kpi> = {}): Kpi {
  return errorRate({
    id: 'booking-success',
    title: 'Booking success',
    counts: 'good',
    target: { comparator: '>=', value: 0.98 },
    alert: { comparator: '<', value: 0.95 },
    ...over,
  });
}

export function latency(over: Partial<Kpi> = {}): Kpi {
  return errorRate({
    id: 'latency-p95',
    title: 'API latency P95',
    type: 'quantile',
    unit: 'ms',
    target: { comparator: '<=', value: 500 },
    alert: { comparator: '>', value: 800 },
    ...over,
  });
}

export function connections(over: Partial<Kpi> = {}): Kpi {
  return errorRate({
    id: 'db-connections',
    title: 'Database connections',
    type: 'gauge',
    target: { comparator: '<=', value: 0.8 },
    alert: { comparator: '>', value: 0.9 },
    for: 2 * MINUTE,
    minSamples: 0,
    ...over,
  });
}

export function bookingErrors(over: Partial<Kpi> = {}): Kpi {
  return errorRate({
    id: 'booking-500s',
    title: 'Booking creation 500s',
    type: 'never',
    unit: 'count',
    target: null,
    alert: { comparator: '>', value: 0 },
    minSamples: 0,
    ...over,
  });
}

export const BOUNDS = [100, 200, 300, 500, 800, 1_000, 2_000];

export function events(bad: number, total: number): Reading {
  return { kind: 'data', observation: { type: 'events', bad, total } };
}

export function value(of: number): Reading {
  return { kind: 'data', observation: { type: 'value', value: of } };
}

export function histogram(bounds: readonly number[], counts: readonly number[]): Reading {
  return { kind: 'data', observation: { type: 'histogram', bounds, counts } };
}

/** `fast` events at 100 to 200 ms, `slow` ones at 1 to 2 s. */
export function latencies(fast: number, slow: number, bounds: readonly number[] = BOUNDS): Reading {
  const counts = [...bounds.map(() => 0), 0];
  const at = (ms: number): number => bounds.findIndex((bound) => bound >= ms);
  counts[at(200)] = fast;
  counts[at(2_000)] = slow;
  return histogram(bounds, counts);
}

export const nothing: Reading = { kind: 'no-data', why: 'no series matched' };
export const broken: Reading = { kind: 'error', why: 'HTTP 503' };

export interface Moment {
  readonly kpis?: Readonly<Record<string, Partial<ArmReadings>>>;
  readonly traffic?: Traffic | null;
  readonly elapsed?: number;
}

export interface Setting {
  readonly weight?: number;
  readonly share?: ShareRule | null;
  readonly comparison?: ComparisonRules | null;
  readonly require?: 'non-inferior';
  readonly state?: AnalysisState;
}

export function entered(step = 0): AnalysisState {
  return enterStep(initialAnalysis(), step);
}

/** Plays ticks one after the other and gives back what was said at each. */
export function play(kpis: readonly Kpi[], moments: readonly Moment[], setting: Setting = {}): Analysis[] {
  let state = setting.state ?? entered();
  return moments.map((moment, i) => {
    const sample = {
      at: i * TICK,
      elapsed: moment.elapsed ?? TICK,
      traffic: moment.traffic ?? null,
      kpis: Object.fromEntries(
        Object.entries(moment.kpis ?? {}).map(([id, arms]) => [
          id,
          { canary: nothing, stable: null, ...arms },
        ]),
      ),
    };
    const { weight = 10, share = null, comparison = null, require } = setting;
    const seen = analyse({ kpis, state, sample, weight, share, comparison, require });
    state = seen.state;
    return seen;
  });
}

/** The same readings of one KPI for a number of ticks. */
export function ticks(count: number, id: string, canary: Reading, stable: Reading | null = null): Moment[] {
  return Array.from({ length: count }, () => ({ kpis: { [id]: { canary, stable } } }));
}

export function last<T>(of: readonly T[]): T {
  const value = of.at(-1);
  if (value === undefined) throw new Error('nothing was played');
  return value;
}

/** The first tick that failed, counted from 1; null when none did. */
export function failedAt(played: readonly Analysis[]): number | null {
  const at = played.findIndex(({ verdict }) => verdict.kind === 'fail');
  return at === -1 ? null : at + 1;
}

import type { Kpi } from '../analysis/kpi.ts';
import type { RecordedKpis } from './recording.ts';

const common = {
  counts: 'bad',
  for: 300_000,
  window: 60_000,
  minSamples: 50,
  warmUp: 0,
  scope: 'per-arm',
  // biome-ignore lint/suspicious/noThenProperty: a word of the policy, and nothing to await
  noData: { budget: 120_000, then: 'abort' },
  errorBudget: 120_000,
  quantile: 0.95,
} as const;

/** The handbook's error rate and latency, for recordings that are judged without a configuration. */
export const HANDBOOK_KPIS: readonly Kpi[] = [
  {
    ...common,
    id: 'error-rate',
    title: 'Error rate',
    type: 'ratio',
    unit: 'ratio',
    target: { comparator: '<=', value: 0.01 },
    alert: { comparator: '>', value: 0.02 },
  },
  {
    ...common,
    id: 'api-latency-p95',
    title: 'API latency P95',
    type: 'quantile',
    unit: 'ms',
    target: { comparator: '<=', value: 500 },
    alert: { comparator: '>', value: 800 },
  },
];

/** A recording has one stream of errors and one of latencies: they are those of the first KPI that fits each. */
export function recordedKpis(kpis: readonly Kpi[]): RecordedKpis {
  const first = (type: Kpi['type']): string | null =>
    kpis.find((kpi) => kpi.type === type && kpi.scope === 'per-arm')?.id ?? null;
  return { errors: first('ratio'), latency: first('quantile') };
}

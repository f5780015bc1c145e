import { formatValue, type Kpi } from '../kpi.ts';
import type { MetricResult } from './classify.ts';
import { judgedScale } from './intervals.ts';
import type { Judgement } from './judge.ts';
import type { JudgedKpi, JudgeSettings } from './settings.ts';

type Result = MetricResult<JudgedKpi>;

const SHOWN = 3;
const WORST_FIRST = ['High', 'Low', 'NodataFailMetric', 'Error', 'Nodata'];

export interface Words {
  /** `score 62 of 100, needs 95`; `no score` where too many metrics had no data. */
  readonly score: string;
  /** `error-rate High (canary median 3.1 %, stable 0.9 %)`; null when no metric cost anything. */
  readonly why: string | null;
}

export function judgementWords(
  judgement: Judgement<JudgedKpi>,
  { thresholds }: JudgeSettings,
  kpis: readonly Kpi[],
): Words {
  const needs = judgement.classification === 'Pass' ? '' : `, needs ${thresholds.pass}`;
  const parts = blamed(judgement).map((result) => metricWords(result, kpis));
  const shown = parts.length > SHOWN ? [...parts.slice(0, SHOWN), `${parts.length - SHOWN} more`] : parts;
  const why = shown.length === 0 ? null : shown.join('; ');
  return {
    score: judgement.cause === 'no-data' ? 'no score' : `score ${judgement.score} of 100${needs}`,
    why,
  };
}

/** The metrics that cost points, the worst first; those without data where that is why there is no score. */
export function blamed({ metrics, cause }: Judgement<JudgedKpi>): readonly Result[] {
  const rank = ({ critical, classification }: Result): number =>
    critical ? -1 : WORST_FIRST.indexOf(classification);
  return metrics
    .filter(({ metric, classification }) => !metric.muted && classification !== 'Pass')
    .filter(({ classification }) => cause !== 'no-data' || classification === 'Nodata')
    .toSorted((one, other) => rank(one) - rank(other));
}

function metricWords(
  { metric, classification, critical, medians, ratio }: Result,
  kpis: readonly Kpi[],
): string {
  const name = `${metric.name} ${critical ? '(critical) ' : ''}`;
  if (classification === 'Error') return `${name}could not be compared`;
  if (classification !== 'High' && classification !== 'Low') return `${name}without enough data`;
  const kpi = kpis.find(({ id }) => id === metric.kpi);
  const [canary, stable] = [wording(medians.canary, kpi), wording(medians.stable, kpi)];
  const means =
    canary === stable && Number.isFinite(ratio) ? `, mean ${formatValue(ratio, 'number')} times` : '';
  return `${name}${classification} (canary median ${canary}, stable ${stable}${means})`;
}

function wording(value: number | null, kpi: Kpi | undefined): string {
  if (value === null) return 'none';
  return kpi === undefined ? formatValue(value, 'number') : formatValue(value / judgedScale(kpi), kpi.unit);
}

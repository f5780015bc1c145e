import { formatValue, type Kpi } from '../analysis/kpi.ts';
import type { Finding, FindingStatus } from '../checks/finding.ts';
import type { Result } from '../result.ts';
import type { ServiceRecord } from '../rollout/record.ts';
import { prettyLimit } from './limit-words.ts';
import type { Arm, Series } from './series.ts';

/** One line of the KPI table: a KPI with its newest values, or a check that is no KPI. */
export interface KpiRow {
  readonly id: string;
  readonly title: string;
  readonly canary: string;
  readonly stable: string;
  readonly target: string;
  readonly alert: string;
  readonly status: FindingStatus;
  /** What its finding has to say beyond the numbers. */
  readonly detail: string;
  readonly deciding: boolean;
}

export interface KpiEvidence {
  readonly result: Result;
  readonly record: ServiceRecord | null;
  readonly series: Series | null;
  readonly kpis: readonly Kpi[];
}

const WORST_FIRST: readonly FindingStatus[] = [
  'fail',
  'error',
  'no-data',
  'warn',
  'pass',
  'waived',
  'skipped',
];

/** The deciding KPI first, then from worst to best; among equals, as configured. */
export function kpiRows(evidence: KpiEvidence): KpiRow[] {
  const known = new Set(evidence.kpis.map((kpi) => kpi.id));
  const others = evidence.result.findings.filter((finding) => !known.has(finding.check));
  const rows = [
    ...evidence.kpis.map((kpi) => rowOfKpi(kpi, evidence)),
    ...others.map((finding) => rowOfCheck(finding, evidence.result)),
  ];
  return rows.sort((one, other) => rank(one) - rank(other));
}

function rank(row: KpiRow): number {
  return row.deciding ? -1 : WORST_FIRST.indexOf(row.status);
}

function rowOfKpi(kpi: Kpi, evidence: KpiEvidence): KpiRow {
  const findings = evidence.result.findings.filter((finding) => finding.check === kpi.id);
  const worst = worstOf(findings);
  return {
    id: kpi.id,
    title: kpi.title,
    canary: lastValue(kpi, 'canary', evidence),
    stable: kpi.scope === 'shared' ? 'shared' : lastValue(kpi, 'stable', evidence),
    target: kpi.target === null ? '' : prettyLimit(kpi.target, kpi.unit),
    alert: prettyLimit(kpi.alert, kpi.unit),
    status: worst?.status ?? 'skipped',
    detail: worst === null ? '' : (worst.detail ?? ''),
    deciding: evidence.result.kpi === kpi.id,
  };
}

function rowOfCheck(finding: Finding, result: Result): KpiRow {
  return {
    id: finding.check,
    title: finding.title,
    canary: finding.observed,
    stable: '',
    target: finding.expected,
    alert: '',
    status: finding.status,
    detail: finding.detail ?? '',
    deciding: result.kpi === finding.check,
  };
}

function worstOf(findings: readonly Finding[]): Finding | null {
  const ranked = findings.toSorted(
    (one, other) => WORST_FIRST.indexOf(one.status) - WORST_FIRST.indexOf(other.status),
  );
  return ranked[0] ?? null;
}

/** The newest value that was really seen, from the evidence or else from the recording. */
function lastValue(kpi: Kpi, arm: Arm, evidence: KpiEvidence): string {
  const latest = evidence.record?.rollout?.analysis.kpis[kpi.id]?.latest[arm] ?? null;
  const recorded = evidence.series?.kpis[kpi.id]?.[arm].findLast((point) => point.value !== null);
  const value = latest ?? recorded?.value ?? null;
  return value === null ? 'no data' : formatValue(value, kpi.unit);
}

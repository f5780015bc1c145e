import { formatValue, isBeyond, type Kpi } from '../../core/analysis/kpi.ts';
import type { Sample } from '../../core/analysis/sample.ts';
import type { Finding, FindingStatus } from '../../core/checks/finding.ts';
import { prettyLimit } from '../../core/report/limit-words.ts';
import { oneLine } from '../../core/report/plain-text.ts';
import type { Rollout } from '../../core/rollout/record.ts';
import { sparkline } from './sparkline.ts';

/** The canary's newest values by KPI, oldest first; null where there was none. */
export type Recent = Readonly<Record<string, readonly (number | null)[]>>;

/** One KPI as a line of the frame. */
export interface KpiLine {
  readonly title: string;
  readonly canary: string;
  readonly stable: string;
  readonly limit: string;
  readonly status: FindingStatus;
  readonly spark: string;
}

const REMEMBERED = 48;

export function remembered(recent: Recent, rollout: Rollout, sample: Sample): Recent {
  const next = Object.entries(sample.kpis).map(([id, { canary }]) => {
    const value = canary.kind === 'data' ? (rollout.analysis.kpis[id]?.latest.canary ?? null) : null;
    return [id, [...(recent[id] ?? []), value].slice(-REMEMBERED)] as const;
  });
  return { ...recent, ...Object.fromEntries(next) };
}

/** The configured KPIs, then whatever else was checked and is not well; without a config, all that was checked. */
export function kpiLines(rollout: Rollout, kpis: readonly Kpi[], recent: Recent): KpiLine[] {
  const findings = rollout.steps.findLast((step) => step.findings.length > 0)?.findings ?? [];
  const known = new Set(kpis.map((kpi) => kpi.id));
  const others = findings.filter((finding) => !known.has(finding.check));
  const told = kpis.length === 0 ? others : others.filter((finding) => finding.status !== 'pass');
  return [
    ...kpis.map((kpi) => kpiLine(kpi, rollout, findings, recent)),
    ...told.map((finding) => findingLine(finding, recent)),
  ];
}

function kpiLine(kpi: Kpi, rollout: Rollout, findings: readonly Finding[], recent: Recent): KpiLine {
  const values = recent[kpi.id] ?? [];
  const canary = values.at(-1) ?? null;
  const stable = rollout.analysis.kpis[kpi.id]?.latest.stable ?? null;
  const words = (value: number | null): string => (value === null ? '–' : formatValue(value, kpi.unit));
  return {
    title: oneLine(kpi.title),
    canary: words(canary),
    stable: kpi.scope === 'shared' ? 'shared' : words(stable),
    limit: prettyLimit(kpi.alert, kpi.unit),
    status: liveStatus(kpi, canary, findings),
    spark: sparkline(values, kpi, REMEMBERED),
  };
}

/** A value beyond the limit is a warning at once, although it decides only after its time. */
function liveStatus(kpi: Kpi, value: number | null, findings: readonly Finding[]): FindingStatus {
  const found = findings.find((finding) => finding.check === kpi.id)?.status ?? 'skipped';
  if (found !== 'pass' && found !== 'skipped') return found;
  if (value === null) return found === 'pass' ? 'no-data' : found;
  return isBeyond(value, kpi.alert) ? 'warn' : 'pass';
}

function findingLine(finding: Finding, recent: Recent): KpiLine {
  return {
    title: oneLine(finding.title),
    canary: oneLine(finding.observed),
    stable: '',
    limit: oneLine(finding.expected),
    status: finding.status,
    spark: sparkline(recent[finding.check] ?? [], null, REMEMBERED),
  };
}

import type { Finding } from '../checks/finding.ts';
import type { Result } from '../result.ts';
import { type Fact, factsOf, spanOf } from './facts.ts';
import { isRefusal } from './headline.ts';
import { type KpiEvidence, type KpiRow, kpiRows } from './kpi-rows.ts';
import { type Cell, codeSpan, joinLines, type Markdown, md, table } from './markdown.ts';
import { mermaidChart } from './mermaid.ts';
import { NEXT_STEPS } from './next-steps.ts';
import { asSentence, clip, oneLine } from './plain-text.ts';
import { STEP_MARKS, stepRows } from './step-rows.ts';
import type { Cut } from './summary-cuts.ts';
import {
  formatClock,
  formatInstant,
  formatPercent,
  formatServed,
  STATUS_WORDS,
  shortVersion,
} from './words.ts';

const LONGEST_CELL = 300;

export function warningSection(result: Result, cuts: ReadonlySet<Cut>): Markdown | null {
  if (result.warnings.length === 0 || cuts.has('warnings')) return null;
  const shown = cuts.has('all warnings but the first') ? result.warnings.slice(0, 1) : result.warnings;
  const lines = shown.map((warning) => md`> - ${clip(asSentence(warning), 1_000)}`);
  const hidden = result.warnings.length - shown.length;
  const more = hidden === 0 ? [] : [md`> - and ${hidden} more`];
  return joinLines([md`> [!WARNING]`, ...lines, ...more]);
}

export function factsSection({ result, record, series }: KpiEvidence): Markdown | null {
  const facts = factsOf(result, record, series);
  if (facts.length === 0) return null;
  const values = facts.map((fact) => (fact.isCode ? codeSpan(shortVersion(fact.value)) : valueWords(fact)));
  return table(
    [{ title: 'Service' }, ...facts.map((fact) => ({ title: fact.name }))],
    [[clip(oneLine(`${result.service} in ${result.environment}`), 120), ...values]],
  );
}

function valueWords({ value, note }: Fact): string {
  return clip(note === '' ? value : `${value}, ${note}`, 120);
}

export function nextSection(result: Result): Markdown {
  const [first, second] = NEXT_STEPS[result.reasonCode];
  const lines = second === undefined ? [first] : [first, second];
  return joinLines([md`**What to do next**`, md``, ...lines.map((line) => md`- ${line}`)]);
}

export function stepSection({ result, record }: KpiEvidence): Markdown | null {
  const steps = isRefusal(result) ? [] : stepRows(result, record);
  if (steps.length === 0) return null;
  const rows = steps.map((step, index) => [
    `${index + 1}`,
    formatPercent(step.weight),
    formatServed(step.servedMs, step.plannedMs),
    `${STEP_MARKS[step.status]} ${step.status}${step.note === '' ? '' : `, ${step.note}`}`,
  ]);
  const columns = [
    { title: 'Step' },
    { title: 'Weight', align: 'right' },
    { title: 'Bake served' },
    { title: 'Verdict' },
  ] as const;
  return table(columns, rows);
}

export function kpiSection(evidence: KpiEvidence, withoutPassing: boolean): Markdown | null {
  if (isRefusal(evidence.result)) return null;
  const rows = kpiRows(evidence).filter((row) => !withoutPassing || row.status !== 'pass' || row.deciding);
  if (rows.length === 0) return null;
  const columns = [
    { title: 'KPI' },
    { title: 'Canary', align: 'right' },
    { title: 'Stable', align: 'right' },
    { title: 'Target' },
    { title: 'Alert' },
    { title: 'Status' },
  ] as const;
  return table(columns, rows.map(kpiCells));
}

function kpiCells(row: KpiRow): Cell[] {
  const title = clip(oneLine(row.title), 80);
  const { mark, word } = STATUS_WORDS[row.status];
  const status = row.detail === '' ? `${mark} ${word}` : `${mark} ${word}: ${row.detail}`;
  const cells = [row.canary, row.stable, row.target, row.alert, status];
  return [row.deciding ? md`**${title}**` : title, ...cells.map((cell) => clip(oneLine(cell), LONGEST_CELL))];
}

export function chartSection({ result, series, kpis }: KpiEvidence): Markdown | null {
  const kpi = kpis.find((one) => one.id === result.kpi);
  return kpi === undefined || series === null || isRefusal(result) ? null : mermaidChart(kpi, series);
}

export function timelineSection({ result, series }: KpiEvidence): Markdown | null {
  const span = spanOf(result, series);
  if (span === null || series === null || series.marks.length === 0 || isRefusal(result)) return null;
  const rows = series.marks.map((mark) => [
    formatClock(mark.at - span.from),
    mark.kind === 'decision' ? md`**${mark.label}**` : mark.label,
  ]);
  const list = table(
    [{ title: 'Time', align: 'right' }, { title: `Since ${formatInstant(span.from)}` }],
    rows,
  );
  const title = `Timeline, ${series.marks.length} entries`;
  return md`<details><summary>${title}</summary>\n\n${list}\n\n</details>`;
}

export function verificationSection({ result }: KpiEvidence, withoutDetails: boolean): Markdown | null {
  const { verification } = result;
  if (verification === null || isRefusal(result)) return null;
  const words = {
    pass: '✓ What serves now was checked after the end, and is well.',
    fail: '✗ What serves now was checked after the end, and is not well.',
    'not-done': '! What serves now could not be checked after the end.',
  };
  const line = md`**Verification.** ${words[verification.outcome]}`;
  if (withoutDetails || verification.findings.length === 0) return line;
  const columns = [{ title: 'Check' }, { title: 'Seen' }, { title: 'Expected' }, { title: 'Status' }];
  return joinLines([line, md``, table(columns, verification.findings.map(findingCells))]);
}

function findingCells(finding: Finding): Cell[] {
  const { mark, word } = STATUS_WORDS[finding.status];
  const cells = [finding.title, finding.observed, finding.expected, `${mark} ${word}`];
  return cells.map((cell) => clip(oneLine(cell), LONGEST_CELL));
}

export function footSection(result: Result, cuts: readonly Cut[]): Markdown {
  const parts = [
    result.rolloutId === null || isRefusal(result)
      ? null
      : md`Rollout ${codeSpan(clip(result.rolloutId, 80))}`,
    md`reason code ${codeSpan(result.reasonCode)}`,
    cuts.length === 0 ? null : md`left out to fit the size limit: ${cuts.join(', ')}`,
  ].filter((part) => part !== null);
  return md`<sub>${{ markdown: parts.map((part) => part.markdown).join(' · ') }}</sub>`;
}

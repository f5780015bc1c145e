import type { Evidence, Finding } from '../../checks/finding.ts';
import type { Placement } from '../../rollout/record.ts';
import { spanOf } from '../facts.ts';
import { isRefusal, type Tone } from '../headline.ts';
import { html, type Markup } from '../markup.ts';
import { STEP_MARKS, type StepRow, type StepStatus, stepRows } from '../step-rows.ts';
import { formatClock, formatInstant, formatPercent, formatServed } from '../words.ts';
import { statusChip, toneChip } from './chip.ts';
import type { PageInput } from './page-input.ts';

/** A table that becomes a list of cards on a phone; `names` head the columns. */
function table(names: readonly string[], rows: readonly Markup[]): Markup {
  const head = names.map((name) => html`<th scope="col">${name}</th>`);
  return html`<table class="stack"><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table>`;
}

const FINDING_COLUMNS = ['Check', 'Seen', 'Expected', 'Status'];

export function findingsSection({ result }: PageInput): Markup {
  if (result.findings.length === 0 || isRefusal(result)) return html``;
  const rows = result.findings.map((finding) => findingRow(finding, finding.check === result.kpi));
  return html`<h2>Findings</h2><section class="card panel">${table(FINDING_COLUMNS, rows)}</section>`;
}

function findingRow(finding: Finding, isDeciding: boolean): Markup {
  const detail = finding.detail === undefined ? html`` : html`<span class="muted">${finding.detail}</span>`;
  const evidence = (finding.evidence ?? []).map((one) => html`<span class="muted">${link(one)}</span>`);
  return html`<tr${isDeciding ? html` class="deciding"` : html``}><td>${finding.title}</td><td data-name="Seen">${finding.observed}${detail}${evidence}</td><td data-name="Expected">${finding.expected}</td><td class="status" data-name="Status">${statusChip(finding.status)}</td></tr>`;
}

/** Only web addresses become links. */
function link({ label, url }: Evidence): Markup {
  if (url === undefined || !/^https?:\/\//i.test(url)) return html`${label}`;
  return html`<a href="${url}" rel="noopener noreferrer">${label}</a>`;
}

const STEP_TONES: Readonly<Record<StepStatus, Tone>> = {
  passed: 'good',
  running: 'neutral',
  stopped: 'bad',
  'not reached': 'neutral',
};

export function planSection({ result, record }: PageInput): Markup {
  const steps = isRefusal(result) ? [] : stepRows(result, record);
  if (steps.length === 0) return html``;
  const rows = steps.map((step, index) => stepRow(step, index));
  return html`<h2>Plan</h2><section class="card panel">${table(['Step', 'Bake served', '', 'Verdict'], rows)}</section>`;
}

function stepRow(step: StepRow, index: number): Markup {
  const share = step.plannedMs === 0 ? 1 : Math.min(1, step.servedMs / step.plannedMs);
  const bar = html`<span class="bar" role="img" aria-label="${formatPercent(share * 100)} of the bake"><i style="width:${share * 100}%"></i></span>`;
  const chip = toneChip(STEP_TONES[step.status], `${STEP_MARKS[step.status]} ${step.status}`);
  const note = step.note === '' ? html`` : html`<span class="muted">${step.note}</span>`;
  return html`<tr><td>${index + 1}. ${formatPercent(step.weight)} of traffic</td><td data-name="Bake served">${formatServed(step.servedMs, step.plannedMs)}</td><td data-name="">${bar}</td><td class="status" data-name="Verdict">${chip}${note}</td></tr>`;
}

export function verificationSection({ result }: PageInput): Markup {
  const { verification } = result;
  if (verification === null || isRefusal(result)) return html``;
  const words = {
    pass: 'What serves now was checked once more after the end, and is well.',
    fail: 'What serves now was checked once more after the end, and is not well.',
    'not-done': 'What serves now could not be checked after the end.',
  };
  const rows = verification.findings.map((finding) => findingRow(finding, false));
  const list = rows.length === 0 ? html`` : table(FINDING_COLUMNS, rows);
  return html`<h2>Verification after the end</h2><p class="note">${words[verification.outcome]}</p>${rows.length === 0 ? list : html`<section class="card panel">${list}</section>`}`;
}

export function timelineSection({ result, series }: PageInput): Markup {
  const span = spanOf(result, series);
  if (series === null || span === null || series.marks.length === 0 || isRefusal(result)) return html``;
  const items = series.marks.map(
    (mark, index) =>
      html`<li class="${mark.kind}-entry"><span class="badge-number">${String(index + 1)}</span><time datetime="${isoOf(mark.at)}" class="muted">${formatClock(mark.at - span.from)}</time><span>${mark.label}</span></li>`,
  );
  return html`<h2>Timeline</h2><p class="note">Time since ${formatInstant(span.from)}.</p><section class="card panel"><ol class="timeline">${items}</ol></section>`;
}

function isoOf(at: number): string {
  return formatInstant(at).replace(' UTC', 'Z').replace(' ', 'T');
}

export function versionsSection({ result, record }: PageInput): Markup {
  const rollout = isRefusal(result) ? null : (record?.rollout ?? null);
  const places: [string, Placement | null][] = [
    [result.kind === 'rollback' ? 'Restored' : 'Canary', rollout?.canary ?? null],
    [result.kind === 'rollback' ? 'Taken back' : 'Stable until then', rollout?.stable ?? null],
    ['Stable now', record?.stable ?? null],
    ['Ready for a rollback', result.previous],
  ];
  const rows = places.flatMap(([role, placement]) =>
    placement === null ? [] : [versionRow(role, placement)],
  );
  if (rows.length === 0) return html``;
  return html`<h2>Versions</h2><section class="card panel">${table(['Role', 'Version', 'Slot'], rows)}</section>`;
}

function versionRow(role: string, { version, slot }: Placement): Markup {
  return html`<tr><td>${role}</td><td data-name="Version"><code>${version}</code></td><td data-name="Slot">${slot}</td></tr>`;
}

export function rawSection({ result }: PageInput): Markup {
  return html`<details class="card raw"><summary>The result as JSON</summary><pre>${JSON.stringify(result, null, 2)}</pre></details>`;
}

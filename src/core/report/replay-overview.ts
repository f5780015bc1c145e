import { oddsAgainst } from '../analysis/comparison/odds.ts';
import type { Replayed } from '../replay/decide.ts';
import type { Score } from '../replay/score.ts';
import type { ReasonCode } from '../rollout/reason.ts';
import { evidenceSpark } from './chart/evidence-spark.ts';
import { html, type Markup, scriptJson } from './markup.ts';
import { toneChip } from './page/chip.ts';
import { scoreSection } from './page/score-tables.ts';
import { pageOf } from './page/shell.ts';
import { asSentence } from './plain-text.ts';
import { type ReplayOrigin, type ReplayStory, replayDetail, replayFooter, whereFrom } from './replay-page.ts';
import { paceWords, type Totals, totalsWords } from './replay-totals.ts';
import { scoreWords } from './score-words.ts';
import { formatClock } from './words.ts';

/** The most rollouts that are told in full on one page. */
export const MOST_DETAILS = 50;

/** One rollout of many, small enough to keep thousands of them. */
export interface OverviewRow {
  readonly replayed: Replayed;
  /** Null when the recording names none. */
  readonly scenario: string | null;
  /** What is known of it: `benign`, `regression`, `ambiguous`; null when nothing is. */
  readonly truth: string | null;
  readonly kpi: string;
  readonly spark: Markup;
  /** The highest evidence there was, in words; empty when nothing was compared. */
  readonly peak: string;
}

/** A rollout told in full, to be opened in the overview. */
export interface OverviewDetail {
  readonly id: string;
  readonly markup: Markup;
}

export interface Overview {
  readonly rows: readonly OverviewRow[];
  readonly details: readonly OverviewDetail[];
  readonly totals: Totals;
  /** Null when nothing is known of the recordings. */
  readonly score: Score | null;
}

export function overviewRow({ past, replayed, seen, kpis }: ReplayStory): OverviewRow {
  const { evidence } = seen.series;
  const length = past.steps.reduce((sum, step) => sum + step.bake, 0);
  const most = Math.max(...(evidence?.line ?? []).flatMap(({ value }) => (value === null ? [] : [value])));
  const peak = Number.isFinite(most) ? oddsAgainst(most) : '';
  const words = `evidence at most ${peak}`;
  const id = replayed.reason?.kpi;
  return {
    replayed,
    scenario: past.truth?.scenario ?? null,
    truth: past.truth?.truth ?? null,
    kpi: kpis.find((one) => one.id === id)?.title ?? id ?? '',
    spark: evidence === null ? html`` : evidenceSpark(evidence, length, replayed.decision === 'abort', words),
    peak,
  };
}

export function overviewDetail(story: ReplayStory, number: number): OverviewDetail {
  return { id: story.past.id, markup: replayDetail(story, `d${number}-`) };
}

/** Many replayed rollouts on one page: totals, the score where truth is known, every decision, and some in full. */
export function renderOverview({ rows, details, totals, score }: Overview, origin: ReplayOrigin): string {
  const title = totalsWords(totals);
  const body = html`${whereFrom(origin, 'Replay')}
<header class="banner neutral"><span class="mark" aria-hidden="true">↻</span><h1>${title}</h1>${[paceWords(totals), score === null ? '' : scoreWords(score)].filter((part) => part !== '').map((part) => html`<p>${asSentence(part)}</p>`)}</header>
${score === null ? html`` : scoreSection(score)}
${decisionsSection(rows, details)}
${detailsSection(rows, details)}
${replayFooter(origin)}`;
  return pageOf({ title: `Replayed: ${title}`, body, data: scriptJson({}) });
}

function decisionsSection(rows: readonly OverviewRow[], details: readonly OverviewDetail[]): Markup {
  const places = new Map(details.map(({ id }, index) => [id, `rollout-${index}`]));
  const classes: Readonly<Partial<Record<string, string>>> = { At: 'number', KPI: 'kpi' };
  const head = ['Rollout', 'Decision', 'At', 'KPI', 'Evidence', 'at most'].map(
    (name) => html`<th class="${classes[name] ?? ''}" scope="col">${name}</th>`,
  );
  const groups = grouped(rows).map(([scenario, group]) => scenarioRows(scenario, group, places));
  return html`<h2>Decisions</h2><p class="note">The small charts show the evidence that the canary is worse, on one time axis; the dashed line is where a rollout is aborted. A linked rollout is told in full below.</p>
<section class="card panel"><table class="decisions"><thead><tr>${head}</tr></thead>${groups}</table></section>`;
}

function grouped(rows: readonly OverviewRow[]): [string | null, OverviewRow[]][] {
  const groups = new Map<string | null, OverviewRow[]>();
  for (const row of rows) {
    const group = groups.get(row.scenario);
    if (group === undefined) groups.set(row.scenario, [row]);
    else group.push(row);
  }
  return [...groups];
}

function scenarioRows(
  scenario: string | null,
  rows: readonly OverviewRow[],
  places: ReadonlyMap<string, string>,
): Markup {
  const aborted = rows.filter((row) => row.replayed.decision === 'abort').length;
  const truth = rows[0]?.truth ?? '';
  const head =
    scenario === null
      ? html``
      : html`<tr class="scenario"><th scope="rowgroup" colspan="6"><b>${scenario}</b> ${truth}, ${String(aborted)} of ${String(rows.length)} aborted</th></tr>`;
  return html`<tbody>${head}${rows.map((row) => decisionRow(row, places))}</tbody>`;
}

function decisionRow(row: OverviewRow, places: ReadonlyMap<string, string>): Markup {
  const { id, seconds, reason } = row.replayed;
  const place = places.get(id);
  const name = place === undefined ? html`${id}` : html`<a href="#${place}">${id}</a>`;
  const by =
    reason === null ? html`` : html`<span class="muted">${WORD_OF[reason.code] ?? reason.code}</span>`;
  const at = seconds === null ? '' : formatClock(seconds * 1_000);
  return html`<tr><td>${name}</td><td>${decisionChip(row)}</td><td class="number">${at}</td><td class="kpi">${row.kpi}${by}</td><td>${row.spark}</td><td>${row.peak}</td></tr>`;
}

const WORD_OF: Readonly<Partial<Record<ReasonCode, string>>> = {
  'comparison-regressed': 'comparison',
  'guardrail-breached': 'guardrail',
};

/** Red is for a decision that is known to be wrong; an abort that nobody can judge is neutral. */
function decisionChip({ replayed, truth }: OverviewRow): Markup {
  const isAbort = replayed.decision === 'abort';
  const word = isAbort ? '✗ abort' : '✓ promote';
  if (truth === 'benign') return toneChip(isAbort ? 'bad' : 'good', isAbort ? `${word}, wrongly` : word);
  if (truth === 'regression') return toneChip(isAbort ? 'good' : 'bad', isAbort ? word : `${word}, wrongly`);
  return toneChip('neutral', word);
}

function detailsSection(rows: readonly OverviewRow[], details: readonly OverviewDetail[]): Markup {
  if (details.length === 0) return html``;
  const aborted = rows.filter((row) => row.replayed.decision === 'abort').length;
  const reasons = new Map(rows.map(({ replayed }) => [replayed.id, replayed.reason?.message ?? '']));
  const items = details.map(
    ({ id, markup }, index) =>
      html`<details class="card rollout"><summary>${id}<span class="muted">${asSentence(reasons.get(id) ?? '')}</span></summary><div id="rollout-${index}">${markup}</div></details>`,
  );
  return html`<h2>Aborted rollouts</h2><p class="note">${String(details.length)} of ${String(aborted)} in full.</p>${items}`;
}

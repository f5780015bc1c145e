import type { Kpi } from '../analysis/kpi.ts';
import type { EpochMs } from '../units.ts';
import { formatDuration } from '../units.ts';
import { type Explained, explain } from './explanation.ts';
import type { Tone } from './headline.ts';
import { html, type Markup } from './markup.ts';
import { chartData } from './page/chart-data.ts';
import { evidenceFigure, evidenceSection, kpiFigures, kpiSection } from './page/figures.ts';
import type { PageInput } from './page/page-input.ts';
import { pageOf } from './page/shell.ts';
import { findingsSection, planSection } from './page/tables.ts';
import { reasonsCard, whySection } from './page/why.ts';
import { asSentence } from './plain-text.ts';
import { cutShortAt, decidedSeries, type ReplayedPast, replayResult } from './replay-series.ts';
import { formatCount, formatInstant } from './words.ts';

/** A replayed rollout, and all that its replay showed. */
export interface ReplayStory extends ReplayedPast {
  readonly kpis: readonly Kpi[];
}

export interface ReplayOrigin {
  /** Name of the file, or of the server, that was replayed. */
  readonly source: string;
  /** With which KPIs and which comparison, for people. */
  readonly policy: string;
  readonly generatedAt: EpochMs;
}

/** One replayed rollout as a page with the charts of a real report, and without what only a real rollout has. */
export function renderReplayPage(story: ReplayStory, origin: ReplayOrigin): string {
  const input = inputOf(story, origin.generatedAt);
  const body = html`${whereFrom(origin, story.past.id)}
${banner(story)}
${facts(story)}
${whySection(explainedOf(story, input))}
${evidenceSection(input)}
${kpiSection(input)}
${findingsSection(input)}
${planSection(input)}
${replayFooter(origin)}`;
  return pageOf({ title: `Replayed: ${story.past.id} ${titleOf(story)}`, body, data: chartData(input) });
}

/** The same, for a page of many rollouts: why it was decided so, and the charts. */
export function replayDetail(story: ReplayStory, prefix: string): Markup {
  const input = inputOf(story, 0);
  const explanation = explain(explainedOf(story, input));
  const why =
    explanation === null ? html`` : html`<p class="why">${explanation.why}</p>${reasonsCard(explanation)}`;
  return html`${why}<div class="card rows">${evidenceFigure(input, prefix)}${kpiFigures(input, prefix)}</div>`;
}

function inputOf(story: ReplayStory, generatedAt: EpochMs): PageInput {
  const { replayed, seen, kpis } = story;
  const result = replayResult(story);
  const isDecided = cutShortAt(story) === null;
  const series = isDecided ? decidedSeries(seen, replayed) : seen.series;
  return { result, record: null, series, kpis, generatedAt };
}

function explainedOf({ seen, kpis }: ReplayStory, { result, series }: PageInput): Explained {
  return { result, series, kpis, analysis: seen.analysis, isReplay: true };
}

export function whereFrom({ source }: ReplayOrigin, what: string): Markup {
  return html`<div class="where"><span><b>${what}</b> of <b>${source}</b></span><span>Replayed from what was recorded: no traffic was touched</span></div>`;
}

function titleOf(story: ReplayStory): string {
  if (story.replayed.decision === 'abort') return 'would have been rolled back';
  return cutShortAt(story) === null ? 'would have been promoted' : 'would have gone on';
}

function banner(story: ReplayStory): Markup {
  const { reason } = story.replayed;
  const seen = cutShortAt(story);
  const tone: Tone = reason !== null ? 'bad' : seen === null ? 'good' : 'neutral';
  const mark = { good: '✓', bad: '✗', neutral: '↻' }[tone];
  const title = titleOf(story);
  const words =
    seen === null
      ? reason?.message
      : `nothing had fired by the end of the window, after ${formatDuration(seen)}`;
  const why = words === undefined ? html`` : html`<p>${asSentence(words)}</p>`;
  const truth = truthWords(story);
  const known = truth === null ? html`` : html`<p>${truth}</p>`;
  return html`<header class="banner ${tone}"><span class="mark" aria-hidden="true">${mark}</span><h1>${asSentence(title).replace(/\.$/, '')}</h1>${why}${known}</header>`;
}

/** What was right to decide, by what is known of the recording; null when nothing is. */
function truthWords({ past: { truth, tick }, replayed }: ReplayStory): string | null {
  if (truth === undefined) return null;
  const at = replayed.tick;
  if (truth.truth === 'ambiguous') return 'By the recording either decision is fine.';
  if (truth.truth === 'benign')
    return at === null
      ? 'Rightly so: the canary is known to be harmless.'
      : 'Wrongly: the canary is known to be harmless.';
  const onset = formatDuration(truth.onsetTick * tick);
  const since = truth.onsetTick === 0 ? 'from the start' : `from ${onset} on`;
  if (at === null) return `Wrongly: the canary is known to be worse ${since}.`;
  if (at < truth.onsetTick) return `Too early: the canary is known to be worse only ${since}.`;
  const after = formatDuration((at + 1 - truth.onsetTick) * tick);
  return `Rightly so: the canary is known to be worse ${since}, and was found after ${after}.`;
}

function facts(story: ReplayStory): Markup {
  const { past, replayed, seen } = story;
  const { series, analysis } = seen;
  const proven = replayed.provenAfter;
  const list: [string, string][] = [
    [cutShortAt(story) === null ? 'Decided after' : 'Seen for', formatDuration(series.tickedAt ?? 0)],
    ['Requests to the canary', formatCount(analysis?.exposed.requests ?? 0)],
    ['of them bad', formatCount(analysis?.exposed.bad ?? 0)],
    ['Requests to stable', formatCount(series.requests.stable)],
    ['Proven no worse', proven === null ? 'never' : `after ${formatDuration(proven)}`],
    ...(past.truth === undefined ? [] : ([['Scenario', past.truth.scenario]] satisfies [string, string][])),
  ];
  return html`<dl class="card facts">${list.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

export function replayFooter({ policy, generatedAt }: ReplayOrigin): Markup {
  return html`<footer>Written ${formatInstant(generatedAt)} by deploy-canary replay, with ${policy}. Requests and errors are those that were recorded, the weights those of the steps; versions, deployments and owners are not known.</footer>`;
}

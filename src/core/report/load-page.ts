import { formatValue } from '../analysis/kpi.ts';
import type { Finding } from '../checks/finding.ts';
import type { LoadTestResult } from '../load/load-test-result.ts';
import { formatRate } from '../load/load-words.ts';
import type { EpochMs } from '../units.ts';
import { formatDuration } from '../units.ts';
import { NARROW, WIDE } from './chart/frame.ts';
import { latencyCurve } from './chart/latency-curve.ts';
import { loadChart } from './chart/load-chart.ts';
import { inOrder } from './gate-summary.ts';
import type { Tone } from './headline.ts';
import { loadLines } from './load-lines.ts';
import { generatorCells } from './load-sections.ts';
import { html, type Markup, scriptJson } from './markup.ts';
import { statusChip } from './page/chip.ts';
import { pageOf } from './page/shell.ts';
import { asSentence } from './plain-text.ts';
import { formatCount, formatInstant, shortVersion } from './words.ts';

/** A load test as one HTML file, with the charts and the look of a rollout's report. */
export function renderLoadPage(result: LoadTestResult, generatedAt: EpochMs): string {
  const body = html`${top(result)}
${facts(result)}
${loadFigure(result)}
${curveFigure(result)}
${findings(result)}
${generators(result)}
<details class="card raw"><summary>The result as JSON</summary><pre>${JSON.stringify(result, null, 2)}</pre></details>
<footer>Written ${formatInstant(generatedAt)} by deploy-canary. Load test ${result.gate}, reason code ${result.reasonCode}.</footer>`;
  return pageOf({
    title: `Load test ${result.gate}: ${TITLES[result.verdict]}`,
    body,
    data: chartData(result),
  });
}

const TITLES = {
  pass: 'The load was borne',
  fail: 'The load was not borne',
  inconclusive: 'Nothing is proven',
} as const;
const TONES: Readonly<Record<LoadTestResult['verdict'], Tone>> = {
  pass: 'good',
  fail: 'bad',
  inconclusive: 'warn',
};
const MARKS = { pass: '✓', fail: '✗', inconclusive: '!' } as const;

function top({ service, subject, verdict, message, startedAt }: LoadTestResult): Markup {
  return html`<div class="where"><span><b>${service}</b> in <b>${subject.environment}</b></span><span>Started ${formatInstant(startedAt)}</span></div>
<header class="banner ${TONES[verdict]}"><span class="mark" aria-hidden="true">${MARKS[verdict]}</span><h1>${TITLES[verdict]}</h1><p>${asSentence(message)}</p></header>`;
}

function facts({ subject, figures }: LoadTestResult): Markup {
  const value = (name: string): number | null => figures[name]?.value ?? null;
  const rate = (name: string): string => told(value(name), formatRate);
  const list = [
    ['Version', shortVersion(subject.version), ''],
    ['Borne', rate('rate'), `of ${rate('required')} that had to be`],
    ['Held for', told(value('held'), formatDuration), `of ${told(value('hold'), formatDuration)}`],
    ['P95', told(value('p95'), (ms) => formatValue(ms, 'ms')), ''],
    ['Error rate', told(value('error-rate'), (share) => formatValue(share, 'ratio')), ''],
    ['Requests', told(value('requests'), formatCount), `in ${told(value('duration'), formatDuration)}`],
  ];
  const items = list.map(([name = '', shown = '', note = '']) => {
    const beside = note === '' ? html`` : html`<span>${note}</span>`;
    return html`<div><dt>${name}</dt><dd>${shown}${beside}</dd></div>`;
  });
  return html`<dl class="card facts">${items}</dl>`;
}

function told(value: number | null, words: (value: number) => string): string {
  return value === null ? 'not known' : words(value);
}

function loadFigure(result: LoadTestResult): Markup {
  const lines = loadLines(result);
  if (lines === null) return html``;
  return html`<h2>Load over time</h2>
<p class="note">Requests a second. Borne are those that were answered and not failed. The shaded stretch is the longest in which the load was held.</p>
<figure class="card">${loadChart(result, lines, WIDE)}${loadChart(result, lines, NARROW)}</figure>`;
}

function curveFigure(result: LoadTestResult): Markup {
  if (result.curve.length < 3) return html``;
  return html`<h2>Latency by percentile</h2>
<p class="note">All generators together. Each step to the right is a smaller part of all requests; the longest took ${formatValue(result.curve.at(-1)?.ms ?? 0, 'ms')}.</p>
<figure class="card">${latencyCurve(result, result.limits, WIDE)}${latencyCurve(result, result.limits, NARROW)}</figure>`;
}

function findings(result: LoadTestResult): Markup {
  const rows = inOrder(result.findings).map(findingRow);
  return html`<h2>Findings</h2><section class="card panel">${table(['Check', 'Seen', 'Expected', 'Status'], rows)}</section>`;
}

function findingRow({ title, observed, expected, detail, fix, status }: Finding): Markup {
  const more = [detail, status === 'pass' ? undefined : fix].flatMap((text) =>
    text === undefined ? [] : [html`<span class="muted">${asSentence(text)}</span>`],
  );
  return html`<tr><td>${title}</td><td data-name="Seen">${observed}${more}</td><td data-name="Expected">${expected}</td><td class="status" data-name="Status">${statusChip(status)}</td></tr>`;
}

const COLUMNS = ['Generator', 'Lasted', 'Requests', 'Failed', 'Rate', 'Due', 'Not sent', 'P95'];

function generators({ generators: list }: LoadTestResult): Markup {
  if (list.length === 0) return html``;
  const rows = list.map((one) => {
    const cells = generatorCells(one).map(
      (cell, index) => html`<td data-name="${COLUMNS[index + 1] ?? ''}">${cell}</td>`,
    );
    return html`<tr><td>${one.tool}<span class="muted">${one.source}</span></td>${cells}</tr>`;
  });
  return html`<h2>Generators</h2><section class="card panel">${table(COLUMNS, rows)}</section>`;
}

function table(names: readonly string[], rows: readonly Markup[]): Markup {
  const head = names.map((name) => html`<th scope="col">${name}</th>`);
  return html`<table class="stack"><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table>`;
}

/** What the pointer shows. */
function chartData(result: LoadTestResult): Markup {
  const lines = loadLines(result);
  if (lines === null) return scriptJson({});
  const points = (line: (typeof lines)['borne']) =>
    line.map(({ at, value }) => [Math.round(at / 1_000), value === null ? 'no data' : formatRate(value)]);
  const shown = [
    { name: 'borne', points: points(lines.borne) },
    { name: 'due', points: points(lines.offered) },
    { name: 'failed', points: points(lines.failed) },
  ];
  return scriptJson({ load: { seconds: Math.max(1, lines.end / 1_000), lines: shown } });
}

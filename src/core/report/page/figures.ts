import type { Kpi } from '../../analysis/kpi.ts';
import { formatDuration } from '../../units.ts';
import { evidenceChart } from '../chart/evidence-chart.ts';
import { NARROW, ROW, WIDE } from '../chart/frame.ts';
import { axisWidth, kpiChart } from '../chart/kpi-chart.ts';
import { trafficChart } from '../chart/traffic-chart.ts';
import { decidedAtOf } from '../explanation.ts';
import { spanOf } from '../facts.ts';
import { isRefusal } from '../headline.ts';
import { type KpiRow, kpiRows } from '../kpi-rows.ts';
import { prettyLimit } from '../limit-words.ts';
import { html, type Markup } from '../markup.ts';
import type { Series } from '../series.ts';
import { formatCount, formatInstant } from '../words.ts';
import { statusChip, toneChip } from './chip.ts';
import { suspicionTable } from './evidence-table.ts';
import type { PageInput } from './page-input.ts';

/** Room for `100 %` and `1 : 100` beside the value axis. */
const LEAST_LEFT = 58;

interface Place {
  readonly series: Series;
  readonly from: number;
  readonly to: number;
  readonly decidedAt: number | null;
  readonly left: number;
}

/** The charts, one under the other on one time axis: the evidence, the KPIs with the deciding one first, the traffic. */
export function figuresOf(input: PageInput): Markup {
  return html`${evidenceSection(input)}${kpiSection(input)}${trafficSection(input)}`;
}

export function evidenceSection(input: PageInput): Markup {
  const place = placeOf(input);
  const evidence = place?.series.evidence ?? null;
  if (place === null || evidence === null) return html``;
  return html`<h2>Evidence that the canary is worse</h2>
<p class="note">Read it as odds. A canary that is no worse than tolerated reaches the line in at most one rollout of ${formatCount(Math.exp(evidence.threshold))}, however often one looks. What hits both versions alike is no evidence.</p>
<div class="card rows">${evidenceFigure(input)}</div>`;
}

export function kpiSection(input: PageInput): Markup {
  const figures = kpiFigures(input);
  if (figures.length === 0) return html``;
  return html`<h2>KPIs</h2><p class="note">Values over each KPI’s own trailing window. The tinted side of the alert limit is where no value should stay.</p><div class="card rows">${figures}</div>`;
}

function trafficSection(input: PageInput): Markup {
  const place = placeOf(input);
  if (place === null) return html``;
  const traffic = { ...place, id: 'traffic' };
  return html`<h2>Traffic</h2>
<p class="note">Time runs from ${formatInstant(place.from)}. The numbers are those of the timeline below. Where the dashed line shows, the router had not yet followed.</p>
<figure class="card">${trafficChart(traffic, WIDE)}${trafficChart(traffic, NARROW)}</figure>`;
}

function placeOf({ result, series, kpis }: PageInput): Place | null {
  const span = spanOf(result, series);
  if (series === null || span === null || series.traffic.length < 2 || isRefusal(result)) return null;
  const left = Math.max(LEAST_LEFT, ...kpis.map((kpi) => axisWidth(kpi, series)));
  return { series, from: span.from, to: span.to, decidedAt: decidedAtOf(series), left };
}

/** The chart of the evidence with its table; nothing when nothing was compared. `prefix` begins the ids of its charts. */
export function evidenceFigure(input: PageInput, prefix = ''): Markup {
  const place = placeOf(input);
  const evidence = place?.series.evidence ?? null;
  if (place === null || evidence === null) return html``;
  const isDeciding = input.result.reasonCode === 'comparison-regressed';
  const chart = { ...place, id: `${prefix}evidence`, evidence, isDeciding };
  return html`<figure>${evidenceChart(chart, WIDE)}${evidenceChart(chart, NARROW)}${suspicionTable(evidence, input.kpis, place.from)}</figure>`;
}

/** One chart for each KPI, the deciding one first and largest. */
export function kpiFigures(input: PageInput, prefix = ''): Markup[] {
  const place = placeOf(input);
  if (place === null) return [];
  return kpiRows(input).flatMap((row) => {
    const index = input.kpis.findIndex((kpi) => kpi.id === row.id);
    const kpi = input.kpis[index];
    if (kpi === undefined) return [];
    const chart = { ...place, id: `${prefix}kpi-${index}`, kpi, isDeciding: row.deciding };
    const large = kpiChart(chart, row.deciding ? WIDE : ROW);
    return [html`<figure>${figureHead(kpi, row)}${large}${kpiChart(chart, NARROW)}</figure>`];
  });
}

function figureHead(kpi: Kpi, row: KpiRow): Markup {
  const arms =
    kpi.scope === 'shared'
      ? html`<span>both versions together <b>${row.canary}</b></span>`
      : html`<span>canary <b>${row.canary}</b></span><span>stable <b>${row.stable}</b></span>`;
  const lasts = kpi.for > 0 ? ` for ${formatDuration(kpi.for)}` : '';
  const alert = html`<span>alert ${prettyLimit(kpi.alert, kpi.unit)}${lasts}</span>`;
  const chip = row.deciding ? toneChip('bad', '✗ decided') : statusChip(row.status);
  const detail = row.detail === '' ? html`` : html`<p class="detail">${row.detail}</p>`;
  return html`<div class="figure-head"><h3>${kpi.title}</h3>${chip}</div><div class="values">${arms}${alert}</div>${detail}`;
}

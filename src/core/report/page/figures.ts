import type { Kpi } from '../../analysis/kpi.ts';
import { formatDuration } from '../../units.ts';
import { HALF, NARROW, WIDE } from '../chart/frame.ts';
import { kpiChart } from '../chart/kpi-chart.ts';
import { trafficChart } from '../chart/traffic-chart.ts';
import { spanOf } from '../facts.ts';
import { isRefusal } from '../headline.ts';
import { type KpiRow, kpiRows } from '../kpi-rows.ts';
import { prettyLimit } from '../limit-words.ts';
import { html, type Markup } from '../markup.ts';
import type { Series } from '../series.ts';
import { formatInstant } from '../words.ts';
import { statusChip } from './chip.ts';
import type { PageInput } from './page-input.ts';

/** The charts: where the traffic was, and one for each KPI, the deciding one first and largest. */
export function figuresOf(input: PageInput): Markup {
  const { result, series } = input;
  const span = spanOf(result, series);
  if (series === null || span === null || series.traffic.length < 2 || isRefusal(result)) return html``;
  const place = { series, from: span.from, to: span.to };
  const traffic = { ...place, id: 'traffic' };
  return html`<h2>Traffic</h2>
<p class="note">Time runs from ${formatInstant(span.from)}. The numbers are those of the timeline below. Where the dashed line shows, the router had not yet followed.</p>
<figure class="card">${trafficChart(traffic, WIDE)}${trafficChart(traffic, NARROW)}</figure>
${kpiFigures(input, place)}`;
}

interface Place {
  readonly series: Series;
  readonly from: number;
  readonly to: number;
}

function kpiFigures(input: PageInput, place: Place): Markup {
  const decidedAt = place.series.marks.find((mark) => mark.kind === 'decision')?.at ?? null;
  const drawn = kpiRows(input).flatMap((row) => {
    const index = input.kpis.findIndex((kpi) => kpi.id === row.id);
    const kpi = input.kpis[index];
    if (kpi === undefined) return [];
    const chart = { ...place, id: `kpi-${index}`, kpi, decidedAt, isDeciding: row.deciding };
    const large = kpiChart(chart, row.deciding ? WIDE : HALF);
    const figure = html`<figure class="card">${figureHead(kpi, row)}${large}${kpiChart(chart, NARROW)}</figure>`;
    return [{ figure, isDeciding: row.deciding }];
  });
  if (drawn.length === 0) return html``;
  const deciding = drawn.filter((one) => one.isDeciding).map((one) => one.figure);
  const others = drawn.filter((one) => !one.isDeciding).map((one) => one.figure);
  const pairs = others.length === 0 ? html`` : html`<div class="pair">${others}</div>`;
  return html`<h2>KPIs</h2><p class="note">Values over each KPI’s own trailing window. The tinted side of the alert limit is where no value should stay.</p>${deciding}${pairs}`;
}

function figureHead(kpi: Kpi, row: KpiRow): Markup {
  const arms =
    kpi.scope === 'shared'
      ? html`<span>both versions together <b>${row.canary}</b></span>`
      : html`<span>canary <b>${row.canary}</b></span><span>stable <b>${row.stable}</b></span>`;
  const lasts = kpi.for > 0 ? ` for ${formatDuration(kpi.for)}` : '';
  const alert = html`<span>alert ${prettyLimit(kpi.alert, kpi.unit)}${lasts}</span>`;
  const detail = row.detail === '' ? html`` : html`<p class="detail">${row.detail}</p>`;
  return html`<div class="figure-head"><h3>${kpi.title}</h3>${statusChip(row.status)}</div><div class="values">${arms}${alert}</div>${detail}`;
}

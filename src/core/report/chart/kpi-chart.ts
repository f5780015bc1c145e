import { formatValue, type Kpi } from '../../analysis/kpi.ts';
import type { EpochMs } from '../../units.ts';
import { prettyLimit } from '../limit-words.ts';
import { html, type Markup } from '../markup.ts';
import { oneLine } from '../plain-text.ts';
import type { Arm, Series } from '../series.ts';
import type { Point } from '../thin-out.ts';
import { formatClock } from '../words.ts';
import { bandsOf } from './bands.ts';
import { drawDecision } from './decision.ts';
import { drawEndLabels, type EndLabel } from './end-labels.ts';
import {
  drawBands,
  drawGap,
  drawGapLabel,
  drawTimeAxis,
  drawValueAxis,
  type Frame,
  frameOf,
  hatchPattern,
  type Size,
  textWidth,
} from './frame.ts';
import { drawable, drawLine, gapsOf } from './lines.ts';
import { pixel, valueTicks } from './scale.ts';

export interface KpiChart {
  readonly id: string;
  readonly kpi: Kpi;
  readonly series: Series;
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** When the rollout was decided; null when it was not, or elsewhere. */
  readonly decidedAt: EpochMs | null;
  readonly isDeciding: boolean;
  /** Pixels left of the plot, the same for all charts that stand on one time axis. */
  readonly left: number;
}

/** One KPI over time: both versions, its limits, and the moment of the decision. */
export function kpiChart(chart: KpiChart, size: Size): Markup {
  const { id, kpi, series } = chart;
  const [canary, stable] = pointsOf(kpi, series);
  const frame = kpiFrame(chart, size, [...canary, ...stable]);
  const ticks = ticksOf(kpi, frame.y.from, frame.y.to);
  const name = `${id}-${size.name}`;
  const gaps = canary.length === 0 ? [{ from: chart.from, to: chart.to }] : gapsOf(canary);
  return html`<svg class="chart ${size.name}" data-chart="${id}" data-left="${frame.left}" data-right="${frame.right}" data-top="${frame.top}" data-bottom="${frame.bottom}" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-labelledby="${name}-title ${name}-desc">
<title id="${name}-title">${oneLine(kpi.title)}</title>
<desc id="${name}-desc">${describe(kpi, canary, stable, chart.from)}</desc>
${hatchPattern(`${name}-hatch`)}
${drawBands(frame, bandsOf(series, chart.to))}
${forbiddenZone(frame, kpi)}
${drawValueAxis(frame, ticks, (value) => tickWords(kpi, value))}
${gaps.map((gap) => drawGap(frame, gap, `${name}-hatch`))}
${drawTimeAxis(frame)}
${limitLine(frame, kpi.target?.value ?? null, 'target')}
${limitLine(frame, kpi.alert.value, 'alert')}
${drawArm(frame, stable, 'stable')}
${drawArm(frame, canary, 'canary')}
${gaps.map((gap) => drawGapLabel(frame, gap, limitHeights(frame, kpi)))}
${decision(frame, chart, canary)}
${drawEndLabels(labels(frame, kpi, canary, stable), frame.right, frame.top, frame.bottom)}
</svg>`;
}

function kpiFrame(chart: KpiChart, size: Size, points: readonly Point[]): Frame {
  const { kpi, from, to, left, isDeciding } = chart;
  const { low, high } = valueRange(kpi, points);
  const margins = { left, top: isDeciding ? 44 : 26 };
  return frameOf(size, { from, to, low, high }, margins);
}

/** Pixels that the words of the value axis need. */
export function axisWidth(kpi: Kpi, series: Series): number {
  const { low, high } = valueRange(kpi, pointsOf(kpi, series).flat());
  return Math.max(...ticksOf(kpi, low, high).map((tick) => textWidth(tickWords(kpi, tick)))) + 12;
}

/** What is drawn of the canary, and of stable. */
function pointsOf(kpi: Kpi, series: Series): [readonly Point[], readonly Point[]] {
  const drawn = (arm: Arm) => drawable(series.kpis[kpi.id]?.[arm] ?? [], series.failedAt);
  return [drawn('canary'), kpi.scope === 'shared' ? [] : drawn('stable')];
}

/** Round values for the axis; of what is counted, whole ones only. */
function ticksOf(kpi: Kpi, low: number, high: number): number[] {
  const ticks = valueTicks(low, high, 5);
  return kpi.unit === 'count' ? ticks.filter(Number.isInteger) : ticks;
}

function tickWords(kpi: Kpi, value: number): string {
  return value === 0 && kpi.unit === 'ms' ? '0' : formatValue(value, kpi.unit);
}

/** From zero for what should be small; for what should be large, from a little below the lowest. */
function valueRange(kpi: Kpi, points: readonly Point[]): { readonly low: number; readonly high: number } {
  const limits = [kpi.alert.value, ...(kpi.target === null ? [] : [kpi.target.value])];
  const all = [...points.flatMap((point) => (point.value === null ? [] : [point.value])), ...limits];
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const pad = (most - least || Math.abs(most) || 1) * 0.12;
  if (!kpi.alert.comparator.startsWith('<'))
    return { low: Math.min(0, least), high: most > 0 ? most + pad : 1 };
  const ceiling = kpi.unit === 'ratio' && most <= 1 ? Math.min(1, most + pad) : most + pad;
  return { low: least >= 0 ? Math.max(0, least - pad) : least - pad, high: Math.max(ceiling, least + pad) };
}

/** The side of the alert limit where no value should be. */
function forbiddenZone({ y, left, right, top, bottom }: Frame, kpi: Kpi): Markup {
  const limit = pixel(y, kpi.alert.value);
  const isCeiling = kpi.alert.comparator.startsWith('>');
  const [from, to] = isCeiling ? [top, limit] : [limit, bottom];
  return html`<rect class="forbidden" x="${left}" y="${from}" width="${right - left}" height="${Math.max(0, to - from)}"/>`;
}

function limitLine({ y, left, right }: Frame, value: number | null, line: string): Markup {
  if (value === null) return html``;
  const place = pixel(y, value);
  return html`<line class="line ${line}" x1="${left}" x2="${right}" y1="${place}" y2="${place}"/>`;
}

function limitHeights({ y }: Frame, { alert, target }: Kpi): number[] {
  return [alert, target].flatMap((limit) => (limit === null ? [] : [pixel(y, limit.value)]));
}

function drawArm({ x, y }: Frame, points: readonly Point[], arm: Arm): Markup {
  const { path, dots } = drawLine(points, x, y);
  const circles = dots.map((dot) => html`<circle class="dot ${arm}-dot" cx="${dot.x}" cy="${dot.y}" r="2"/>`);
  return html`<path class="line ${arm}" d="${path}"/>${circles}`;
}

function decision(frame: Frame, chart: KpiChart, canary: readonly Point[]): Markup {
  const { decidedAt, isDeciding, from } = chart;
  if (decidedAt === null) return html``;
  if (!isDeciding) return drawDecision(frame, decidedAt, null);
  const ring = canary.findLast((point) => point.at <= decidedAt && point.value !== null) ?? null;
  return drawDecision(frame, decidedAt, { words: `decided at ${formatClock(decidedAt - from)}`, ring });
}

function labels(frame: Frame, kpi: Kpi, canary: readonly Point[], stable: readonly Point[]): EndLabel[] {
  const isNarrow = frame.size.name === 'narrow';
  const limit = (name: string, value: number, words: string): EndLabel => ({
    text: isNarrow ? name : `${name} ${words}`,
    line: name,
    y: pixel(frame.y, value),
  });
  const alert = limit('alert', kpi.alert.value, prettyLimit(kpi.alert, kpi.unit));
  const target =
    kpi.target === null ? [] : [limit('target', kpi.target.value, prettyLimit(kpi.target, kpi.unit))];
  return [
    ...armLabel(frame, kpi, canary, 'canary'),
    ...armLabel(frame, kpi, stable, 'stable'),
    alert,
    ...target,
  ];
}

/** An arm's name with its last value; a line that ended long before the others says so instead. */
function armLabel(frame: Frame, kpi: Kpi, points: readonly Point[], arm: Arm): EndLabel[] {
  const last = points.findLast((point) => point.value !== null);
  if (last === undefined || last.value === null) return [];
  const name = kpi.scope === 'shared' ? 'shared' : arm;
  const hasEnded = pixel(frame.x, last.at) < frame.left + 0.85 * (frame.right - frame.left);
  const words = hasEnded ? `${name}, ended` : `${name} ${formatValue(last.value, kpi.unit)}`;
  return [{ text: frame.size.name === 'narrow' ? name : words, line: arm, y: pixel(frame.y, last.value) }];
}

function describe(kpi: Kpi, canary: readonly Point[], stable: readonly Point[], from: EpochMs): string {
  const alert = prettyLimit(kpi.alert, kpi.unit);
  const parts = [extremes('canary', kpi, canary, from), extremes('stable', kpi, stable, from)];
  return `${parts.filter((part) => part !== '').join(' ') || 'No data.'} Alert limit ${alert}.`;
}

function extremes(name: string, kpi: Kpi, points: readonly Point[], from: EpochMs): string {
  const seen = points.flatMap(({ at, value }) => (value === null ? [] : [{ at, value }]));
  const last = seen.at(-1);
  if (last === undefined) return '';
  const high = seen.reduce((best, one) => (one.value > best.value ? one : best));
  const low = seen.reduce((best, one) => (one.value < best.value ? one : best));
  const words = (point: { at: EpochMs; value: number }): string =>
    `${formatValue(point.value, kpi.unit)} (at ${formatClock(point.at - from)})`;
  return `The ${name} lay between ${words(low)} and ${words(high)}, and ended with ${formatValue(last.value, kpi.unit)}.`;
}

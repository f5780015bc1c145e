import { oddsAgainst } from '../../analysis/comparison/odds.ts';
import type { EpochMs } from '../../units.ts';
import type { EvidenceSeries } from '../evidence-series.ts';
import { html, type Markup } from '../markup.ts';
import type { Series } from '../series.ts';
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
} from './frame.ts';
import { drawable, drawLine, gapsOf } from './lines.ts';
import { pixel } from './scale.ts';

export interface EvidenceChart {
  readonly id: string;
  readonly series: Series;
  readonly evidence: EvidenceSeries;
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** When the rollout was decided; null when it was not, or elsewhere. */
  readonly decidedAt: EpochMs | null;
  /** The comparison decided. */
  readonly isDeciding: boolean;
  /** Pixels left of the plot, the same for all charts that stand on one time axis. */
  readonly left: number;
}

/** Evidence below 1 to 100 looks all the same, and so does what is over a billion to 1. */
const LEAST = -2;
const MOST = 9;

/** The evidence that the canary is worse over time, on a scale of powers of ten, and where it aborts. */
export function evidenceChart(chart: EvidenceChart, size: Size): Markup {
  const { id, series, evidence, from, to } = chart;
  const line = drawable(evidence.line, series.failedAt).map(inPowers);
  const limit = evidence.threshold / Math.LN10;
  const frame = evidenceFrame(chart, size, line, limit);
  const name = `${id}-${size.name}`;
  const gaps = gapsOf(line);
  return html`<svg class="chart ${size.name}" data-chart="${id}" data-left="${frame.left}" data-right="${frame.right}" data-top="${frame.top}" data-bottom="${frame.bottom}" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-labelledby="${name}-title ${name}-desc">
<title id="${name}-title">Evidence that the canary is worse</title>
<desc id="${name}-desc">${describeEvidence(evidence, from)}</desc>
${hatchPattern(`${name}-hatch`)}
${drawBands(frame, bandsOf(series, to))}
<rect class="forbidden" x="${frame.left}" y="${frame.top}" width="${frame.right - frame.left}" height="${pixel(frame.y, limit) - frame.top}"/>
${drawValueAxis(frame, powersOf(frame), powerWords)}
${gaps.map((gap) => drawGap(frame, gap, `${name}-hatch`))}
${drawTimeAxis(frame)}
<line class="line alert" x1="${frame.left}" x2="${frame.right}" y1="${pixel(frame.y, limit)}" y2="${pixel(frame.y, limit)}"/>
${drawEvidence(frame, line)}
${gaps.map((gap) => drawGapLabel(frame, gap, [pixel(frame.y, limit)]))}
${decision(frame, chart, line)}
${drawEndLabels(endLabels(frame, evidence, limit), frame.right, frame.top, frame.bottom)}
</svg>`;
}

function inPowers({ at, value }: Point): Point {
  return { at, value: value === null ? null : value / Math.LN10 };
}

function evidenceFrame(chart: EvidenceChart, size: Size, line: readonly Point[], limit: number): Frame {
  const powers = line.flatMap(({ value }) => (value === null ? [] : [value]));
  const low = Math.max(LEAST, Math.min(-1, ...powers));
  const high = Math.max(limit + 0.6, Math.min(MOST, Math.max(0, ...powers) + 0.4));
  const margins = {
    left: chart.left,
    top: chart.isDeciding ? 44 : 26,
  };
  return frameOf(size, { from: chart.from, to: chart.to, low, high }, margins);
}

/** Whole powers of ten, every second or third one where they would stand too close. */
function powersOf({ y, top, bottom }: Frame): number[] {
  const step = Math.max(1, Math.ceil(((y.to - y.from) * 22) / (bottom - top)));
  const first = Math.ceil(y.from / step) * step;
  const count = Math.floor((y.to - first) / step) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => first + index * step);
}

/** `1 : 10`, `100 : 1`. */
function powerWords(power: number): string {
  const odds = (10 ** Math.abs(power)).toLocaleString('en-US', { notation: 'compact' });
  return power < 0 ? `1 : ${odds}` : `${odds} : 1`;
}

function drawEvidence({ x, y }: Frame, line: readonly Point[]): Markup {
  const { path, dots } = drawLine(line, x, y);
  const circles = dots.map((dot) => html`<circle class="evidence-dot" cx="${dot.x}" cy="${dot.y}" r="2"/>`);
  return html`<path class="line evidence" d="${path}"/>${circles}`;
}

function decision(frame: Frame, chart: EvidenceChart, line: readonly Point[]): Markup {
  const { decidedAt, isDeciding, from, evidence } = chart;
  if (decidedAt === null) return html``;
  if (!isDeciding) return drawDecision(frame, decidedAt, null);
  const seen = evidence.line.findLast((point) => point.at <= decidedAt && point.value !== null);
  const odds = seen === undefined || seen.value === null ? '' : ` with ${oddsAgainst(seen.value)}`;
  const words = `aborted at ${formatClock(decidedAt - from)}${odds}`;
  const ring = line.findLast((point) => point.at <= decidedAt && point.value !== null);
  return drawDecision(frame, decidedAt, { words, ring: ring ?? null });
}

function endLabels(frame: Frame, evidence: EvidenceSeries, limit: number): EndLabel[] {
  const isNarrow = frame.size.name === 'narrow';
  const aborts = {
    text: isNarrow ? 'abort' : `abort at ${oddsAgainst(evidence.threshold)}`,
    line: 'alert',
    y: pixel(frame.y, limit),
  };
  const last = evidence.line.findLast((point) => point.value !== null);
  if (last === undefined || last.value === null) return [aborts];
  const text = isNarrow ? 'evidence' : oddsAgainst(last.value);
  return [{ text, line: 'evidence', y: pixel(frame.y, last.value / Math.LN10) }, aborts];
}

/** The course of the evidence in one or two sentences. */
export function describeEvidence({ line, threshold }: EvidenceSeries, from: EpochMs): string {
  const seen = line.flatMap(({ at, value }) => (value === null ? [] : [{ at, value }]));
  const last = seen.at(-1);
  if (last === undefined) return 'No data.';
  const most = seen.reduce((best, one) => (one.value > best.value ? one : best));
  const abort = oddsAgainst(threshold);
  const peak = `at most ${oddsAgainst(most.value)} (at ${formatClock(most.at - from)})`;
  const end =
    most.value >= threshold
      ? `It reached the ${abort} that aborts.`
      : `It never reached the ${abort} that aborts.`;
  return `The evidence that the canary is worse was ${peak}, and ended with ${oddsAgainst(last.value)}. ${end}`;
}

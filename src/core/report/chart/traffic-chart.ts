import { html, type Markup } from '../markup.ts';
import type { Series } from '../series.ts';
import { formatPercent } from '../words.ts';
import { bandsOf } from './bands.ts';
import { drawEndLabels } from './end-labels.ts';
import {
  drawBands,
  drawGap,
  drawGapLabel,
  drawTimeAxis,
  drawValueAxis,
  type Extent,
  type Frame,
  frameOf,
  hatchPattern,
  type Size,
  textWidth,
} from './frame.ts';
import { drawStairs, drawStairsArea, gapsOf } from './lines.ts';
import { pixel } from './scale.ts';
import { clusters } from './spread.ts';

export interface TrafficChart {
  readonly id: string;
  readonly series: Series;
  readonly from: number;
  readonly to: number;
  /** Pixels left of the plot, the same for all charts that stand on one time axis. */
  readonly left: number;
}

/** The weight that was asked for and the weight that the router said it had, with the timeline's numbers above. */
export function trafficChart({ id, series, from, to, left }: TrafficChart, size: Size): Markup {
  const extent: Extent = { from, to, low: 0, high: 100 };
  const frame = frameOf(size, extent, { left, top: 46 });
  const end = { at: to, value: null };
  const asked = [...series.traffic.map((point) => ({ at: point.at, value: point.asked })), end];
  const read = [...series.traffic.map((point) => ({ at: point.at, value: point.read })), end];
  const name = `${id}-${size.name}`;
  const gaps = gapsOf(read.slice(0, -1));
  return html`<svg class="chart ${size.name}" data-chart="${id}" data-left="${frame.left}" data-right="${frame.right}" data-top="${frame.top}" data-bottom="${frame.bottom}" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-labelledby="${name}-title ${name}-desc">
<title id="${name}-title">Share of traffic on the new version</title>
<desc id="${name}-desc">${describe(series)}</desc>
${hatchPattern(`${name}-hatch`)}
${drawBands(frame, bandsOf(series, to))}
${drawValueAxis(frame, [0, 25, 50, 75, 100], formatPercent)}
${gaps.map((gap) => drawGap(frame, gap, `${name}-hatch`))}
<path class="area" d="${drawStairsArea(read, frame.x, frame.y, frame.bottom)}"/>
<path class="line asked" d="${drawStairs(asked, frame.x, frame.y)}"/>
<path class="line read" d="${drawStairs(read, frame.x, frame.y)}"/>
${gaps.map((gap) => drawGapLabel(frame, gap, []))}
${drawTimeAxis(frame)}
${drawMarks(frame, series)}
${endLabels(frame, series)}
</svg>`;
}

function describe(series: Series): string {
  const changes = series.traffic.filter((point, index) => point.asked !== series.traffic[index - 1]?.asked);
  return `The weight asked for went ${changes.map((point) => formatPercent(point.asked)).join(', ')}.`;
}

function endLabels(frame: Frame, series: Series): Markup {
  const last = series.traffic.at(-1);
  if (last === undefined) return html``;
  const words = (name: string, weight: number): string =>
    frame.size.name === 'narrow' ? name : `${name} ${formatPercent(weight)}`;
  const asked = {
    text: words('asked', last.asked),
    line: 'asked',
    x: frame.right,
    y: pixel(frame.y, last.asked),
  };
  const read =
    last.read === null
      ? []
      : [{ text: words('read', last.read), line: 'read', y: pixel(frame.y, last.read) }];
  return drawEndLabels([...read, asked], frame.right, frame.top, frame.bottom);
}

/** The numbers of the timeline, each over its moment. */
function drawMarks(frame: Frame, series: Series): Markup {
  const places = series.marks.map((mark) => pixel(frame.x, mark.at));
  const stems = [...new Set(places.map((place) => Math.round(place)))].map(
    (place) =>
      html`<line class="stem" x1="${place}" x2="${place}" y1="${frame.top - 24}" y2="${frame.bottom}"/>`,
  );
  const badges = clusters(places, 30).map(({ x, first, last }) => {
    const text = first === last ? `${first}` : `${first}–${last}`;
    const width = Math.max(18, textWidth(text) + 10);
    const left = Math.min(x - width / 2, frame.size.width - width - 1);
    return html`<rect class="badge" x="${left}" y="2" width="${width}" height="18" rx="9"/><text class="badge-text" x="${left + width / 2}" y="15" text-anchor="middle">${text}</text>`;
  });
  return html`<g>${stems}${badges}</g>`;
}

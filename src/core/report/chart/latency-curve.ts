import { formatValue } from '../../analysis/kpi.ts';
import type { LoadTestResult } from '../../load/load-test-result.ts';
import { quantileName } from '../../load/load-words.ts';
import { html, type Markup } from '../markup.ts';
import { drawValueAxis, type Frame, frameOf, type Size, textWidth } from './frame.ts';
import { pixel, valueTicks } from './scale.ts';

export interface CurveLimit {
  readonly quantile: number;
  readonly ms: number;
}

/** Latency by percentile. Each nine more takes as much room as the one before, so that the tail can be seen. */
export function latencyCurve({ curve }: LoadTestResult, limits: readonly CurveLimit[], size: Size): Markup {
  const drawn = curve.filter(({ quantile }) => quantile < 1);
  const last = drawn.at(-1);
  if (drawn.length < 2 || last === undefined) return html``;
  const most = Math.max(...drawn.map(({ ms }) => ms), ...limits.map(({ ms }) => ms), 1) * 1.08;
  const ticks = valueTicks(0, most, size.name === 'narrow' ? 4 : 5);
  const shown = (value: number): string => formatValue(value, 'ms');
  const left = Math.max(46, ...ticks.map((tick) => textWidth(shown(tick)) + 14));
  const extent = { from: 0, to: 1_000, low: 0, high: most };
  const frame = frameOf(size, extent, { left, top: 26 });
  const [first, end] = [nines(drawn[0]?.quantile ?? 0), nines(last.quantile)];
  const place = (quantile: number): number =>
    frame.left + ((nines(quantile) - first) / (end - first)) * (frame.right - frame.left);
  const path = drawn
    .map(
      ({ quantile, ms }, index) =>
        `${index === 0 ? 'M' : 'L'}${place(quantile).toFixed(1)} ${pixel(frame.y, ms).toFixed(1)}`,
    )
    .join('');
  const name = `curve-${size.name}`;
  const words = drawn.map(({ quantile, ms }) => `${quantileName(quantile)} ${shown(ms)}`).join(', ');
  return html`<svg class="chart ${size.name}" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-labelledby="${name}-title ${name}-desc">
<title id="${name}-title">Latency by percentile</title>
<desc id="${name}-desc">${words}.</desc>
${drawValueAxis(frame, ticks, shown)}
${limits.map((limit) => drawLimit(frame, limit, place))}
<path class="line read" d="${path}"/>
${drawPlaces(
  frame,
  drawn.map(({ quantile }) => quantile),
  place,
)}
<text class="label read-label" x="${frame.right + 8}" y="${pixel(frame.y, last.ms) + 4}">${shown(last.ms)}</text>
</svg>`;
}

/** How many nines: 0.9 is 1, 0.99 is 2. */
function nines(quantile: number): number {
  return -Math.log10(1 - quantile);
}

/** A limit stands from its percentile down to all that are below it. */
function drawLimit(
  { y, left }: Frame,
  { quantile, ms }: CurveLimit,
  place: (quantile: number) => number,
): Markup {
  const [x, height] = [place(quantile), pixel(y, ms)];
  return html`<line class="line alert" x1="${left}" x2="${x}" y1="${height}" y2="${height}"/><circle class="limit-dot" cx="${x}" cy="${height}" r="3.5"/><text class="label alert-label halo" x="${x + 8}" y="${height + 4}">${quantileName(quantile)} limit</text>`;
}

function drawPlaces(
  { left, right, bottom }: Frame,
  quantiles: readonly number[],
  place: (quantile: number) => number,
): Markup {
  let free = Number.NEGATIVE_INFINITY;
  const marks = quantiles.map((quantile) => {
    const x = place(quantile);
    const text = quantileName(quantile);
    const isFree = x - textWidth(text) / 2 > free;
    if (isFree) free = x + textWidth(text) / 2 + 6;
    const label = isFree
      ? html`<text class="axis" x="${x}" y="${bottom + 18}" text-anchor="middle">${text}</text>`
      : html``;
    return html`<line class="tick" x1="${x}" x2="${x}" y1="${bottom}" y2="${bottom + 4}"/>${label}`;
  });
  return html`<g><line class="tick" x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}"/>${marks}</g>`;
}

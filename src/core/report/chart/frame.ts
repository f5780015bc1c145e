import type { EpochMs } from '../../units.ts';
import { html, type Markup } from '../markup.ts';
import { formatClock } from '../words.ts';
import type { Band } from './bands.ts';
import type { Gap } from './lines.ts';
import { pixel, type Scale, timeTicks } from './scale.ts';

/** How much room a chart has. Each chart is drawn once per size, and the page shows the one that fits. */
export interface Size {
  readonly name: 'wide' | 'narrow';
  readonly width: number;
  readonly height: number;
}

export const WIDE: Size = { name: 'wide', width: 1_040, height: 280 };
/** As wide as the others, so that moments stand under each other. */
export const ROW: Size = { name: 'wide', width: 1_040, height: 170 };
export const NARROW: Size = { name: 'narrow', width: 350, height: 230 };

/** The plot inside its margins, and what a pixel in it means. */
export interface Frame {
  readonly size: Size;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly x: Scale;
  readonly y: Scale;
}

export interface Extent {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly low: number;
  readonly high: number;
}

const CHARACTER = 6.9;

/** About how wide a text of the charts' size is. */
export function textWidth(text: string): number {
  return text.length * CHARACTER;
}

export function frameOf(
  size: Size,
  extent: Extent,
  margins: { readonly left: number; readonly top: number },
): Frame {
  const left = margins.left;
  const right = size.width - (size.name === 'narrow' ? 72 : 140);
  const { top } = margins;
  const bottom = size.height - 26;
  const to = Math.max(extent.to, extent.from + 1_000);
  return {
    size,
    left,
    right,
    top,
    bottom,
    x: { from: extent.from, to, start: left, end: right },
    y: { from: extent.low, to: extent.high, start: bottom, end: top },
  };
}

export function drawBands(frame: Frame, bands: readonly Band[]): Markup {
  return html`<g>${bands.map((band) => drawBand(frame, band))}</g>`;
}

function drawBand({ x, top, bottom }: Frame, band: Band): Markup {
  const [from, to] = [pixel(x, band.from), pixel(x, band.to)];
  const room = to - from;
  const shade = band.isShaded
    ? html`<rect class="band" x="${from}" y="${top}" width="${room}" height="${bottom - top}"/>`
    : html``;
  const label =
    textWidth(band.label) + 4 <= room
      ? html`<text class="band-label" x="${(from + to) / 2}" y="${top - 7}" text-anchor="middle">${band.label}</text>`
      : html``;
  const start = html`<line class="stem" x1="${from}" x2="${from}" y1="${top}" y2="${bottom}"/>`;
  return html`${shade}${start}${label}`;
}

export function drawTimeAxis(frame: Frame): Markup {
  const { x, left, right, bottom } = frame;
  const count = Math.max(2, Math.floor((right - left) / 76));
  const ticks = timeTicks(x.to - x.from, count).map((offset) => {
    const place = pixel(x, x.from + offset);
    return html`<line class="tick" x1="${place}" x2="${place}" y1="${bottom}" y2="${bottom + 4}"/><text class="axis" x="${place}" y="${bottom + 18}" text-anchor="middle">${formatClock(offset)}</text>`;
  });
  return html`<g><line class="tick" x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}"/>${ticks}</g>`;
}

export function drawValueAxis(
  frame: Frame,
  ticks: readonly number[],
  format: (value: number) => string,
): Markup {
  const { y, left, right } = frame;
  const lines = ticks.map((value) => {
    const place = pixel(y, value);
    return html`<line class="grid" x1="${left}" x2="${right}" y1="${place}" y2="${place}"/><text class="axis" x="${left - 7}" y="${place + 4}" text-anchor="end">${format(value)}</text>`;
  });
  return html`<g>${lines}</g>`;
}

/** Hatching where there is no data. */
export function drawGap(frame: Frame, gap: Gap, hatch: string): Markup {
  const [start, end] = [pixel(frame.x, gap.from), pixel(frame.x, gap.to)];
  if (end - start < 1) return html``;
  return html`<rect x="${start}" y="${frame.top}" width="${end - start}" height="${frame.bottom - frame.top}" fill="url(#${hatch})"/>`;
}

/** The words for a gap, where they fit, and away from the lines at the heights `taken`. */
export function drawGapLabel(frame: Frame, gap: Gap, taken: readonly number[]): Markup {
  const [start, end] = [pixel(frame.x, gap.from), pixel(frame.x, gap.to)];
  if (textWidth('no data') > end - start) return html``;
  const heights = [frame.bottom - 10, (frame.top + frame.bottom) / 2, frame.top + 18];
  const free = heights.find((height) => taken.every((line) => Math.abs(line + 4 - height) > 12));
  return html`<text class="halo gap-label" x="${(start + end) / 2}" y="${free ?? frame.bottom - 10}" text-anchor="middle">no data</text>`;
}

export function hatchPattern(id: string): Markup {
  return html`<defs><pattern id="${id}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="hatch" x1="0" y1="0" x2="0" y2="6"/></pattern></defs>`;
}

import type { EpochMs } from '../../units.ts';
import { type Point, thinned } from '../thin-out.ts';
import { pixel, type Scale } from './scale.ts';

const PLENTY = 600;

/** As many points as an eye can tell apart; peaks, gaps and the time `keep` stay. */
export function drawable(line: readonly Point[], keep: EpochMs | null): readonly Point[] {
  return line.length <= PLENTY ? line : thinned(line, Math.ceil(line.length / (PLENTY / 4)), keep);
}

export interface Drawn {
  /** Path data; the pen is lifted where there is no value. */
  readonly path: string;
  /** Values alone between two gaps, which no line can show. */
  readonly dots: readonly { readonly x: number; readonly y: number }[];
}

export function drawLine(line: readonly Point[], x: Scale, y: Scale): Drawn {
  const dots: { x: number; y: number }[] = [];
  let path = '';
  for (const [index, point] of line.entries()) {
    if (point.value === null) continue;
    const isFirst = (line[index - 1]?.value ?? null) === null;
    const isLast = (line[index + 1]?.value ?? null) === null;
    const place = { x: pixel(x, point.at), y: pixel(y, point.value) };
    if (isFirst && isLast) dots.push(place);
    else path += `${isFirst ? 'M' : 'L'}${round(place.x)} ${round(place.y)}`;
  }
  return { path, dots };
}

/** A line that holds each value until the next point. */
export function drawStairs(line: readonly Point[], x: Scale, y: Scale): string {
  let path = '';
  let drawing = false;
  for (const { at, value } of line) {
    const right = round(pixel(x, at));
    if (drawing) path += `H${right}`;
    if (value !== null) path += `${drawing ? 'V' : `M${right} `}${round(pixel(y, value))}`;
    drawing = value !== null;
  }
  return path;
}

/** The same stairs, each run of them closed down to `base`. */
export function drawStairsArea(line: readonly Point[], x: Scale, y: Scale, base: number): string {
  return drawStairs(line, x, y)
    .split('M')
    .filter((run) => run.includes('H'))
    .map((run) => {
      const start = run.slice(0, run.indexOf(' '));
      return `M${start} ${base}V${run.slice(run.indexOf(' ') + 1)}V${base}Z`;
    })
    .join('');
}

export interface Gap {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** Where a line says nothing: from the last value before to the first value after. */
export function gapsOf(line: readonly Point[]): Gap[] {
  const gaps: Gap[] = [];
  let spoke: EpochMs | null = null;
  let silentFrom: EpochMs | null = null;
  for (const { at, value } of line) {
    if (value === null) {
      silentFrom ??= spoke ?? at;
      continue;
    }
    if (silentFrom !== null) gaps.push({ from: silentFrom, to: at });
    silentFrom = null;
    spoke = at;
  }
  const last = line.at(-1);
  if (silentFrom !== null && last !== undefined && last.at > silentFrom)
    gaps.push({ from: silentFrom, to: last.at });
  return gaps;
}

function round(value: number): number {
  return Number(value.toFixed(1));
}

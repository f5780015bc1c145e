import type { Milliseconds } from '../../units.ts';
import type { EvidenceSeries } from '../evidence-series.ts';
import { html, type Markup } from '../markup.ts';
import { drawLine } from './lines.ts';
import { pixel, type Scale } from './scale.ts';

const WIDTH = 132;
const HEIGHT = 30;
const BINS = 66;

/**
 * The evidence of one rollout as small as a word: powers of ten from 1 to 10 up, with the line that aborts.
 * `length` is the planned length, so that the sparks of a table share one time axis.
 */
export function evidenceSpark(
  { line, threshold }: EvidenceSeries,
  length: Milliseconds,
  isAborted: boolean,
  words: string,
): Markup {
  const limit = threshold / Math.LN10;
  const x: Scale = { from: 0, to: Math.max(1, length), start: 2, end: WIDTH - 4 };
  const y: Scale = { from: -1, to: limit + 0.5, start: HEIGHT - 2, end: 3 };
  const points = binned(
    line.flatMap(({ at, value }) => (value === null ? [] : [{ at, value: value / Math.LN10 }])),
    x,
  );
  const last = points.at(-1);
  const dot =
    !isAborted || last === undefined
      ? html``
      : html`<circle class="spark-dot" cx="${pixel(x, last.at)}" cy="${pixel(y, last.value)}" r="3"/>`;
  return html`<svg class="spark" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${words}"><line class="line alert" x1="0" x2="${WIDTH}" y1="${pixel(y, limit)}" y2="${pixel(y, limit)}"/><path class="line evidence" d="${drawLine(points, x, y).path}"/>${dot}</svg>`;
}

interface Known {
  readonly at: number;
  readonly value: number;
}

/** The highest value of each bin; the last one stays as it is. */
function binned(points: readonly Known[], x: Scale): Known[] {
  const best = new Map<number, Known>();
  for (const point of points) {
    const bin = Math.floor(((point.at - x.from) / (x.to - x.from)) * BINS);
    const had = best.get(bin);
    if (had === undefined || point.value > had.value) best.set(bin, point);
  }
  const last = points.at(-1);
  const kept = [...best.values()].filter((point) => point !== last);
  return last === undefined ? kept : [...kept, last];
}

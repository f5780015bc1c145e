import type { LoadPoint } from '../../core/load/load-run.ts';
import type { EpochMs, Milliseconds } from '../../core/units.ts';

/** Of a point of the series. */
export const SPAN: Milliseconds = 1_000;

export interface SpanCount {
  requests: number;
  failed: number;
}

interface Ends {
  /** The time from which spans are numbered. */
  readonly anchor: EpochMs;
  readonly first: EpochMs;
  readonly end: EpochMs;
}

/**
 * Spans without gaps, from the first request on. The first and the last span are what the run has of them; one of
 * less than half a span is joined to its neighbour, since a rate over so little time says nothing.
 */
export function seriesOf(spans: ReadonlyMap<number, SpanCount>, { anchor, first, end }: Ends): LoadPoint[] {
  if (spans.size === 0) return [];
  let [from, to] = [Infinity, -Infinity];
  for (const index of spans.keys()) [from, to] = [Math.min(from, index), Math.max(to, index)];
  const points: LoadPoint[] = [];
  for (let index = from; index <= to; index += 1) {
    const begins = Math.max(first, anchor + index * SPAN);
    const ends = Math.min(Math.max(end, begins), anchor + (index + 1) * SPAN);
    const { requests, failed } = spans.get(index) ?? { requests: 0, failed: 0 };
    points.push({
      at: rounded(begins - first),
      span: rounded(ends - begins),
      requests,
      failed,
      offered: null,
    });
  }
  return joinShortEnds(points);
}

/** To a microsecond: times since 1970 hold no more. */
const rounded = (ms: Milliseconds): Milliseconds => Number(ms.toFixed(3));

function joinShortEnds(points: readonly LoadPoint[]): LoadPoint[] {
  const joined = [...points];
  const [first, second] = joined;
  if (first !== undefined && second !== undefined && first.span < SPAN / 2)
    joined.splice(0, 2, join(first, second));
  const [last, before] = [joined.at(-1), joined.at(-2)];
  if (last !== undefined && before !== undefined && last.span < SPAN / 2)
    joined.splice(-2, 2, join(before, last));
  return joined;
}

function join(one: LoadPoint, next: LoadPoint): LoadPoint {
  return {
    at: one.at,
    span: rounded(one.span + next.span),
    requests: one.requests + next.requests,
    failed: one.failed + next.failed,
    offered: one.offered === null || next.offered === null ? null : one.offered + next.offered,
  };
}

import type { EpochMs } from '../units.ts';

/** One value at one time; null where there was none. */
export interface Point {
  readonly at: EpochMs;
  readonly value: number | null;
}

/** The most points that a recorded line keeps. */
export const MOST_POINTS = 2_000;
const BUCKET = 8;

/** Adds a point. A line that grows too long is thinned to about half, without losing a peak, a gap, or the time `keep`. */
export function appended(line: readonly Point[], point: Point, keep: EpochMs | null): readonly Point[] {
  const next = goesOnSilent(line, point) ? [...line.slice(0, -1), point] : [...line, point];
  return next.length <= MOST_POINTS ? next : thinned(next, BUCKET, keep);
}

/** A long silence needs only its first and its last point. */
function goesOnSilent(line: readonly Point[], point: Point): boolean {
  return point.value === null && line.at(-1)?.value === null && line.at(-2)?.value === null;
}

/** Of every `size` points: the lowest, the highest, the first gap, and those at `keep`; of the line, its two ends. */
export function thinned(line: readonly Point[], size: number, keep: EpochMs | null): readonly Point[] {
  const kept = new Set<Point>();
  for (let from = 0; from < line.length; from += size) {
    for (const point of essence(line.slice(from, from + size), keep)) kept.add(point);
  }
  const last = line.length - 1;
  return line.filter((point, index) => index === 0 || index === last || kept.has(point));
}

function essence(bucket: readonly Point[], keep: EpochMs | null): Point[] {
  const gap = bucket.find((point) => point.value === null);
  const pinned = keep === null ? undefined : bucket.find((point) => point.at === keep);
  const low = extreme(bucket, (value, best) => value < best);
  const high = extreme(bucket, (value, best) => value > best);
  return [gap, pinned, low, high].filter((point) => point !== undefined);
}

function extreme(
  bucket: readonly Point[],
  beats: (value: number, best: number) => boolean,
): Point | undefined {
  let best: Point | undefined;
  for (const point of bucket) {
    if (point.value === null) continue;
    if (best === undefined || best.value === null || beats(point.value, best.value)) best = point;
  }
  return best;
}

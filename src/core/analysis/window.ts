import type { Milliseconds } from '../units.ts';
import type { Stretch, TrailEntry, WindowEntry } from './state.ts';

/** A ring is kept in about this many parts, however short the ticks are. */
const PARTS = 10;
const TRAIL_PARTS = 6;
/** The longest a trail may become while it waits for samples. */
const MOST_TRAIL_ENTRIES = 24;

/** Every kind of entry begins with the time it covers. */
type Row = readonly [ms: Milliseconds, ...rest: unknown[]];

/** Adds a tick and drops what the newest `span` does not need; what stays covers at least `span`. */
export function pushWindow(
  ring: readonly WindowEntry[],
  entry: WindowEntry,
  span: Milliseconds,
): readonly WindowEntry[] {
  const joined = append(ring, entry, span / PARTS, joinWindow);
  let from = 0;
  let rest = lasting(joined);
  for (const [ms] of joined.slice(0, -1)) {
    if (rest - ms < span) break;
    rest -= ms;
    from += 1;
  }
  return joined.slice(from);
}

/** As pushWindow, but keeps at least `need` events, for as long as the ring reaches. */
export function pushTrail(
  trail: readonly TrailEntry[],
  { ms: length, bad, total: seen, stableBad, stableTotal }: Stretch,
  span: Milliseconds,
  need: number,
): readonly TrailEntry[] {
  const entry: TrailEntry = [length, bad, seen, stableBad, stableTotal];
  const joined = append(trail, entry, span / TRAIL_PARTS, joinTrail);
  let from = 0;
  let ms = lasting(joined);
  let { total } = trailSum(joined);
  for (const [oldest, , events] of joined.slice(0, -1)) {
    if (ms - oldest < span || total - events < need) break;
    ms -= oldest;
    total -= events;
    from += 1;
  }
  return withinLength(joined.slice(from));
}

export function windowSum(ring: readonly WindowEntry[]): { readonly bad: number; readonly total: number } {
  let bad = 0;
  let total = 0;
  for (const entry of ring) {
    bad += entry[1];
    total += entry[2];
  }
  return { bad, total };
}

/** Events per bucket over the window; null when nothing in it has buckets. */
export function windowCounts(ring: readonly WindowEntry[]): readonly number[] | null {
  let sums: number[] | null = null;
  for (const [, , , counts] of ring) {
    if (counts === undefined) continue;
    if (sums === null) sums = [...counts];
    else for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) + (counts[i] ?? 0);
  }
  return sums;
}

export function trailSum(trail: readonly TrailEntry[]): Stretch {
  const sum = { ms: 0, bad: 0, total: 0, stableBad: 0, stableTotal: 0 };
  for (const [ms, bad, total, stableBad, stableTotal] of trail) {
    sum.ms += ms;
    sum.bad += bad;
    sum.total += total;
    sum.stableBad += stableBad;
    sum.stableTotal += stableTotal;
  }
  return sum;
}

function lasting(ring: readonly Row[]): Milliseconds {
  let sum = 0;
  for (const [ms] of ring) sum += ms;
  return sum;
}

/** A tick joins the newest part while the two are no longer than `grain`. Only time decides, never what was seen. */
function append<T extends Row>(
  ring: readonly T[],
  entry: T,
  grain: Milliseconds,
  join: (one: T, other: T) => T,
): readonly T[] {
  const last = ring.at(-1);
  if (last === undefined || last[0] + entry[0] > grain) return [...ring, entry];
  return [...ring.slice(0, -1), join(last, entry)];
}

/** Joins the two neighbours that are the shortest together, so that all parts stay about equally long. */
function withinLength(trail: readonly TrailEntry[]): readonly TrailEntry[] {
  if (trail.length <= MOST_TRAIL_ENTRIES) return trail;
  const pairs = trail.slice(1).map(([ms], i) => ms + (trail[i]?.[0] ?? 0));
  const at = pairs.indexOf(Math.min(...pairs));
  const [one, other] = trail.slice(at, at + 2);
  if (one === undefined || other === undefined) return trail;
  return [...trail.slice(0, at), joinTrail(one, other), ...trail.slice(at + 2)];
}

function joinWindow(one: WindowEntry, other: WindowEntry): WindowEntry {
  const [ms, bad, total] = [one[0] + other[0], one[1] + other[1], one[2] + other[2]];
  const counts = addCounts(one[3] ?? null, other[3] ?? null);
  return counts === null ? [ms, bad, total] : [ms, bad, total, counts];
}

function joinTrail(one: TrailEntry, other: TrailEntry): TrailEntry {
  return [one[0] + other[0], one[1] + other[1], one[2] + other[2], one[3] + other[3], one[4] + other[4]];
}

function addCounts(one: readonly number[] | null, other: readonly number[] | null): readonly number[] | null {
  if (one === null || other === null) return one ?? other;
  return one.map((count, i) => count + (other[i] ?? 0));
}

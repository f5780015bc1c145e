import type { Milliseconds } from '../units.ts';
import type { TrailEntry, WindowEntry } from './state.ts';

/** A ring is kept in about this many parts, however short the ticks are. */
const PARTS = 10;
const TRAIL_PARTS = 6;
/** The longest a trail may become while it waits for samples. */
const MOST_TRAIL_ENTRIES = 24;

/** Adds a tick and drops what the newest `span` does not need; what stays covers at least `span`. */
export function pushWindow(
  ring: readonly WindowEntry[],
  entry: WindowEntry,
  span: Milliseconds,
): readonly WindowEntry[] {
  const joined = append(ring, entry, span / PARTS, joinWindow);
  let from = 0;
  let rest = lasting(joined);
  for (const { ms } of joined.slice(0, -1)) {
    if (rest - ms < span) break;
    rest -= ms;
    from += 1;
  }
  return joined.slice(from);
}

/** As pushWindow, but keeps at least `need` events, for as long as the ring reaches. */
export function pushTrail(
  trail: readonly TrailEntry[],
  entry: TrailEntry,
  span: Milliseconds,
  need: number,
): readonly TrailEntry[] {
  const joined = append(trail, entry, span / TRAIL_PARTS, joinTrail);
  let from = 0;
  let ms = lasting(joined);
  let { total } = trailSum(joined);
  for (const oldest of joined.slice(0, -1)) {
    if (ms - oldest.ms < span || total - oldest.total < need) break;
    ms -= oldest.ms;
    total -= oldest.total;
    from += 1;
  }
  return withinLength(joined.slice(from));
}

export function windowSum(ring: readonly WindowEntry[]): { readonly bad: number; readonly total: number } {
  let bad = 0;
  let total = 0;
  for (const entry of ring) {
    bad += entry.bad;
    total += entry.total;
  }
  return { bad, total };
}

/** Events per bucket over the window; null when nothing in it has buckets. */
export function windowCounts(ring: readonly WindowEntry[]): readonly number[] | null {
  const shaped = ring.map(({ counts }) => counts).filter((counts) => counts !== undefined);
  const [first] = shaped;
  return first?.map((_, i) => shaped.reduce((sum, counts) => sum + (counts[i] ?? 0), 0)) ?? null;
}

export function trailSum(trail: readonly TrailEntry[]): TrailEntry {
  const sum = { ms: 0, bad: 0, total: 0, stableBad: 0, stableTotal: 0 };
  for (const entry of trail) {
    sum.ms += entry.ms;
    sum.bad += entry.bad;
    sum.total += entry.total;
    sum.stableBad += entry.stableBad;
    sum.stableTotal += entry.stableTotal;
  }
  return sum;
}

function lasting(ring: readonly { readonly ms: Milliseconds }[]): Milliseconds {
  return ring.reduce((sum, { ms }) => sum + ms, 0);
}

/** A tick joins the newest part while the two are no longer than `grain`. Only time decides, never what was seen. */
function append<T extends { readonly ms: Milliseconds }>(
  ring: readonly T[],
  entry: T,
  grain: Milliseconds,
  join: (one: T, other: T) => T,
): readonly T[] {
  const last = ring.at(-1);
  if (last === undefined || last.ms + entry.ms > grain) return [...ring, entry];
  return [...ring.slice(0, -1), join(last, entry)];
}

/** Joins the two neighbours that are the shortest together, so that all parts stay about equally long. */
function withinLength(trail: readonly TrailEntry[]): readonly TrailEntry[] {
  if (trail.length <= MOST_TRAIL_ENTRIES) return trail;
  const pairs = trail.slice(1).map((entry, i) => entry.ms + (trail[i]?.ms ?? 0));
  const at = pairs.indexOf(Math.min(...pairs));
  const [one, other] = trail.slice(at, at + 2);
  if (one === undefined || other === undefined) return trail;
  return [...trail.slice(0, at), joinTrail(one, other), ...trail.slice(at + 2)];
}

function joinWindow(one: WindowEntry, other: WindowEntry): WindowEntry {
  const joined = { ms: one.ms + other.ms, bad: one.bad + other.bad, total: one.total + other.total };
  const counts = addCounts(one.counts ?? null, other.counts ?? null);
  return counts === null ? joined : { ...joined, counts };
}

function joinTrail(one: TrailEntry, other: TrailEntry): TrailEntry {
  return {
    ms: one.ms + other.ms,
    bad: one.bad + other.bad,
    total: one.total + other.total,
    stableBad: one.stableBad + other.stableBad,
    stableTotal: one.stableTotal + other.stableTotal,
  };
}

function addCounts(one: readonly number[] | null, other: readonly number[] | null): readonly number[] | null {
  if (one === null || other === null) return one ?? other;
  return one.map((count, i) => count + (other[i] ?? 0));
}

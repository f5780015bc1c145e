import type { Slot } from '../../core/rollout/record.ts';
import type { EpochMs, Milliseconds } from '../../core/units.ts';
import type { ArmKey, Instance } from './arms.ts';
import type { Series } from './series.ts';
import { seriesKey } from './series.ts';
import type { Want } from './wants.ts';

/** Whole buckets of time: from the start of the first, inclusive, to the end of the last, exclusive. */
export interface Span {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly period: Milliseconds;
}

export interface Point {
  /** Start of the bucket. */
  readonly at: EpochMs;
  readonly value: number;
}

/** What a backend answered for one want: one series, by bucket. A bucket that is left out had nothing in it. */
export interface BucketRead {
  readonly want: Want;
  /** Null for a shared want. */
  readonly slot: Slot | null;
  readonly labels: ReadonlyMap<string, string>;
  /** For a histogram: how many were not above this bound, in the metric's own unit; infinite for all. Null otherwise. */
  readonly bound: number | null;
  readonly points: readonly Point[];
}

/** One series over a span. */
export interface Summed {
  readonly slot: Slot | null;
  readonly role: Want['role'];
  /** Its value: what was counted in all buckets; of a gauge, what the newest bucket holds. */
  readonly series: Series;
}

/** What an answer says that cannot be true; the message says what was expected and what was seen. */
export class BucketError extends Error {
  override readonly name = 'BucketError';
}

/**
 * Adds up each series over the span. A bucket that lies outside of it belongs to another look and is left out; one
 * that begins between two buckets, or comes twice, would be counted wrongly and is refused.
 */
export function sumOver(reads: readonly BucketRead[], span: Span): readonly Summed[] {
  const sums = new Map<string, Summed>();
  for (const read of reads) {
    const value = spanValue(read, span);
    if (value === null) continue;
    const { name, labels } = seriesOf(read);
    const key = `${read.slot} ${read.want.role} ${seriesKey(name, labels)}`;
    const before = sums.get(key)?.series.value ?? null;
    const series = { name, labels, value: together(read.want.role, before, value) };
    sums.set(key, { slot: read.slot, role: read.want.role, series });
  }
  return withEveryBound([...sums.values()], reads);
}

/** The part of an arm, as one instance. `isCounted` is false for a look that only sets the base line. */
export function instanceOf(
  arm: ArmKey,
  summed: readonly Summed[],
  { address, counts }: { readonly address: string; readonly counts: 'base-line' | 'gained' | 'nothing-new' },
): Instance {
  const own = summed.filter(({ slot }) => slot === (arm === 'shared' ? null : arm));
  const gained = (value: number): number | null =>
    counts === 'base-line' ? null : counts === 'gained' ? value : 0;
  return {
    address,
    gauges: own.filter(({ role }) => role === 'gauge').map(({ series }) => series),
    counted: own
      .filter(({ role }) => role !== 'gauge')
      .map(({ series }) => ({ series, by: gained(series.value) })),
    natives: [],
  };
}

function spanValue({ want, points }: BucketRead, { from, to, period }: Span): number | null {
  const inside = points.filter(({ at }) => at >= from && at < to);
  const seen = new Set<EpochMs>();
  for (const { at, value } of inside) {
    if ((at - from) % period !== 0) {
      throw new BucketError(`expected buckets of ${period / 1_000}s, saw one that begins at ${told(at)}`);
    }
    if (seen.has(at)) throw new BucketError(`expected each bucket once, saw ${told(at)} again`);
    if (want.role !== 'gauge' && !(value >= 0 && value < Infinity)) {
      throw new BucketError(`expected a count of ${want.metric}, saw ${value}`);
    }
    seen.add(at);
  }
  if (want.role === 'gauge') return inside.find(({ at }) => at === to - period)?.value ?? null;
  return inside.length === 0 ? null : inside.reduce((sum, { value }) => sum + value, 0);
}

function told(at: EpochMs): string {
  return Number.isFinite(at) ? new Date(at).toISOString() : String(at);
}

function seriesOf({ want, labels, bound }: BucketRead): Pick<Series, 'name' | 'labels'> {
  if (bound === null) return { name: want.metric, labels };
  return { name: `${want.metric}_bucket`, labels: new Map([...labels, ['le', boundText(bound)]]) };
}

function boundText(bound: number): string {
  return bound === Infinity ? '+Inf' : String(bound);
}

function together(role: Want['role'], before: number | null, value: number): number {
  if (before === null) return value;
  return role === 'gauge' ? Math.max(before, value) : before + value;
}

/** A bound below which there was nothing is left out by some backends: of a histogram that is there, it holds 0. */
function withEveryBound(summed: readonly Summed[], reads: readonly BucketRead[]): readonly Summed[] {
  const bounds = new Map<string, Set<string>>();
  for (const { want, bound } of reads) {
    if (bound === null) continue;
    const name = `${want.metric}_bucket`;
    bounds.set(name, (bounds.get(name) ?? new Set()).add(boundText(bound)));
  }
  const known = new Set(summed.map(keyOf));
  const absent = summed
    .filter(({ role, series }) => role === 'histogram' && series.labels.get('le') === '+Inf')
    .flatMap((whole) =>
      [...(bounds.get(whole.series.name) ?? [])].map((le): Summed => {
        const labels = new Map([...whole.series.labels, ['le', le]]);
        return { ...whole, series: { ...whole.series, labels, value: 0 } };
      }),
    )
    .filter((one) => !known.has(keyOf(one)));
  return [...summed, ...absent];
}

function keyOf({ slot, series }: Summed): string {
  return `${slot} ${seriesKey(series.name, series.labels)}`;
}

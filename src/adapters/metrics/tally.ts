import type { Observation } from '../../core/analysis/sample.ts';
import type { ArmView, Instance } from './arms.ts';
import type { HistogramTally } from './buckets.ts';
import { mergeHistograms, scaled, tallyBuckets } from './buckets.ts';
import type { Counted } from './increments.ts';
import { seriesKey } from './series.ts';
import type { CounterQuery, EventsQuery, HistogramQuery } from './sources.ts';

export interface EventsTally {
  readonly type: 'events';
  /** Good or bad ones, as the query says. */
  readonly part: number;
  readonly total: number;
}

/** Increments of one arm that have not been reported yet. */
export type Tally = EventsTally | HistogramTally;

export type Gathered =
  | { readonly kind: 'counts' | 'base-line' | 'absent'; readonly tally: Tally | null }
  | { readonly kind: 'broken'; readonly why: string };

/** Adds up this tick's increments over the series of an arm. A series that two selectors match counts once. */
export function gather(query: CounterQuery, view: ArmView): Gathered {
  return query.type === 'events' ? gatherEvents(query, view) : gatherHistogram(query, view);
}

/** Null when the two do not fit together any more. */
export function addTallies(one: Tally | null, other: Tally | null): Tally | null {
  if (one === null || other === null) return one ?? other;
  if (one.type === 'events' && other.type === 'events') {
    return { type: 'events', part: one.part + other.part, total: one.total + other.total };
  }
  return one.type === 'histogram' && other.type === 'histogram' ? mergeHistograms([one, other]) : null;
}

/** Never more bad events than events: a scrape may see a failure before it sees the request counted. */
export function observe(query: CounterQuery, tally: Tally): Observation {
  if (tally.type === 'histogram') {
    return { type: 'histogram', bounds: tally.bounds, counts: tally.counts };
  }
  const isGood = query.type === 'events' && query.partIs === 'good';
  const bad = isGood ? Math.max(0, tally.total - tally.part) : tally.part;
  return { type: 'events', bad, total: Math.max(tally.total, bad) };
}

function gatherEvents(query: EventsQuery, view: ArmView): Gathered {
  const counted = view.instances.flatMap((instance) => instance.counted);
  const total = counted.filter(({ series }) => query.total.some((test) => test(series.name, series.labels)));
  const part = counted.filter(({ series }) => query.part.some((test) => test(series.name, series.labels)));
  const tally: EventsTally = { type: 'events', part: sumOf(part), total: sumOf(total) };
  if (total.length === 0) return { kind: 'absent', tally };
  return { kind: total.some(({ by }) => by !== null) ? 'counts' : 'base-line', tally };
}

function sumOf(counted: readonly Counted[]): number {
  return counted.reduce((sum, { by }) => sum + (by ?? 0), 0);
}

function gatherHistogram(query: HistogramQuery, view: ArmView): Gathered {
  const tallies: HistogramTally[] = [];
  let isPresent = false;
  for (const instance of view.instances) {
    for (const buckets of histogramsOf(query, instance)) {
      isPresent = true;
      const tallied = tallyBuckets(buckets, query.scale);
      if (tallied.kind === 'broken') return { kind: 'broken', why: `${instance.address}: ${tallied.why}` };
      if (tallied.kind === 'counts') tallies.push(tallied.tally);
    }
  }
  if (!isPresent) return gatherNative(query, view);
  if (tallies.length === 0) return { kind: 'base-line', tally: null };
  const tally = mergeHistograms(tallies);
  if (tally !== null) return { kind: 'counts', tally };
  const why = `${query.needs}: expected bounds that all instances share, saw none; use the same buckets`;
  return { kind: 'broken', why };
}

/** Where there are no classic buckets. Native ones come on one grid, so that they always fit together. */
function gatherNative(query: HistogramQuery, view: ArmView): Gathered {
  const found = view.instances
    .flatMap((instance) => instance.natives)
    .filter(({ series }) => query.native(series.name, series.labels));
  const gained = found.flatMap((one) => (one.gained === null ? [] : [scaled(one.gained, query.scale)]));
  const tally = mergeHistograms(gained);
  if (tally !== null) return { kind: 'counts', tally };
  return { kind: found.length > 0 ? 'base-line' : 'absent', tally: null };
}

/** The buckets of each labelled histogram of one instance. */
function histogramsOf(query: HistogramQuery, instance: Instance): readonly (readonly Counted[])[] {
  const found = instance.counted.filter(({ series }) => query.bucket(series.name, series.labels));
  const groups = new Map<string, Counted[]>();
  for (const counted of found) {
    const key = seriesKey(counted.series.name, counted.series.labels, 'le');
    groups.set(key, [...(groups.get(key) ?? []), counted]);
  }
  return [...groups.values()];
}

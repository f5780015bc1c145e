import type { EpochMs } from '../../core/units.ts';
import type { Series } from './series.ts';
import { seriesKey } from './series.ts';

/** What an earlier scrape of one endpoint left behind. */
export interface EndpointMemory {
  /** Newest raw value by series. */
  readonly last: ReadonlyMap<string, number>;
  /** Scrapes missed since. */
  readonly misses: number;
  /** When it was last read, by its own clock. */
  readonly readAt: EpochMs;
  readonly processStart: EpochMs | null;
}

/** The counters of one good scrape. */
export interface CounterScrape {
  readonly counters: readonly Series[];
  /** When a counter was created, where the endpoint says so (`_created`). */
  readonly createdAt: (counter: Series) => EpochMs | null;
  readonly readAt: EpochMs;
  readonly processStart: EpochMs | null;
}

/** A counter with what it gained since the scrape before; null when this scrape only sets its base line. */
export interface Counted {
  readonly series: Series;
  readonly by: number | null;
}

/** Missed scrapes in a row after which an endpoint's values are forgotten. */
export const FORGET_AFTER = 2;

interface Keyed {
  readonly key: string;
  readonly series: Series;
}

/**
 * Turns the raw counters of one endpoint into increments.
 *
 * - The first scrape of an endpoint sets its base line: nothing is counted.
 * - A series counts by the difference to its last value. A drop is a reset: the new value is the increment.
 *   One bucket that drops resets every bucket of its histogram. What a process counted between the last
 *   scrape and its end is lost.
 * - A series that is new at an endpoint read on the scrape before counts in full: clients make a labelled
 *   series at its first event. If its `_created` says that it is older than that, it sets a base line.
 * - An endpoint missed once keeps its values, and the next good scrape counts over the gap. A series that is
 *   new after the gap counts in full only if `_created`, or else `process_start_time_seconds`, says that it
 *   began in the gap; otherwise it counts from its second sample.
 * - An endpoint missed twice in a row is forgotten: its next good scrape is a base line.
 * - A series that is gone keeps its value, so that one that is only hidden for a while is not counted twice.
 *   When a drop of another series or a later `process_start_time_seconds` shows that the process began anew,
 *   the values of gone series go. Without such a sign too little is counted, never too much.
 * - NaN, infinite and negative values are no counter values: they are skipped.
 */
export function countIncrements(
  memory: EndpointMemory | null,
  scrape: CounterScrape,
): { readonly memory: EndpointMemory; readonly counted: readonly Counted[] } {
  const counted: Counted[] = [];
  let restarted = beganLater(memory?.processStart ?? null, scrape.processStart);
  const groups = groupBuckets(scrape.counters);
  for (const group of groups) {
    const dropped = group.some(({ key, series }) => series.value < (memory?.last.get(key) ?? 0));
    restarted ||= dropped;
    for (const one of group) {
      const by = dropped ? one.series.value : increment(memory, scrape, one);
      counted.push({ series: one.series, by });
    }
  }
  const last = new Map(restarted ? [] : memory?.last);
  for (const { key, series } of groups.flat()) last.set(key, series.value);
  const { readAt, processStart } = scrape;
  return { memory: { last, misses: 0, readAt, processStart }, counted };
}

/** What is left of the memory after a scrape that failed, or was not made. */
export function missScrape(memory: EndpointMemory | null): EndpointMemory | null {
  if (memory === null || memory.misses + 1 >= FORGET_AFTER) return null;
  return { ...memory, misses: memory.misses + 1 };
}

function increment(memory: EndpointMemory | null, scrape: CounterScrape, one: Keyed): number | null {
  if (memory === null) return null;
  const before = memory.last.get(one.key);
  if (before !== undefined) return one.series.value - before;
  const created = scrape.createdAt(one.series) ?? (memory.misses === 0 ? null : scrape.processStart);
  const isBorn = created === null ? memory.misses === 0 : created >= memory.readAt;
  return isBorn ? one.series.value : null;
}

function beganLater(before: EpochMs | null, now: EpochMs | null): boolean {
  return before !== null && now !== null && now > before;
}

/** The buckets of one histogram belong together; any other counter stands alone. */
function groupBuckets(counters: readonly Series[]): readonly (readonly Keyed[])[] {
  const groups = new Map<string, Map<string, Series>>();
  for (const series of counters) {
    if (!Number.isFinite(series.value) || series.value < 0) continue;
    const whole = seriesKey(series.name, series.labels, 'le');
    const group = groups.get(whole) ?? new Map<string, Series>();
    groups.set(whole, group.set(seriesKey(series.name, series.labels), series));
  }
  return [...groups.values()].map((group) => [...group].map(([key, series]) => ({ key, series })));
}

import { parseExposition } from '../../src/adapters/metrics/scrape/exposition.ts';
import { type Series, seriesKey } from '../../src/adapters/metrics/series.ts';
import type { Slot } from '../../src/core/rollout/record.ts';
import type { EpochMs, Milliseconds } from '../../src/core/units.ts';
import type { CountingService } from './counting-service.ts';

/** What an agent sends of one service for one bucket of time. */
export interface Submission {
  readonly slot: Slot;
  /** Start of the bucket. */
  readonly at: EpochMs;
  readonly counts: readonly { readonly code: string; readonly by: number }[];
  /** Latencies in seconds, each as the upper bound of the bucket that it fell into; above all of them: 99. */
  readonly latencies: readonly { readonly seconds: number; readonly times: number }[];
  /** Null for none. */
  readonly pool: number | null;
}

/** The clock of a test: it stands until it is told to go on. */
export interface TestClock {
  readonly now: () => EpochMs;
  readonly advance: (ms: Milliseconds) => void;
}

export function testClock(start: EpochMs): TestClock {
  let now = start;
  return {
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
  };
}

/** An agent: reads what both services have counted, and says what that was more than the last time. */
export function agentFor(services: Readonly<Record<Slot, CountingService>>) {
  const last: Record<Slot, ReadonlyMap<string, number>> = { a: new Map(), b: new Map() };
  const collect = async (slot: Slot, at: EpochMs): Promise<Submission | null> => {
    const text = await (await fetch(services[slot].url)).text();
    if (text === '') return null;
    const series = parseExposition(text, 'classic');
    const counters = series.filter(({ name }) => /_total$|_bucket$/.test(name));
    const isAnew = counters.some((one) => one.value < (last[slot].get(keyOf(one)) ?? 0));
    const before = isAnew ? new Map<string, number>() : last[slot];
    const gained = counters.map((one) => ({ ...one, value: one.value - (before.get(keyOf(one)) ?? 0) }));
    last[slot] = new Map(counters.map((one) => [keyOf(one), one.value]));
    const pool = series.find(({ name }) => name === 'pool_in_use')?.value ?? Number.NaN;
    return { slot, at, ...sortedOut(gained), pool: Number.isFinite(pool) ? pool : null };
  };
  return async (at: EpochMs): Promise<readonly Submission[]> => {
    const both = await Promise.all([collect('a', at), collect('b', at)]);
    return both.filter((one) => one !== null);
  };
}

function sortedOut(gained: readonly Series[]): Pick<Submission, 'counts' | 'latencies'> {
  const counts = gained
    .filter(({ name }) => name === 'http_requests_total')
    .map(({ labels, value }) => ({ code: labels.get('code') ?? '', by: value }));
  const buckets = gained
    .filter(({ name }) => name === 'http_seconds_bucket')
    .map(({ labels, value }) => ({ bound: Number(labels.get('le')?.replace('+Inf', '99')), value }))
    .sort((one, other) => one.bound - other.bound);
  const latencies = buckets.map(({ bound, value }, index) => ({
    seconds: bound,
    times: value - (buckets[index - 1]?.value ?? 0),
  }));
  return { counts, latencies };
}

function keyOf({ name, labels }: Series): string {
  return seriesKey(name, labels);
}

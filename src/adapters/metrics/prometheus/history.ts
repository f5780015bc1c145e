import type { EpochMs, Milliseconds } from '../../../core/units.ts';
import type { CountedNative, Instance } from '../arms.ts';
import { type HistogramTally, mergeHistograms } from '../buckets.ts';
import type { Counted, EndpointMemory } from '../increments.ts';
import { countIncrements } from '../increments.ts';
import type { Series } from '../series.ts';
import { seriesKey } from '../series.ts';
import type { RawSeries } from './answer-text.ts';
import { gainOf, type NativeBuckets, onGrid } from './native-histogram.ts';
import { newestOf, scrapesOf, type TargetScrape } from './scrapes.ts';

/** What earlier looks at one group of metrics left behind. */
export interface History {
  /** Everything up to here has been counted. */
  readonly until: EpochMs;
  readonly targets: ReadonlyMap<string, TargetMemory>;
}

interface TargetMemory {
  readonly counters: EndpointMemory;
  readonly natives: ReadonlyMap<string, NativeBuckets>;
}

export interface Look {
  readonly at: EpochMs;
  /** A series whose newest sample is older is gone. */
  readonly freshFor: Milliseconds;
  readonly series: readonly RawSeries[];
  /** `up` and the start of the process, of the targets that have them. */
  readonly presence: readonly RawSeries[];
}

/** What Prometheus scrapes at one address: an instance of a job. */
export interface Target extends Instance {
  readonly key: string;
}

const SEPARATOR = '\n';

/** A target that is seen no more is forgotten after so long. */
const FORGET_AFTER: Milliseconds = 600_000;

/**
 * Counts what each target gained since the look before. All raw samples of a target with one timestamp are one
 * scrape, and are counted like the scrapes of an endpoint (see `countIncrements`), so that a reset between two
 * looks is seen. The first look of all sets the base line. A target that appears later counts from its
 * second scrape on, or in full when its process began after the look before.
 */
export function countSince(
  before: History | null,
  look: Look,
): { readonly history: History; readonly targets: readonly Target[] } {
  const series = byTarget(look.series);
  const presence = byTarget(look.presence);
  const memories = new Map(
    [...(before?.targets ?? [])].filter(([, { counters }]) => look.at - counters.readAt < FORGET_AFTER),
  );
  const targets: Target[] = [];
  for (const key of new Set([...series.keys(), ...presence.keys()])) {
    const own = series.get(key) ?? [];
    const scrapes = scrapesOf(own, presence.get(key) ?? []);
    const { memory, gains } = countTarget(before, memories.get(key) ?? null, scrapes);
    if (memory !== null) memories.set(key, memory);
    targets.push(targetOf(key, own, gains, look));
  }
  return { history: { until: look.at, targets: memories }, targets };
}

/** An instance of a job. Series that name neither, such as those of recording rules, count as one target. */
function byTarget(series: readonly RawSeries[]): Map<string, RawSeries[]> {
  const targets = new Map<string, RawSeries[]>();
  for (const one of series) {
    const key = [one.labels.get('job'), one.labels.get('instance')].join(SEPARATOR);
    const own = targets.get(key);
    if (own === undefined) targets.set(key, [one]);
    else own.push(one);
  }
  return targets;
}

interface Gain {
  /** Null when this look only sets the base line. */
  readonly by: number | null;
  readonly native: HistogramTally | null;
}

type Gains = ReadonlyMap<RawSeries, Gain>;

interface Count {
  readonly memory: TargetMemory | null;
  readonly gains: Gains;
}

function countTarget(
  before: History | null,
  memory: TargetMemory | null,
  scrapes: readonly TargetScrape[],
): Count {
  if (before === null) return countScrapes(null, newestOf(scrapes));
  if (memory === null) return countScrapes(newcomer(before.until), scrapes);
  const { readAt } = memory.counters;
  const late = scrapes.filter(({ at }) => at <= readAt);
  const fresh = scrapes.filter(({ at }) => at > readAt);
  return countScrapes(withLate(memory, late), fresh);
}

/**
 * A series may arrive after the look that should have seen it, and after what tells that its target was read:
 * it was there already, and counts from that sample on.
 */
function withLate(memory: TargetMemory, late: readonly TargetScrape[]): TargetMemory {
  const last = new Map(memory.counters.last);
  const natives = new Map(memory.natives);
  for (const { series, sample } of newestOf(late).flatMap(({ samples }) => samples)) {
    const key = seriesKey(series.name, series.labels);
    if (last.has(key) || !isCounterValue(sample.value)) continue;
    last.set(key, sample.value);
    if (sample.buckets !== null) natives.set(key, sample.buckets);
  }
  return { counters: { ...memory.counters, last }, natives };
}

function isCounterValue(value: number): boolean {
  return value >= 0 && value < Number.POSITIVE_INFINITY;
}

/** A target that was not there at the look before: only a process that began since counts from nothing. */
function newcomer(until: EpochMs): TargetMemory {
  const counters = { last: new Map(), misses: 1, readAt: until, processStart: null };
  return { counters, natives: new Map() };
}

function countScrapes(before: TargetMemory | null, scrapes: readonly TargetScrape[]): Count {
  let counters = before?.counters ?? null;
  const natives = new Map(before?.natives);
  const gains = new Map<RawSeries, Gain>();
  for (const { at, samples, processStart } of scrapes) {
    const origins = new Map(samples.map((one) => [valued(one.series, one.sample.value), one]));
    const seen = countIncrements(counters, {
      counters: [...origins.keys()],
      createdAt: () => null,
      readAt: at,
      processStart,
    });
    counters = seen.memory;
    for (const { series, by } of seen.counted) {
      const origin = origins.get(series);
      if (origin === undefined) continue;
      const native = countNative(natives, series, origin.sample.buckets, by);
      gains.set(origin.series, sumOf(gains.get(origin.series) ?? null, { by, native }));
    }
  }
  return { memory: counters === null ? null : { counters, natives }, gains };
}

function valued({ name, labels }: RawSeries, value: number): Series {
  return { name, labels, value };
}

function countNative(
  natives: Map<string, NativeBuckets>,
  { name, labels }: Series,
  buckets: NativeBuckets | null,
  by: number | null,
): HistogramTally | null {
  if (buckets === null) return null;
  const key = seriesKey(name, labels);
  const before = natives.get(key);
  natives.set(key, buckets);
  return by === null ? null : onGrid(before === undefined ? buckets : gainOf(before, buckets));
}

function sumOf(one: Gain | null, other: Gain): Gain {
  if (one === null || one.by === null) return other;
  if (other.by === null) return one;
  const natives = [one.native, other.native].filter((native) => native !== null);
  return { by: one.by + other.by, native: mergeHistograms(natives) };
}

/** What a target shows: its living series, and those that gained something before they were gone. */
function targetOf(key: string, series: readonly RawSeries[], gains: Gains, look: Look): Target {
  const gauges: Series[] = [];
  const counted: Counted[] = [];
  const natives: CountedNative[] = [];
  for (const one of series) {
    const newest = one.samples.at(-1);
    const gain = gains.get(one) ?? null;
    const isLiving = newest !== undefined && newest.at > look.at - look.freshFor;
    if (newest === undefined || (!isLiving && (gain?.by ?? 0) === 0)) continue;
    const shown = valued(one, newest.value);
    if (newest.buckets !== null) {
      natives.push({ series: shown, gained: gain === null ? onGrid([]) : gain.native });
      continue;
    }
    if (gain !== null || isCounterValue(newest.value))
      counted.push({ series: shown, by: gain === null ? 0 : gain.by });
    if (isLiving) gauges.push(shown);
  }
  const [job = '', instance = ''] = key.split(SEPARATOR);
  return { key, address: instance || job, gauges, counted, natives };
}

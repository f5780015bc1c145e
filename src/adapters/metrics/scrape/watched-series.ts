import type { EpochMs } from '../../../core/units.ts';
import type { CounterScrape } from '../increments.ts';
import type { Series } from '../series.ts';
import { seriesKey } from '../series.ts';
import type { Queries } from '../sources.ts';

const PROCESS_START = 'process_start_time_seconds';
const COUNTER_SUFFIX = /_(?:total|bucket|count|sum)$/;

/** Picks what the queries ask for out of one scrape, and what tells when a counter began. */
export function watchedSeries(
  series: readonly Series[],
  queries: Pick<Queries, 'counterNames' | 'gaugeNames'>,
): Omit<CounterScrape, 'readAt'> & { readonly gauges: readonly Series[] } {
  const createdNames = new Set([...queries.counterNames].map(createdNameOf));
  const counters: Series[] = [];
  const gauges: Series[] = [];
  const created = new Map<string, EpochMs>();
  const starts: (EpochMs | null)[] = [];
  for (const one of series) {
    if (queries.counterNames.has(one.name)) counters.push(one);
    if (queries.gaugeNames.has(one.name)) gauges.push(one);
    const time = epochOf(one.value);
    if (time !== null && createdNames.has(one.name)) created.set(seriesKey(one.name, one.labels), time);
    if (one.name === PROCESS_START) starts.push(time);
  }
  const createdAt = ({ name, labels }: Series): EpochMs | null =>
    created.get(seriesKey(createdNameOf(name), labels, 'le')) ?? null;
  // Several starts are those of several processes: none of them speaks for all counters.
  const processStart = starts.length === 1 ? (starts[0] ?? null) : null;
  return { counters, gauges, createdAt, processStart };
}

/** `requests_total` and `seconds_bucket` have `requests_created` and `seconds_created` beside them. */
function createdNameOf(name: string): string {
  return `${name.replace(COUNTER_SUFFIX, '')}_created`;
}

function epochOf(seconds: number): EpochMs | null {
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : null;
}

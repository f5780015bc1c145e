import type { Selector, SeriesTest } from '../../core/analysis/selector.ts';
import { compileSelector, formatSelector } from '../../core/analysis/selector.ts';
import type { KpiSource, MetricsSpec } from '../../ports/metrics-provider.ts';

interface Described {
  readonly id: string;
  /** The selectors without which there is no data, for people. */
  readonly needs: string;
  /** Names of all metrics that it reads. */
  readonly metrics: readonly string[];
}

export interface EventsQuery extends Described {
  readonly type: 'events';
  readonly total: readonly SeriesTest[];
  /** Counts the good or the bad ones of the total. */
  readonly part: readonly SeriesTest[];
  readonly partIs: 'good' | 'bad';
}

export interface HistogramQuery extends Described {
  readonly type: 'histogram';
  readonly bucket: SeriesTest;
  /** The same histogram as a native one, which has no `_bucket` series. */
  readonly native: SeriesTest;
  readonly scale: number;
}

export interface GaugeQuery extends Described {
  readonly type: 'gauge';
  readonly value: SeriesTest;
  readonly dividedBy: SeriesTest | null;
  readonly scale: number;
}

export type CounterQuery = EventsQuery | HistogramQuery;

/** A KPI source made ready to be asked of many series. */
export type Query = CounterQuery | GaugeQuery;

export interface Queries {
  readonly kpis: readonly { readonly query: Query; readonly scope: 'per-arm' | 'shared' }[];
  readonly traffic: EventsQuery | null;
  /** Names of all counters that are asked for; everything else is forgotten at once. */
  readonly counterNames: ReadonlySet<string>;
  readonly gaugeNames: ReadonlySet<string>;
}

export function compileQueries(spec: MetricsSpec): Queries {
  return {
    kpis: spec.sources.map((source) => ({ query: compileSource(source), scope: source.scope })),
    traffic: spec.traffic === null ? null : events('traffic', [], spec.traffic, 'bad'),
    counterNames: new Set([...spec.sources.flatMap(countersOf), ...(spec.traffic ?? []).map(nameOf)]),
    gaugeNames: new Set(spec.sources.flatMap(gaugesOf)),
  };
}

function compileSource(source: KpiSource): Query {
  switch (source.type) {
    case 'events':
      return events(source.id, source.bad, source.total, 'bad');
    case 'good-events':
      return events(source.id, source.good, source.total, 'good');
    case 'histogram': {
      const { id, type, scale } = source;
      const selector = bucketOf(source.histogram);
      return {
        id,
        type,
        scale,
        needs: formatSelector(selector),
        metrics: [selector.metric, source.histogram.metric],
        bucket: compileSelector(selector),
        native: compileSelector(source.histogram),
      };
    }
    case 'gauge': {
      const { id, type, scale, value, dividedBy } = source;
      const needed = dividedBy === null ? [value] : [value, dividedBy];
      return {
        id,
        type,
        scale,
        needs: needed.map(formatSelector).join(' and '),
        metrics: needed.map(nameOf),
        value: compileSelector(value),
        dividedBy: dividedBy === null ? null : compileSelector(dividedBy),
      };
    }
  }
}

function events(
  id: string,
  part: readonly Selector[],
  total: readonly Selector[],
  partIs: 'good' | 'bad',
): EventsQuery {
  return {
    id,
    type: 'events',
    needs: total.map(formatSelector).join(' or '),
    metrics: [...part, ...total].map(nameOf),
    total: total.map(compileSelector),
    part: part.map(compileSelector),
    partIs,
  };
}

function countersOf(source: KpiSource): readonly string[] {
  switch (source.type) {
    case 'events':
      return [...source.bad, ...source.total].map(nameOf);
    case 'good-events':
      return [...source.good, ...source.total].map(nameOf);
    case 'histogram':
      return [nameOf(bucketOf(source.histogram))];
    case 'gauge':
      return [];
  }
}

function gaugesOf(source: KpiSource): readonly string[] {
  if (source.type !== 'gauge') return [];
  return source.dividedBy === null ? [source.value.metric] : [source.value.metric, source.dividedBy.metric];
}

function nameOf(selector: Selector): string {
  return selector.metric;
}

/** The buckets of a classic histogram. */
export function bucketOf(histogram: Selector): Selector {
  return { ...histogram, metric: `${histogram.metric}_bucket` };
}

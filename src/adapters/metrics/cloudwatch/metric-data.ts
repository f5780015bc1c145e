import { z } from 'zod';
import type { Slot } from '../../../core/rollout/record.ts';
import type { BucketRead, Point, Span } from '../bucket-series.ts';
import type { Want } from '../wants.ts';

/** One metric of CloudWatch that is a part of what KPIs name. */
export interface CloudWatchSeries {
  readonly namespace: string | null;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** What selectors see of it. */
  readonly labels: Readonly<Record<string, string>>;
  /** What is counted of a counter: values that are added up, or how many there were. */
  readonly count: 'sum' | 'samples';
  readonly bounds: readonly number[];
}

export interface Dimensioning {
  readonly namespace: string | null;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly slotDimension: string;
  readonly slots: Readonly<Record<Slot, string>>;
  readonly series: Readonly<Record<string, readonly CloudWatchSeries[]>>;
}

/** One query of GetMetricData, and what its answer is. */
export interface Asked {
  readonly read: Omit<BucketRead, 'points'>;
  readonly query: MetricDataQuery;
}

export interface MetricDataQuery {
  readonly Id: string;
  readonly MetricStat: {
    readonly Metric: {
      readonly Namespace: string;
      readonly MetricName: string;
      readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[];
    };
    readonly Period: number;
    readonly Stat: string;
  };
  readonly ReturnData: true;
}

/**
 * CloudWatch keeps a metric for each set of dimensions and adds none of them up: each slot, part and bound is a query
 * of its own. `TC(:x)` is the trimmed count: how many values were not above x.
 */
export function queriesFor(
  wants: readonly Want[],
  period: Span['period'],
  dimensioning: Dimensioning,
): readonly Asked[] {
  const asked: Asked[] = [];
  for (const want of wants) {
    for (const slot of want.scope === 'shared' ? [null] : (['a', 'b'] as const)) {
      for (const series of seriesFor(want.metric, dimensioning)) {
        for (const { bound, stat } of statsOf(want, series)) {
          const labels = new Map(Object.entries(series.labels));
          const metric = metricOf(series, slot, dimensioning);
          const MetricStat = { Metric: metric, Period: period / 1_000, Stat: stat };
          const query = { Id: `q${asked.length}`, MetricStat, ReturnData: true as const };
          asked.push({ read: { want, slot, labels, bound }, query });
        }
      }
    }
  }
  return asked;
}

export function seriesFor(
  metric: string,
  { series }: Pick<Dimensioning, 'series'>,
): readonly CloudWatchSeries[] {
  return (Object.hasOwn(series, metric) ? series[metric] : undefined) ?? [];
}

/** The body of one request. A token goes on where the answer before ended. */
export function metricDataRequest(asked: readonly Asked[], { from, to }: Span, token: string | null) {
  return {
    StartTime: from / 1_000,
    EndTime: to / 1_000,
    ScanBy: 'TimestampAscending',
    MetricDataQueries: asked.map(({ query }) => query),
    ...(token === null ? {} : { NextToken: token }),
  };
}

const messages = z.array(z.object({ Code: z.string().nullish(), Value: z.string().nullish() })).nullish();
const pageSchema = z.object({
  MetricDataResults: z.array(
    z.object({
      Id: z.string(),
      Timestamps: z.array(z.number()).nullish(),
      Values: z.array(z.number()).nullish(),
      StatusCode: z.enum(['Complete', 'InternalError', 'PartialData', 'Forbidden']),
      Messages: messages,
    }),
  ),
  Messages: messages,
  NextToken: z.string().nullish(),
});

export type Page = z.output<typeof pageSchema>;

export type Understood<T> =
  | { readonly kind: 'understood'; readonly value: T }
  | { readonly kind: 'error'; readonly why: string };

export function readPage(json: unknown): Understood<Page> {
  const parsed = pageSchema.safeParse(json);
  if (parsed.success) return { kind: 'understood', value: parsed.data };
  return { kind: 'error', why: `something else at ${parsed.error.issues[0]?.path.join('.') || 'its root'}` };
}

/** Puts the pages of one request together. A query whose last word is not `Complete` has not been answered. */
export function readPages(
  pages: readonly Page[],
  asked: readonly Asked[],
): Understood<readonly BucketRead[]> {
  const told = pages.flatMap(({ Messages }) => tellAll(Messages));
  if (told.length > 0) return { kind: 'error', why: told.join('; ') };
  const results = pages.flatMap(({ MetricDataResults }) => MetricDataResults);
  const reads: BucketRead[] = [];
  for (const { read, query } of asked) {
    const own = results.filter(({ Id }) => Id === query.Id);
    const last = own.at(-1);
    if (last?.StatusCode !== 'Complete') {
      const said = own.flatMap(({ Messages }) => tellAll(Messages)).join('; ');
      const name = `${query.MetricStat.Metric.Namespace} ${query.MetricStat.Metric.MetricName}`;
      return {
        kind: 'error',
        why: `${last?.StatusCode ?? 'nothing'} for ${name}${said === '' ? '' : ` (${said})`}`,
      };
    }
    const points = own.map(pointsOf);
    if (points.includes(null)) return { kind: 'error', why: `values without a time for ${query.Id}` };
    reads.push({ ...read, points: points.flatMap((some) => some ?? []) });
  }
  return { kind: 'understood', value: reads };
}

function pointsOf({ Timestamps, Values }: Page['MetricDataResults'][number]): readonly Point[] | null {
  const values = Values ?? [];
  const times = Timestamps ?? [];
  if (values.length !== times.length) return null;
  return values.map((value, index) => ({ at: Math.round((times[index] ?? 0) * 1_000), value }));
}

function tellAll(written: Page['Messages']): readonly string[] {
  return (written ?? []).map(({ Code, Value }) => [Code, Value].filter(Boolean).join(': '));
}

function statsOf({ role }: Want, { count, bounds }: CloudWatchSeries) {
  if (role === 'gauge') return [{ bound: null, stat: 'Maximum' }];
  if (role === 'counter') return [{ bound: null, stat: count === 'sum' ? 'Sum' : 'SampleCount' }];
  const whole = { bound: Infinity, stat: 'SampleCount' };
  return [whole, ...bounds.map((bound) => ({ bound, stat: `TC(:${bound})` }))];
}

function metricOf(series: CloudWatchSeries, slot: Slot | null, dimensioning: Dimensioning) {
  const { slotDimension, slots, dimensions, namespace } = dimensioning;
  const all = {
    ...dimensions,
    ...series.dimensions,
    ...(slot === null ? {} : { [slotDimension]: slots[slot] }),
  };
  return {
    Namespace: series.namespace ?? namespace ?? '',
    MetricName: series.metric,
    Dimensions: Object.entries(all).map(([Name, Value]) => ({ Name, Value })),
  };
}

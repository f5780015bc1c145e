import { z } from 'zod';
import type { Slot } from '../../../core/rollout/record.ts';
import type { BucketRead, Span } from '../bucket-series.ts';
import type { Want } from '../wants.ts';

export interface DatadogSeries {
  /** Null for the name that the KPIs say. */
  readonly metric: string | null;
  /** Tags by label; a label that is not there is a tag of that name. */
  readonly labels: Readonly<Record<string, string>>;
  readonly bounds: readonly number[];
}

export interface Tagging {
  readonly slotTag: string;
  readonly slots: Readonly<Record<Slot, string>>;
  /** Put on every query. */
  readonly tags: readonly string[];
  readonly series: Readonly<Record<string, DatadogSeries>>;
}

/** One query, and what its answer is. */
export interface Asked {
  readonly want: Want;
  readonly bound: number | null;
  readonly text: string;
}

/**
 * Queries whose buckets are exactly of the span's period. Counters and distributions are counted; a gauge is the
 * largest. A distribution's `count(v: v<=x)` is what Datadog calls a threshold query.
 */
export function queriesFor(
  wants: readonly Want[],
  { period }: Pick<Span, 'period'>,
  tagging: Tagging,
): readonly Asked[] {
  const seconds = period / 1_000;
  return wants.flatMap((want): Asked[] => {
    const series = seriesFor(want.metric, tagging);
    const where = `${series.metric ?? want.metric}{${filterOf(want, tagging)}}${groupingOf(want, tagging)}`;
    const counting = `${where}.as_count().rollup(sum, ${seconds})`;
    if (want.role === 'counter') return [{ want, bound: null, text: `sum:${counting}` }];
    if (want.role === 'gauge') return [{ want, bound: null, text: `max:${where}.rollup(max, ${seconds})` }];
    return [
      { want, bound: Infinity, text: `count:${counting}` },
      ...series.bounds.map((bound) => ({ want, bound, text: `count(v: v<=${bound}):${counting}` })),
    ];
  });
}

/** The body of `POST /api/v2/query/timeseries`: all queries of a look in one request. */
export function timeseriesRequest(asked: readonly Asked[], { from, to, period }: Span) {
  return {
    data: {
      type: 'timeseries_request' as const,
      attributes: {
        from,
        to,
        interval: period,
        queries: asked.map(({ text }, index) => ({
          data_source: 'metrics' as const,
          name: nameOf(index),
          query: text,
        })),
        formulas: asked.map((_, index) => ({ formula: nameOf(index) })),
      },
    },
  };
}

const answerSchema = z.object({
  errors: z.union([z.string(), z.array(z.string())]).nullish(),
  data: z
    .object({
      attributes: z.object({
        series: z.array(
          z.object({ group_tags: z.array(z.string()).default([]), query_index: z.number().int().default(0) }),
        ),
        times: z.array(z.number()),
        values: z.array(z.array(z.number().nullable())),
      }),
    })
    .optional(),
});

export type Understood =
  | { readonly kind: 'reads'; readonly reads: readonly BucketRead[] }
  | { readonly kind: 'error'; readonly why: string };

/** What Datadog answered, as far as it is whole: an error beside data means that some of it is missing. */
export function understand(json: unknown, asked: readonly Asked[], tagging: Tagging): Understood {
  const parsed = answerSchema.safeParse(json);
  if (!parsed.success)
    return { kind: 'error', why: `something else at ${parsed.error.issues[0]?.path.join('.')}` };
  const { errors, data } = parsed.data;
  const told = [errors ?? []].flat().join('; ');
  if (told !== '') return { kind: 'error', why: `errors (${told})` };
  if (data === undefined) return { kind: 'error', why: 'no data' };
  const { series, times, values } = data.attributes;
  if (values.length !== series.length || values.some((row) => row.length !== times.length)) {
    return { kind: 'error', why: `${values.length} rows of values for ${series.length} series` };
  }
  const reads = series.map(({ group_tags: tags, query_index: index }, row): BucketRead | null => {
    const query = asked[index];
    if (query === undefined) return null;
    const points = times.flatMap((at, column) => {
      const value = values[row]?.[column] ?? null;
      return value === null ? [] : [{ at, value }];
    });
    return readOf(query, tags, points, tagging);
  });
  if (reads.includes(null)) return { kind: 'error', why: 'a series that was not asked for' };
  return { kind: 'reads', reads: reads.filter((read) => read !== null) };
}

function readOf(
  { want, bound }: Asked,
  tags: readonly string[],
  points: BucketRead['points'],
  tagging: Tagging,
): BucketRead | null {
  const values = new Map(tags.map((tag) => splitTag(tag)));
  const named = want.labels.map((label): [string, string] => [
    label,
    values.get(tagFor(want, label, tagging)) ?? '',
  ]);
  const labels = new Map(named.filter(([, value]) => value !== '' && value !== NOT_TAGGED));
  if (want.scope === 'shared') return { want, bound, slot: null, labels, points };
  const value = values.get(tagging.slotTag);
  const slot = value === tagging.slots.a ? 'a' : value === tagging.slots.b ? 'b' : null;
  return slot === null ? null : { want, bound, slot, labels, points };
}

/** How Datadog groups what has not got the tag. */
const NOT_TAGGED = 'N/A';

function splitTag(tag: string): [string, string] {
  const colon = tag.indexOf(':');
  return colon === -1 ? [tag, ''] : [tag.slice(0, colon), tag.slice(colon + 1)];
}

function seriesFor(metric: string, { series }: Tagging): DatadogSeries {
  return (
    (Object.hasOwn(series, metric) ? series[metric] : undefined) ?? { metric: null, labels: {}, bounds: [] }
  );
}

function tagFor({ metric }: Want, label: string, tagging: Tagging): string {
  const { labels } = seriesFor(metric, tagging);
  return (Object.hasOwn(labels, label) ? labels[label] : undefined) ?? label;
}

function filterOf({ scope }: Want, { tags, slotTag, slots }: Tagging): string {
  const either = `(${slotTag}:${slots.a} OR ${slotTag}:${slots.b})`;
  const all = scope === 'per-arm' ? [...tags, either] : tags;
  return all.length === 0 ? '*' : all.join(' AND ');
}

function groupingOf(want: Want, tagging: Tagging): string {
  const own = want.labels.map((label) => tagFor(want, label, tagging));
  const tags = want.scope === 'per-arm' ? [tagging.slotTag, ...own] : own;
  return tags.length === 0 ? '' : ` by {${[...new Set(tags)].join(',')}}`;
}

function nameOf(index: number): string {
  return `q${index}`;
}

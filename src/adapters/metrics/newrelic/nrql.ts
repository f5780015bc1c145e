import { z } from 'zod';
import type { Slot } from '../../../core/rollout/record.ts';
import type { BucketRead, Point, Span } from '../bucket-series.ts';
import type { Want } from '../wants.ts';

export interface NewRelicSeries {
  /** Type of the events: Metric, Transaction, or one of your own. */
  readonly from: string;
  /** Attribute that holds a number; null to count events. Of a Metric: its name. */
  readonly value: string | null;
  /** Condition in NRQL. */
  readonly where: string | null;
  /** Attributes by label; a label that is not there is an attribute of that name. */
  readonly labels: Readonly<Record<string, string>>;
  readonly bounds: readonly number[];
}

export interface Attribution {
  readonly slotAttribute: string;
  readonly slots: Readonly<Record<Slot, string>>;
  /** Condition in NRQL, put on every query. */
  readonly where: string | null;
  readonly series: Readonly<Record<string, NewRelicSeries>>;
}

/** One column of a query. */
interface Column {
  readonly alias: string;
  readonly bound: number | null;
  readonly text: string;
}

export interface Asked {
  readonly want: Want;
  readonly columns: readonly Column[];
  /** What its rows are kept apart by, in that order. */
  readonly facets: readonly string[];
  /** All of the query but its time. */
  readonly text: string;
}

/** More groups than these are not all told. */
const MOST_FACETS = 1_000;

/** One query for each want, with a column for each bound of a histogram. */
export function queriesFor(wants: readonly Want[], attribution: Attribution): readonly Asked[] {
  return wants.map((want) => {
    const series = seriesFor(want.metric, attribution);
    const columns = columnsOf(want, series);
    const own = want.labels.map((label) => attributeFor(want, label, attribution));
    const facets = want.scope === 'per-arm' ? [attribution.slotAttribute, ...own] : own;
    const select = columns.map(({ alias, text }) => `${text} AS '${alias}'`).join(', ');
    const conditions = conditionsOf(want, series, attribution);
    const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
    const by = facets.length === 0 ? '' : ` FACET ${facets.map(quotedName).join(', ')} LIMIT ${MOST_FACETS}`;
    return { want, columns, facets, text: `SELECT ${select} FROM ${quotedName(series.from)}${where}${by}` };
  });
}

export function nrqlOf({ text }: Asked, { from, to, period }: Span): string {
  return `${text} TIMESERIES ${period / 1_000} seconds SINCE ${from} UNTIL ${to}`;
}

/** One document for all queries of a look, each with a name of its own. */
export function documentFor(asked: readonly Asked[], span: Span, account: number) {
  const parameters = asked.map((_, index) => `, $q${index}: Nrql!`).join('');
  const fields = asked.map(
    (_, index) => `q${index}: nrql(query: $q${index}) { results metadata { messages } }`,
  );
  const query = `query ($account: Int!${parameters}) { actor { account(id: $account) { ${fields.join(' ')} } } }`;
  const queries = asked.map((one, index) => [`q${index}`, nrqlOf(one, span)]);
  return { query, variables: { account, ...Object.fromEntries(queries) } };
}

const rowSchema = z
  .object({ beginTimeSeconds: z.number(), endTimeSeconds: z.number(), facet: z.unknown().optional() })
  .catchall(z.unknown());
const resultSchema = z.object({
  results: z.array(rowSchema),
  metadata: z.object({ messages: z.array(z.string()).nullish() }).nullish(),
});

export type Understood =
  | { readonly kind: 'reads'; readonly reads: readonly BucketRead[] }
  | { readonly kind: 'error'; readonly why: string };

/** What NRDB answered to one query. Its messages say what was left out, so that any of them is an error. */
export function understand(result: unknown, asked: Asked, span: Span, attribution: Attribution): Understood {
  const parsed = resultSchema.safeParse(result);
  if (!parsed.success)
    return wrong(`something else at ${parsed.error.issues[0]?.path.join('.') || 'results'}`);
  const { results, metadata } = parsed.data;
  const messages = metadata?.messages ?? [];
  if (messages.length > 0) return wrong(messages.join('; '));
  const groups = new Map<string, BucketRead[]>();
  for (const row of results) {
    if ((row.endTimeSeconds - row.beginTimeSeconds) * 1_000 !== span.period) {
      return wrong(`a bucket of ${row.endTimeSeconds - row.beginTimeSeconds}s`);
    }
    const facets = facetsOf(row.facet, asked);
    if (facets === null) return wrong('a row of another group than it was asked for');
    const read = groups.get(JSON.stringify(facets)) ?? readsFor(asked, facets, attribution);
    if (read === null) return wrong(`a slot that it was not asked for (${facets[0]})`);
    groups.set(
      JSON.stringify(facets),
      read.map((one, index) => withPoint(one, pointIn(row, asked.columns[index]))),
    );
  }
  if (groups.size >= MOST_FACETS) return wrong(`${groups.size} groups, which may not be all`);
  return { kind: 'reads', reads: [...groups.values()].flat() };
}

function wrong(why: string): Understood {
  return { kind: 'error', why };
}

function facetsOf(facet: unknown, { facets }: Asked): readonly string[] | null {
  const written = facet === undefined || facet === null ? [] : [facet].flat();
  if (written.length !== facets.length) return null;
  return written.map((one) => (typeof one === 'string' || typeof one === 'number' ? String(one) : ''));
}

function readsFor(
  { want, columns }: Asked,
  facets: readonly string[],
  { slots }: Attribution,
): BucketRead[] | null {
  const isPerArm = want.scope === 'per-arm';
  const slot = !isPerArm ? null : facets[0] === slots.a ? 'a' : facets[0] === slots.b ? 'b' : undefined;
  if (slot === undefined) return null;
  const values = isPerArm ? facets.slice(1) : facets;
  const labels = new Map(want.labels.map((label, index) => [label, values[index] ?? '']));
  return columns.map(({ bound }) => ({ want, slot, labels, bound, points: [] }));
}

function withPoint(read: BucketRead, point: Point | null): BucketRead {
  return point === null ? read : { ...read, points: [...read.points, point] };
}

/** A gauge has null in a bucket without a value; a number that is none is told when it is added up. */
function pointIn(row: z.output<typeof rowSchema>, column: Column | undefined): Point | null {
  const value = column === undefined ? null : row[column.alias];
  if (value === null || value === undefined) return null;
  return { at: row.beginTimeSeconds * 1_000, value: typeof value === 'number' ? value : Number.NaN };
}

function columnsOf({ role, metric }: Want, { from, value, bounds }: NewRelicSeries): readonly Column[] {
  const attribute = value ?? (from === 'Metric' ? metric : null);
  const name = attribute === null ? '*' : quotedName(attribute);
  if (role === 'gauge') return [{ alias: 'v', bound: null, text: `max(${name})` }];
  if (role === 'counter') {
    return [{ alias: 'v', bound: null, text: attribute === null ? 'count(*)' : `sum(${name})` }];
  }
  return [
    { alias: 'v', bound: Infinity, text: `count(${name})` },
    ...bounds.map((bound, index) => ({
      alias: `b${index}`,
      bound,
      text: `filter(count(${name}), WHERE ${name} <= ${bound})`,
    })),
  ];
}

function conditionsOf({ scope }: Want, series: NewRelicSeries, { where, slotAttribute, slots }: Attribution) {
  const either = `${quotedName(slotAttribute)} IN (${quotedText(slots.a)}, ${quotedText(slots.b)})`;
  const written = [where, series.where].filter((one) => one !== null).map((one) => `(${one})`);
  return scope === 'per-arm' ? [...written, either] : written;
}

function seriesFor(metric: string, { series }: Attribution): NewRelicSeries {
  const own = Object.hasOwn(series, metric) ? series[metric] : undefined;
  return own ?? { from: 'Metric', value: null, where: null, labels: {}, bounds: [] };
}

function attributeFor({ metric }: Want, label: string, attribution: Attribution): string {
  const { labels } = seriesFor(metric, attribution);
  return (Object.hasOwn(labels, label) ? labels[label] : undefined) ?? label;
}

function quotedName(name: string): string {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) ? name : `\`${name.replaceAll('`', '')}\``;
}

function quotedText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

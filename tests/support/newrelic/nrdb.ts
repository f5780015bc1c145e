import type { EpochMs } from '../../../src/core/units.ts';

/** An event of New Relic's database, so many times over. */
export interface NrdbEvent {
  readonly type: string;
  readonly at: EpochMs;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly times: number;
}

export type Row = Readonly<Record<string, unknown>>;

const QUERY =
  /^SELECT (.+) FROM (\w+)(?: WHERE (.+?))?(?: FACET (.+?) LIMIT (\d+))? TIMESERIES (\d+) seconds SINCE (\d+) UNTIL (\d+)$/;
const COLUMN =
  /(filter\(count\((.+?)\), WHERE (.+?) <= ([\d.]+)\)|(count|sum|max)\((.+?)\)) AS '(\w+)'(?:, |$)/gy;

/** The part of NRQL that is needed here; throws at the rest. */
export function runNrql(nrql: string, events: readonly NrdbEvent[]): readonly Row[] {
  const found = QUERY.exec(nrql);
  if (found === null) throw new Error(`NRQL Syntax Error: ${nrql}`);
  const [, select = '', type, where, facet, limit, seconds, since, until] = found;
  const columns = columnsOf(select);
  const facets = facet === undefined ? [] : facet.split(', ').map(bare);
  const [from, to, step] = [Number(since), Number(until), Number(seconds) * 1_000];
  const meant = events.filter(
    (one) =>
      one.type === type && one.at >= from && one.at < to && (where === undefined || isMeant(where, one)),
  );
  return [...groups(meant, facets)].slice(0, Number(limit ?? 1)).flatMap(([key, own]) =>
    Array.from({ length: (to - from) / step }, (_, index) => {
      const begin = from + index * step;
      const inside = own.filter(({ at }) => at >= begin && at < begin + step);
      const values = columns.map(({ alias, value }) => [alias, value(inside)]);
      return {
        beginTimeSeconds: begin / 1_000,
        endTimeSeconds: (begin + step) / 1_000,
        ...(facets.length === 0 ? {} : { facet: facets.length === 1 ? key : JSON.parse(key) }),
        ...Object.fromEntries(values),
      };
    }),
  );
}

/** An event without an attribute of the facet is in no group. */
function groups(events: readonly NrdbEvent[], facets: readonly string[]): Map<string, NrdbEvent[]> {
  const grouped = new Map<string, NrdbEvent[]>();
  for (const event of events) {
    const values = facets.map((name) => event.attributes[name]);
    if (values.includes(undefined)) continue;
    const texts = values.map(String);
    const key = texts.length === 1 ? (texts[0] ?? '') : JSON.stringify(texts);
    grouped.set(key, [...(grouped.get(key) ?? []), event]);
  }
  if (facets.length === 0 && grouped.size === 0) grouped.set('', []);
  return grouped;
}

interface Column {
  readonly alias: string;
  readonly value: (events: readonly NrdbEvent[]) => number | null;
}

function columnsOf(select: string): readonly Column[] {
  const found = [...select.matchAll(COLUMN)];
  if (found.map(([text]) => text).join('') !== select) throw new Error(`NRQL Syntax Error: ${select}`);
  return found.map(([, , counted, compared, bound, name, attribute = '', alias = '']) => {
    if (counted !== undefined && compared !== undefined) {
      const isBelow = (value: number): boolean => value <= Number(bound);
      return { alias, value: (events) => countOf(events, bare(counted), isBelow) };
    }
    if (name === 'count') return { alias, value: (events) => countOf(events, bare(attribute), () => true) };
    const numbers = (events: readonly NrdbEvent[]) =>
      events.flatMap(({ attributes }) => {
        const value = attributes[bare(attribute)];
        return typeof value === 'number' ? [value] : [];
      });
    if (name === 'sum')
      return { alias, value: (events) => numbers(events).reduce((all, one) => all + one, 0) };
    return { alias, value: (events) => (numbers(events).length === 0 ? null : Math.max(...numbers(events))) };
  });
}

function countOf(events: readonly NrdbEvent[], attribute: string, fits: (value: number) => boolean): number {
  const own = events.filter(
    ({ attributes }) => attribute === '*' || fits(Number(attributes[attribute] ?? Number.NaN)),
  );
  return own.reduce((all, { times }) => all + times, 0);
}

function isMeant(where: string, { attributes }: NrdbEvent): boolean {
  return where.split(' AND ').every((part) => {
    const [, name, list = ''] = /^(\S+) IN \((.*)\)$/.exec(part) ?? /^\((\S+) = (.*)\)$/.exec(part) ?? [];
    if (name === undefined) throw new Error(`NRQL Syntax Error: ${part}`);
    const values = [...list.matchAll(/'((?:\\.|[^'\\])*)'/g)].map(([, value = '']) =>
      value.replace(/\\(.)/g, '$1'),
    );
    return values.some((value) => attributes[bare(name)] === value);
  });
}

function bare(name: string): string {
  return name.replaceAll('`', '');
}

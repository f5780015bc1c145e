import type { EpochMs } from '../../../src/core/units.ts';
import { httpServer } from '../http-server.ts';

/** A value that was sent so many times; of a count, the count itself is the value. */
export interface DatadogPoint {
  readonly metric: string;
  readonly kind: 'count' | 'gauge' | 'distribution';
  readonly tags: Readonly<Record<string, string>>;
  readonly at: EpochMs;
  readonly value: number;
  readonly times: number;
}

interface Parsed {
  readonly aggregate: string;
  readonly atMost: number | null;
  readonly metric: string;
  readonly filter: string;
  readonly by: readonly string[];
  readonly isCount: boolean;
  readonly seconds: number;
}

const QUERY =
  /^(sum|max|count)(?:\(v: v<=([\d.]+)\))?:([\w.]+)\{([^}]*)\}(?: by \{([^}]*)\})?(\.as_count\(\))?\.rollup\((?:sum|max), (\d+)\)$/;

/**
 * The timeseries query of Datadog's API, version 2, over points in memory. It knows the part of the query language
 * that is needed here, and answers 400 to the rest; keys are checked.
 */
export async function startDatadog({ now }: { readonly now: () => EpochMs }) {
  const points: DatadogPoint[] = [];
  const server = await httpServer(({ path, headers, body }) => {
    const date = { date: new Date(now()).toUTCString() };
    if (headers['dd-api-key'] !== 'api-secret' || headers['dd-application-key'] !== 'app-secret') {
      return { status: 403, headers: date, body: '{"errors":["Forbidden"]}' };
    }
    if (path !== '/api/v2/query/timeseries')
      return { status: 404, headers: date, body: '{"errors":["Not found"]}' };
    try {
      return { headers: date, body: JSON.stringify(answer(JSON.parse(body), points)) };
    } catch (error) {
      return { status: 400, headers: date, body: JSON.stringify({ errors: [String(error)] }) };
    }
  });
  return { ...server, submit: (...sent: readonly DatadogPoint[]) => void points.push(...sent) };
}

interface Request {
  readonly data: {
    readonly type: string;
    readonly attributes: {
      readonly from: number;
      readonly to: number;
      readonly interval: number;
      readonly queries: readonly {
        readonly name: string;
        readonly query: string;
        readonly data_source: string;
      }[];
      readonly formulas: readonly { readonly formula: string }[];
    };
  };
}

function answer({ data }: Request, points: readonly DatadogPoint[]) {
  const { from, to, queries, formulas } = data.attributes;
  const parsed = formulas.map(({ formula }) => {
    const query = queries.find(({ name }) => name === formula);
    if (query?.data_source !== 'metrics') throw new Error(`unknown formula ${formula}`);
    return parse(query.query);
  });
  const seconds = parsed[0]?.seconds ?? 10;
  const times = Array.from(
    { length: Math.ceil((to - from) / (seconds * 1_000)) },
    (_, index) => from + index * seconds * 1_000,
  );
  const inside = points.filter(({ at }) => at >= from && at < to);
  const rows = parsed.flatMap((query, index) =>
    rowsOf(query, inside, times).map((row) => ({ index, ...row })),
  );
  return {
    data: {
      id: '0',
      type: 'timeseries_response',
      attributes: {
        series: rows.map(({ index, tags }) => ({ group_tags: tags, query_index: index, unit: [null, null] })),
        times,
        values: rows.map(({ values }) => values),
      },
    },
  };
}

function parse(text: string): Parsed {
  const found = QUERY.exec(text);
  if (found === null) throw new Error(`cannot parse ${text}`);
  const [, aggregate = '', atMost, metric = '', filter = '', by = '', isCount, seconds] = found;
  return {
    aggregate,
    atMost: atMost === undefined ? null : Number(atMost),
    metric,
    filter,
    by: by === '' ? [] : by.split(','),
    isCount: isCount !== undefined,
    seconds: Number(seconds),
  };
}

function rowsOf(query: Parsed, points: readonly DatadogPoint[], times: readonly number[]) {
  const own = points.filter(({ metric, tags }) => metric === query.metric && isMeant(query.filter, tags));
  const groups = new Map<string, DatadogPoint[]>();
  for (const point of own) {
    const key = query.by.map((tag) => `${tag}:${point.tags[tag] ?? 'N/A'}`).join('\n');
    groups.set(key, [...(groups.get(key) ?? []), point]);
  }
  return [...groups].map(([key, some]) => ({
    tags: key === '' ? [] : key.split('\n'),
    values: times.map((at) =>
      valueAt(
        query,
        some.filter((point) => bucketOf(point.at, query) === at),
      ),
    ),
  }));
}

function bucketOf(at: number, { seconds }: Parsed): number {
  return Math.floor(at / (seconds * 1_000)) * seconds * 1_000;
}

function valueAt({ aggregate, atMost, isCount }: Parsed, points: readonly DatadogPoint[]): number | null {
  if (points.length === 0) return null;
  if (aggregate === 'max') return Math.max(...points.map(({ value }) => value));
  if (!isCount) throw new Error('counts are asked for as counts');
  const counted = points.filter(({ value }) => atMost === null || value <= atMost);
  const isWrong = points.some(({ kind }) => (aggregate === 'count') !== (kind === 'distribution'));
  if (isWrong) throw new Error(`${aggregate} does not fit the type of the metric`);
  return counted.reduce((sum, { value, times, kind }) => sum + (kind === 'count' ? value : times), 0);
}

/** `env:x AND (slot:a OR slot:b)`, or `*`. */
function isMeant(filter: string, tags: DatadogPoint['tags']): boolean {
  if (filter === '*') return true;
  return filter.split(' AND ').every((part) =>
    part
      .replace(/^\(|\)$/g, '')
      .split(' OR ')
      .some((tag) => {
        const colon = tag.indexOf(':');
        return tags[tag.slice(0, colon)] === tag.slice(colon + 1);
      }),
  );
}

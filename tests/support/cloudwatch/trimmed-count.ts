import type { EpochMs } from '../../../src/core/units.ts';
import { httpServer } from '../http-server.ts';

interface Query {
  readonly MetricStat: { readonly Metric: { readonly MetricName: string }; readonly Stat: string };
}

/**
 * In front of moto, which knows no trimmed count and answers 500 to it: `TC(:x)` of a metric becomes the sum of the
 * metric that `trimmedName` names, which the test has sent along. Everything else goes through as it is, with the
 * date of the test's clock.
 */
export async function withTrimmedCount(url: string, { now }: { readonly now: () => EpochMs }) {
  return httpServer(async ({ path, headers, body }) => {
    const request: { MetricDataQueries: readonly Query[] } = JSON.parse(body);
    const queries = request.MetricDataQueries.map(rewritten);
    const passed = ['content-type', 'x-amz-target', 'x-amz-date', 'authorization', 'x-amz-security-token'];
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: passed.map((name): [string, string] => [name, String(headers[name] ?? '')]),
      body: JSON.stringify({ ...request, MetricDataQueries: queries }),
    });
    const date = new Date(now()).toUTCString();
    return { status: response.status, headers: { date }, body: await response.text() };
  });
}

export function trimmedName(metric: string, bound: number): string {
  return `${metric} up to ${bound}`;
}

function rewritten(query: Query): Query {
  const { Metric, Stat } = query.MetricStat;
  const [, bound] = /^TC\(:([\d.]+)\)$/.exec(Stat) ?? [];
  if (bound === undefined) return query;
  const MetricName = trimmedName(Metric.MetricName, Number(bound));
  return { ...query, MetricStat: { ...query.MetricStat, Metric: { ...Metric, MetricName }, Stat: 'Sum' } };
}

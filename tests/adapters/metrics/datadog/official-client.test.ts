import { client, v2 } from '@datadog/datadog-api-client';
import { expect, it, onTestFinished } from 'vitest';
import { datadogMetricsSchema } from '../../../../src/adapters/metrics/datadog/datadog.ts';
import type { MetricsSpec } from '../../../../src/ports/metrics-provider.ts';
import { selector } from '../../../contract/metrics-provider.ts';
import { adapterContext } from '../../../support/adapter-context.ts';
import { testClock } from '../../../support/collected-buckets.ts';
import { startDatadog } from '../../../support/datadog/datadog.ts';

const START = 1_699_999_980_000;
const SPEC: MetricsSpec = {
  sources: [
    {
      id: 'errors',
      scope: 'per-arm',
      type: 'events',
      bad: [selector('hits{code=~"5..",route="/bookings"}')],
      total: [selector('hits')],
    },
    { id: 'latency', scope: 'per-arm', type: 'histogram', histogram: selector('seconds'), scale: 1_000 },
    { id: 'pool', scope: 'shared', type: 'gauge', value: selector('pool'), dividedBy: null, scale: 1 },
  ],
  traffic: null,
};

async function look() {
  const clock = testClock(START);
  const datadog = await startDatadog(clock);
  onTestFinished(datadog.stop);
  const tags = { env: 'production', version: 'v1', route: '/bookings' };
  const at = START - 10_000;
  datadog.submit(
    {
      metric: 'trace.hits',
      kind: 'count',
      tags: { ...tags, 'http.status_code': '500' },
      at,
      value: 3,
      times: 1,
    },
    { metric: 'trace.request', kind: 'distribution', tags, at, value: 0.2, times: 5 },
    { metric: 'pool', kind: 'gauge', tags, at, value: 7, times: 1 },
  );
  const provider = datadogMetricsSchema
    .parse({
      type: 'datadog',
      url: datadog.url,
      'slot-tag': 'version',
      slots: { a: 'v1', b: 'v2' },
      tags: ['env:production'],
      series: {
        hits: { metric: 'trace.hits', labels: { code: 'http.status_code' } },
        seconds: { metric: 'trace.request', bounds: [0.3, 0.8] },
      },
      delay: '0s',
    })
    .create(
      adapterContext({
        env: { DD_API_KEY: 'api-secret', DD_APP_KEY: 'app-secret' },
        clock: { ...adapterContext().clock, now: clock.now, monotonic: clock.now },
      }),
      SPEC,
    );
  const sample = await provider.sample(
    { canary: 'a', stable: 'b', elapsed: 0 },
    new AbortController().signal,
  );
  return { datadog, sample };
}

it('asks for what a user would write, and for nothing else', async () => {
  const { datadog } = await look();
  const [call] = datadog.calls;
  const { attributes } = JSON.parse(call?.body ?? '').data;
  expect(attributes.queries.map(({ query }: { query: string }) => query)).toEqual([
    'sum:trace.hits{env:production AND (version:v1 OR version:v2)} by {version,http.status_code,route}.as_count().rollup(sum, 10)',
    'count:trace.request{env:production AND (version:v1 OR version:v2)} by {version}.as_count().rollup(sum, 10)',
    'count(v: v<=0.3):trace.request{env:production AND (version:v1 OR version:v2)} by {version}.as_count().rollup(sum, 10)',
    'count(v: v<=0.8):trace.request{env:production AND (version:v1 OR version:v2)} by {version}.as_count().rollup(sum, 10)',
    'max:pool{env:production}.rollup(max, 10)',
  ]);
  expect({ from: attributes.from, to: attributes.to, interval: attributes.interval }).toEqual({
    from: START - 10_000,
    to: START,
    interval: 10_000,
  });
});

it("sends the request that Datadog's own client sends, and its own client reads the answers of these tests", async () => {
  const { datadog, sample } = await look();
  expect(sample.kpis.pool?.canary).toEqual({ kind: 'data', observation: { type: 'value', value: 7 } });
  const [ours] = datadog.calls;
  const { attributes } = JSON.parse(ours?.body ?? '').data;
  const configuration = client.createConfiguration({
    authMethods: { apiKeyAuth: 'api-secret', appKeyAuth: 'app-secret' },
    baseServer: new client.BaseServerConfiguration(datadog.url, {}),
  });
  const { data, errors } = await new v2.MetricsApi(configuration).queryTimeseriesData({
    body: {
      data: {
        type: 'timeseries_request',
        attributes: {
          from: attributes.from,
          to: attributes.to,
          interval: attributes.interval,
          queries: attributes.queries.map(({ name, query }: { name: string; query: string }) => ({
            dataSource: 'metrics',
            name,
            query,
          })),
          formulas: attributes.formulas,
        },
      },
    },
  });
  const theirs = datadog.calls[1];
  expect(theirs?.path).toBe(ours?.path);
  expect(JSON.parse(theirs?.body ?? '')).toEqual(JSON.parse(ours?.body ?? ''));
  for (const name of ['dd-api-key', 'dd-application-key', 'content-type']) {
    expect(theirs?.headers[name]).toBe(ours?.headers[name]);
  }
  expect(errors).toBeUndefined();
  expect(data?.attributes?._unparsed).toBeUndefined();
  expect(data?.attributes?.times).toEqual([START - 10_000]);
  expect(data?.attributes?.values).toEqual([[3], [5], [5], [5], [7]]);
  expect(data?.attributes?.series?.map(({ groupTags, queryIndex }) => [queryIndex, groupTags])).toEqual([
    [0, ['version:v1', 'http.status_code:500', 'route:/bookings']],
    [1, ['version:v1']],
    [2, ['version:v1']],
    [3, ['version:v1']],
    [4, []],
  ]);
});

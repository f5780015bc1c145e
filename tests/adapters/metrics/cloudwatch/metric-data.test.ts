import { describe, expect, it } from 'vitest';
import { queriesFor } from '../../../../src/adapters/metrics/cloudwatch/metric-data.ts';
import { wantsOf } from '../../../../src/adapters/metrics/wants.ts';
import { selector } from '../../../contract/metrics-provider.ts';
import { asking, CLOUDS, PERIOD, START } from '../asking-clouds.ts';

const result = (id: string, own: Readonly<Record<string, unknown>> = {}) => ({
  Id: id,
  StatusCode: 'Complete',
  Timestamps: [],
  Values: [],
  ...own,
});
const at = (START + PERIOD) / 1_000;

describe('an answer in pages', () => {
  it('is put together, and the last word on a metric counts', async () => {
    const { errors, once, calls } = await asking(CLOUDS.cloudwatch);
    await errors();
    const first = [
      result('q0'),
      result('q1'),
      result('q2'),
      result('q3', { StatusCode: 'PartialData', Timestamps: [at], Values: [2] }),
    ];
    once(() => {
      once(() => ({
        body: JSON.stringify({ MetricDataResults: [result('q3', { Timestamps: [at - 60], Values: [9] })] }),
      }));
      return { body: JSON.stringify({ MetricDataResults: first, NextToken: 'more' }) };
    });
    expect(await errors()).toEqual({ kind: 'data', observation: { type: 'events', bad: 0, total: 2 } });
    const [, one, other] = calls.map(({ body }) => JSON.parse(body));
    expect(other).toEqual({ ...one, NextToken: 'more' });
  });

  it('that has a bucket on two pages is an error: it would be counted twice', async () => {
    const { errors, once } = await asking(CLOUDS.cloudwatch);
    await errors();
    const page = [result('q0'), result('q1'), result('q2'), result('q3', { Timestamps: [at], Values: [2] })];
    once(() => {
      once(() => ({ body: JSON.stringify({ MetricDataResults: page }) }));
      return { body: JSON.stringify({ MetricDataResults: page, NextToken: 'more' }) };
    });
    expect(await errors()).toMatchObject({
      kind: 'error',
      why: expect.stringMatching(/expected each bucket once/),
    });
  });

  it('without end is an error', async () => {
    const { errors, once, calls } = await asking(CLOUDS.cloudwatch);
    await errors();
    const again = (): { body: string } => {
      once(again);
      return { body: JSON.stringify({ MetricDataResults: [], NextToken: 'more' }) };
    };
    once(again);
    expect(await errors()).toMatchObject({
      kind: 'error',
      why: expect.stringMatching(/saw more than 20 pages/),
    });
    expect(calls).toHaveLength(21);
  });
});

it('asks for at most 500 metrics in one request', async () => {
  const parts = Array.from({ length: 20 }, (_, index) => ({
    metric: 'Hits',
    labels: { code: String(index) },
  }));
  const names = Array.from({ length: 13 }, (_, index) => `hits${index}`);
  const series = Object.fromEntries([['bad', { metric: 'Bad' }], ...names.map((name) => [name, parts])]);
  const spec = {
    sources: [
      {
        id: 'errors',
        scope: 'per-arm' as const,
        type: 'events' as const,
        bad: [selector('bad')],
        total: names.map(selector),
      },
    ],
    traffic: null,
  };
  const { errors, calls, once } = await asking(CLOUDS.cloudwatch, { own: { series }, spec });
  const echo = (body: string): string =>
    JSON.stringify({
      MetricDataResults: JSON.parse(body).MetricDataQueries.map(({ Id }: { Id: string }) => result(Id)),
    });
  once(({ body }) => {
    once((next) => ({ body: echo(next.body) }));
    return { body: echo(body) };
  });
  expect(await errors()).toMatchObject({ kind: 'no-data' });
  const sizes: readonly number[] = calls.map(({ body }) => JSON.parse(body).MetricDataQueries.length);
  expect([...sizes].sort((one, other) => other - one)).toEqual([500, 22]);
});

it('asks for exactly what the entry names, with the dimensions of all, of the metric and of the slot', () => {
  const spec = {
    sources: [
      {
        id: 'latency',
        scope: 'per-arm' as const,
        type: 'histogram' as const,
        histogram: selector('seconds'),
        scale: 1_000,
      },
      {
        id: 'cpu',
        scope: 'shared' as const,
        type: 'gauge' as const,
        value: selector('cpu'),
        dividedBy: null,
        scale: 1,
      },
      {
        id: 'errors',
        scope: 'shared' as const,
        type: 'events' as const,
        bad: [selector('jobs')],
        total: [selector('jobs')],
      },
    ],
    traffic: null,
  };
  const part = { namespace: null, dimensions: {}, labels: {}, count: 'sum' as const, bounds: [] };
  const asked = queriesFor(wantsOf(spec), 60_000, {
    namespace: 'AWS/ApplicationELB',
    dimensions: { LoadBalancer: 'app/shop' },
    slotDimension: 'TargetGroup',
    slots: { a: 'tg/a', b: 'tg/b' },
    series: {
      seconds: [{ ...part, metric: 'TargetResponseTime', bounds: [0.3] }],
      cpu: [
        { ...part, namespace: 'AWS/RDS', metric: 'CPUUtilization', dimensions: { LoadBalancer: 'none' } },
      ],
      jobs: [{ ...part, metric: 'Jobs', count: 'samples' }],
    },
  });
  const told = asked.map(({ query: { MetricStat } }) => {
    const { Namespace, MetricName, Dimensions } = MetricStat.Metric;
    const where = Dimensions.map(({ Name, Value }) => `${Name}=${Value}`).join(' ');
    return `${Namespace} ${MetricName} ${MetricStat.Stat} ${where}`;
  });
  expect(told).toEqual([
    'AWS/ApplicationELB TargetResponseTime SampleCount LoadBalancer=app/shop TargetGroup=tg/a',
    'AWS/ApplicationELB TargetResponseTime TC(:0.3) LoadBalancer=app/shop TargetGroup=tg/a',
    'AWS/ApplicationELB TargetResponseTime SampleCount LoadBalancer=app/shop TargetGroup=tg/b',
    'AWS/ApplicationELB TargetResponseTime TC(:0.3) LoadBalancer=app/shop TargetGroup=tg/b',
    'AWS/RDS CPUUtilization Maximum LoadBalancer=none',
    'AWS/ApplicationELB Jobs SampleCount LoadBalancer=app/shop',
  ]);
});

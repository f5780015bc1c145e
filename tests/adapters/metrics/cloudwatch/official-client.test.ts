import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cloudwatchMetricsSchema } from '../../../../src/adapters/metrics/cloudwatch/cloudwatch.ts';
import { metricDataRequest, queriesFor } from '../../../../src/adapters/metrics/cloudwatch/metric-data.ts';
import { wantsOf } from '../../../../src/adapters/metrics/wants.ts';
import type { MetricsSpec } from '../../../../src/ports/metrics-provider.ts';
import { selector } from '../../../contract/metrics-provider.ts';
import { adapterContext } from '../../../support/adapter-context.ts';
import { AWS_ENV, hasMoto, type Moto, REGION, startMoto } from '../../../support/cloudwatch/moto.ts';
import { testClock } from '../../../support/collected-buckets.ts';

const MINUTE = 60_000;
const START = Math.floor(Date.now() / MINUTE) * MINUTE - 60 * MINUTE;
const SPEC: MetricsSpec = {
  sources: [
    { id: 'errors', scope: 'per-arm', type: 'events', bad: [selector('bad')], total: [selector('all')] },
    { id: 'jobs', scope: 'shared', type: 'events', bad: [selector('failed')], total: [selector('jobs')] },
  ],
  traffic: null,
};

let moto: Moto | null = null;
beforeAll(async () => {
  if (hasMoto) moto = await startMoto();
}, 30_000);
afterAll(() => moto?.stop());

describe.skipIf(!hasMoto)(
  `what the official SDK has sent${hasMoto ? '' : ' (skipped: needs moto_server)'}`,
  () => {
    it('is counted as the official SDK itself reads it back', async () => {
      if (moto === null) throw new Error('no moto');
      const { put, client, url } = moto;
      let runs = 0;
      const sent = fc.array(
        fc.record({
          name: fc.constantFrom('All', 'Bad', 'Jobs', 'Failed'),
          slot: fc.constantFrom('a', 'b'),
          minute: fc.integer({ min: 0, max: 4 }),
          value: fc.integer({ min: 0, max: 1_000 }),
        }),
        { minLength: 1, maxLength: 20 },
      );
      await fc.assert(
        fc.asyncProperty(sent, async (data) => {
          const run = String(runs);
          runs += 1;
          const series = Object.fromEntries(
            [
              ['all', 'All'],
              ['bad', 'Bad'],
              ['jobs', 'Jobs'],
              ['failed', 'Failed'],
            ].map(([name = '', metric]) => [name, { metric }]),
          );
          await put(
            'shop',
            data.map(({ name, slot, minute, value }) => ({
              MetricName: name,
              Value: value,
              Timestamp: new Date(START + minute * MINUTE + 7_000),
              Dimensions: [
                { Name: 'Run', Value: run },
                ...(name === 'All' || name === 'Bad' ? [{ Name: 'slot', Value: slot }] : []),
              ],
            })),
          );
          const entry = {
            type: 'cloudwatch',
            region: REGION,
            url,
            namespace: 'shop',
            dimensions: { Run: run },
            series,
            delay: '2m',
          };
          // The base line is the minute before the first.
          const clock = testClock(START);
          const metrics = cloudwatchMetricsSchema.parse(entry);
          const provider = (metrics.past?.(url) ?? metrics.create)(
            adapterContext({ env: AWS_ENV, clock: { ...adapterContext().clock, now: clock.now } }),
            SPEC,
          );
          const request = { canary: 'b', stable: 'a', elapsed: 0 } as const;
          await provider.sample(request, new AbortController().signal);
          clock.advance(5 * MINUTE + 1);
          const { kpis } = await provider.sample(request, new AbortController().signal);

          const span = { from: START, to: START + 5 * MINUTE, period: MINUTE };
          const parts = Object.entries(series).map(([name, { metric }]) => [
            name,
            [
              {
                namespace: null,
                dimensions: {},
                labels: {},
                count: 'sum' as const,
                bounds: [],
                metric: metric ?? '',
              },
            ],
          ]);
          const asked = queriesFor(wantsOf(SPEC), MINUTE, {
            namespace: 'shop',
            dimensions: { Run: run },
            slotDimension: 'slot',
            slots: { a: 'a', b: 'b' },
            series: Object.fromEntries(parts),
          });
          const { MetricDataQueries } = metricDataRequest(asked, span, null);
          const read = await client.send(
            new GetMetricDataCommand({
              StartTime: new Date(span.from),
              EndTime: new Date(span.to),
              MetricDataQueries: MetricDataQueries.map(({ MetricStat, ...rest }) => ({
                ...rest,
                MetricStat: {
                  ...MetricStat,
                  Metric: { ...MetricStat.Metric, Dimensions: [...MetricStat.Metric.Dimensions] },
                },
              })),
            }),
          );
          const sumOf = (metric: string, slot: 'a' | 'b' | null): number | null => {
            const index = asked.findIndex((one) => one.read.want.metric === metric && one.read.slot === slot);
            const values = read.MetricDataResults?.find(({ Id }) => Id === `q${index}`)?.Values ?? [];
            return values.length === 0 ? null : values.reduce((all, value) => all + value, 0);
          };
          const expected = (bad: string, total: string, slot: 'a' | 'b' | null) => {
            const all = sumOf(total, slot);
            if (all === null) return { kind: 'no-data' };
            const wrong = sumOf(bad, slot) ?? 0;
            return { kind: 'data', observation: { bad: wrong, total: Math.max(all, wrong) } };
          };
          expect(kpis.errors?.canary).toMatchObject(expected('bad', 'all', 'b'));
          expect(kpis.errors?.stable).toMatchObject(expected('bad', 'all', 'a'));
          expect(kpis.jobs?.canary).toMatchObject(expected('failed', 'jobs', null));
        }),
        { numRuns: 15 },
      );
    });
  },
);

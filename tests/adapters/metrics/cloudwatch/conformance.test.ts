import type { MetricDatum } from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { cloudwatchMetricsSchema } from '../../../../src/adapters/metrics/cloudwatch/cloudwatch.ts';
import { describeMetricsProvider } from '../../../contract/metrics-provider.ts';
import { adapterContext } from '../../../support/adapter-context.ts';
import { AWS_ENV, hasMoto, type Moto, REGION, startMoto } from '../../../support/cloudwatch/moto.ts';
import { trimmedName, withTrimmedCount } from '../../../support/cloudwatch/trimmed-count.ts';
import { agentFor, type Submission, testClock } from '../../../support/collected-buckets.ts';
import { countingService } from '../../../support/counting-service.ts';
import { relayTo } from '../../../support/relay.ts';

const PERIOD = 1_000;
const BOUNDS = [0.1, 0.3, 2.3];
const CODES = ['200', '404', '500', '502', '503'];
const GROUPS = { a: 'targetgroup/booking-a/1', b: 'targetgroup/booking-b/2' };

let moto: Moto | null = null;
let scenes = 0;

beforeAll(async () => {
  if (hasMoto) moto = await startMoto();
}, 30_000);
afterAll(() => moto?.stop());

function dataOf(balancer: string, { slot, at, counts, latencies }: Submission): MetricDatum[] {
  const Dimensions = [
    { Name: 'LoadBalancer', Value: balancer },
    { Name: 'TargetGroup', Value: GROUPS[slot] },
  ];
  const about = { Dimensions, Timestamp: new Date(at), StorageResolution: 1 };
  const slow = latencies.filter(({ times }) => times > 0);
  const upTo = (bound: number): number =>
    slow.filter(({ seconds }) => seconds <= bound).reduce((sum, { times }) => sum + times, 0);
  return [
    ...counts.map(({ code, by }) => ({
      ...about,
      Dimensions: [...Dimensions, { Name: 'Code', Value: code }],
      MetricName: 'Requests',
      Value: by,
    })),
    // Without values there is nothing to send: the metric then has no samples, and the series is not there.
    ...(slow.length === 0
      ? []
      : [
          {
            ...about,
            MetricName: 'Duration',
            Values: slow.map(({ seconds }) => seconds),
            Counts: slow.map(({ times }) => times),
          },
        ]),
    ...BOUNDS.map((bound) => ({ ...about, MetricName: trimmedName('Duration', bound), Value: upTo(bound) })),
  ];
}

function poolOf(sent: readonly Submission[]): MetricDatum[] {
  return sent.flatMap(({ at, pool }) =>
    pool === null
      ? []
      : [{ MetricName: 'Pool', Dimensions: [], Timestamp: new Date(at), StorageResolution: 1, Value: pool }],
  );
}

describeMetricsProvider({
  name: 'cloudwatch',
  ...(hasMoto ? {} : { skipped: 'needs moto_server' }),
  open: async (spec) => {
    if (moto === null) throw new Error('no moto');
    const { put, url } = moto;
    const namespace = `booking-${scenes}`;
    // moto looks at the namespace only of a metric without dimensions.
    const balancer = `app/booking-${scenes}`;
    scenes += 1;
    const [a, b] = [await countingService(), await countingService()];
    const clock = testClock(Date.now() - 2 * PERIOD);
    const bridge = await withTrimmedCount(url, clock);
    const relay = await relayTo(bridge.url);
    onTestFinished(async () => {
      for (const one of [relay, bridge, a, b]) await one.stop();
    });
    const collect = agentFor({ a, b });
    const entry = {
      type: 'cloudwatch',
      region: REGION,
      url: relay.url,
      namespace,
      'slot-dimension': 'TargetGroup',
      slots: GROUPS,
      series: {
        http_requests_total: CODES.map((code) => ({
          metric: 'Requests',
          dimensions: { LoadBalancer: balancer, Code: code },
          labels: { code },
        })),
        http_seconds: { metric: 'Duration', dimensions: { LoadBalancer: balancer }, bounds: BOUNDS },
        pool_in_use: { metric: 'Pool' },
      },
      period: '1s',
      delay: '0s',
      timeout: '10s',
    };
    const context = adapterContext({ env: AWS_ENV, clock: { ...adapterContext().clock, now: clock.now } });
    return {
      provider: cloudwatchMetricsSchema.parse(entry).create(context, spec),
      a,
      b,
      settled: async () => {
        const sent = await collect(Math.floor(clock.now() / PERIOD) * PERIOD);
        await put(namespace, [...sent.flatMap((one) => dataOf(balancer, one)), ...poolOf(sent)]);
        clock.advance(PERIOD);
      },
      breakDown: relay.breakDown,
      mend: relay.mend,
    };
  },
});

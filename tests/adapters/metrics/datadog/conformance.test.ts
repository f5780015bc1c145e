import { onTestFinished } from 'vitest';
import { datadogMetricsSchema } from '../../../../src/adapters/metrics/datadog/datadog.ts';
import { describeMetricsProvider } from '../../../contract/metrics-provider.ts';
import { adapterContext } from '../../../support/adapter-context.ts';
import { agentFor, type Submission, testClock } from '../../../support/collected-buckets.ts';
import { countingService } from '../../../support/counting-service.ts';
import { type DatadogPoint, startDatadog } from '../../../support/datadog/datadog.ts';
import { relayTo } from '../../../support/relay.ts';

const PERIOD = 10_000;
const env = { DD_API_KEY: 'api-secret', DD_APP_KEY: 'app-secret' };
const VERSIONS = { a: 'blue', b: 'green.2' };

function pointsOf({ slot, at, counts, latencies, pool }: Submission): DatadogPoint[] {
  const tags = { env: 'test', version: VERSIONS[slot] };
  const about = { at, times: 1 };
  return [
    ...counts.map(
      ({ code, by }): DatadogPoint => ({
        ...about,
        metric: 'http.requests',
        kind: 'count',
        tags: { ...tags, 'http.status_code': code },
        value: by,
      }),
    ),
    ...latencies.map(
      ({ seconds, times }): DatadogPoint => ({
        at,
        times,
        metric: 'http.request.duration',
        kind: 'distribution',
        tags,
        value: seconds,
      }),
    ),
    ...(pool === null
      ? []
      : [{ ...about, metric: 'pool_in_use', kind: 'gauge' as const, tags, value: pool }]),
  ];
}

describeMetricsProvider({
  name: 'datadog',
  open: async (spec) => {
    const [a, b] = [await countingService(), await countingService()];
    const clock = testClock(Date.now() - 2 * PERIOD);
    const datadog = await startDatadog(clock);
    const relay = await relayTo(datadog.url);
    onTestFinished(async () => {
      for (const one of [relay, datadog, a, b]) await one.stop();
    });
    const collect = agentFor({ a, b });
    const entry = {
      type: 'datadog',
      url: relay.url,
      'slot-tag': 'version',
      slots: VERSIONS,
      tags: ['env:test'],
      series: {
        http_requests_total: { metric: 'http.requests', labels: { code: 'http.status_code' } },
        http_seconds: { metric: 'http.request.duration', bounds: [0.1, 0.3, 2.3] },
      },
      delay: '0s',
      timeout: '10s',
    };
    const context = adapterContext({ env, clock: { ...adapterContext().clock, now: clock.now } });
    return {
      provider: datadogMetricsSchema.parse(entry).create(context, spec),
      a,
      b,
      settled: async () => {
        const sent = await collect(Math.floor(clock.now() / PERIOD) * PERIOD);
        datadog.submit(...sent.flatMap(pointsOf));
        clock.advance(PERIOD);
      },
      breakDown: relay.breakDown,
      mend: relay.mend,
    };
  },
});

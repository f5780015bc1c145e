import { onTestFinished } from 'vitest';
import { newrelicMetricsSchema } from '../../../../src/adapters/metrics/newrelic/newrelic.ts';
import { describeMetricsProvider } from '../../../contract/metrics-provider.ts';
import { adapterContext } from '../../../support/adapter-context.ts';
import { agentFor, type Submission, testClock } from '../../../support/collected-buckets.ts';
import { countingService } from '../../../support/counting-service.ts';
import { ACCOUNT, startNerdGraph } from '../../../support/newrelic/nerdgraph.ts';
import type { NrdbEvent } from '../../../support/newrelic/nrdb.ts';
import { relayTo } from '../../../support/relay.ts';

const PERIOD = 10_000;
const HOSTS = { a: 'blue', b: "green's" };

function eventsOf({ slot, at, counts, latencies, pool }: Submission): NrdbEvent[] {
  const about = { 'app.version': HOSTS[slot], appName: 'booking' };
  return [
    ...counts.map(({ code, by }) => ({
      type: 'Metric',
      at,
      times: 1,
      attributes: { ...about, 'http.statusCode': code, http_requests_total: by },
    })),
    ...latencies.map(({ seconds, times }) => ({
      type: 'Transaction',
      at,
      times,
      attributes: { ...about, duration: seconds },
    })),
    ...(pool === null
      ? []
      : [{ type: 'Metric', at, times: 1, attributes: { ...about, 'db.pool.used': pool } }]),
  ];
}

describeMetricsProvider({
  name: 'newrelic',
  open: async (spec) => {
    const [a, b] = [await countingService(), await countingService()];
    const clock = testClock(Date.now() - 2 * PERIOD);
    const nerdGraph = await startNerdGraph(clock);
    const relay = await relayTo(nerdGraph.url);
    onTestFinished(async () => {
      for (const one of [relay, nerdGraph, a, b]) await one.stop();
    });
    const collect = agentFor({ a, b });
    const entry = {
      type: 'newrelic',
      account: ACCOUNT,
      url: relay.url,
      'slot-attribute': 'app.version',
      slots: HOSTS,
      where: "appName = 'booking'",
      series: {
        http_requests_total: { labels: { code: 'http.statusCode' } },
        http_seconds: { from: 'Transaction', value: 'duration', bounds: [0.1, 0.3, 2.3] },
        pool_in_use: { value: 'db.pool.used' },
      },
      period: '10s',
      delay: '0s',
      timeout: '10s',
    };
    const context = adapterContext({
      env: { NEW_RELIC_API_KEY: 'NRAK-SECRET' },
      clock: { ...adapterContext().clock, now: clock.now },
    });
    return {
      provider: newrelicMetricsSchema.parse(entry).create(context, spec),
      a,
      b,
      settled: async () => {
        const sent = await collect(Math.floor(clock.now() / PERIOD) * PERIOD);
        nerdGraph.send(...sent.flatMap(eventsOf));
        clock.advance(PERIOD);
      },
      breakDown: relay.breakDown,
      mend: relay.mend,
    };
  },
});

import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { prometheusMetricsSchema } from '../../../../src/adapters/metrics/prometheus/prometheus.ts';
import { describeMetricsProvider } from '../../../contract/metrics-provider.ts';
import { adapterContext } from '../../../support/adapter-context.ts';
import { hasPrometheus } from '../../../support/prometheus.ts';
import { relayTo } from '../../../support/relay.ts';
import { SCRAPE_INTERVAL, type ScrapePool, scrapePool } from '../../../support/scrape-pool.ts';

let pool: ScrapePool | null = null;

beforeAll(async () => {
  if (hasPrometheus) pool = await scrapePool(12, { a: 'blue', b: 'green.2' });
}, 30_000);
afterAll(() => pool?.stop());

describeMetricsProvider({
  name: 'prometheus',
  ...(hasPrometheus ? {} : { skipped: 'needs prometheus' }),
  open: async (spec) => {
    if (pool === null) throw new Error('no Prometheus');
    const { a, b, id, settled } = pool.take();
    const relay = await relayTo(pool.prometheus.url);
    onTestFinished(relay.stop);
    const provider = prometheusMetricsSchema
      .parse({
        type: 'prometheus',
        url: relay.url,
        slots: { a: 'blue', b: 'green.2' },
        matchers: `pair="${id}"`,
        'scrape-interval': SCRAPE_INTERVAL,
        lag: '0s',
        timeout: '2s',
      })
      .create(adapterContext(), spec);
    return { provider, a, b, settled, breakDown: relay.breakDown, mend: relay.mend };
  },
});

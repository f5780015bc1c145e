import { onTestFinished } from 'vitest';
import { scrapeMetricsSchema } from '../../../../src/adapters/metrics/scrape/scrape.ts';
import { describeMetricsProvider } from '../../../contract/metrics-provider.ts';
import { adapterContext } from '../../../support/adapter-context.ts';
import { countingService } from '../../../support/counting-service.ts';
import { relayTo } from '../../../support/relay.ts';

describeMetricsProvider({
  name: 'scrape',
  open: async (spec) => {
    const [a, b] = [await countingService(), await countingService()];
    const relays = [await relayTo(a.url), await relayTo(b.url)] as const;
    onTestFinished(async () => {
      for (const one of [...relays, a, b]) await one.stop();
    });
    const endpoints = [
      { url: `${relays[0].url}/metrics`, slot: 'a' },
      { url: `${relays[1].url}/metrics`, slot: 'b' },
    ];
    const provider = scrapeMetricsSchema
      .parse({ type: 'scrape', timeout: '2s', endpoints })
      .create(adapterContext(), spec);
    return {
      provider,
      a,
      b,
      settled: () => Promise.resolve(),
      breakDown: async (how) => {
        for (const relay of relays) await relay.breakDown(how);
      },
      mend: async () => {
        for (const relay of relays) await relay.mend();
      },
    };
  },
});

import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import {
  commandMetricsSchema,
  jsonMetricsSchema,
} from '../../../../src/adapters/metrics/document/document-provider.ts';
import type { MetricsProvider, MetricsSpec } from '../../../../src/ports/metrics-provider.ts';
import { describeMetricsProvider, type MetricsScene } from '../../../contract/metrics-provider.ts';
import { adapterContext } from '../../../support/adapter-context.ts';
import { countingService } from '../../../support/counting-service.ts';
import { type Relay, relayTo } from '../../../support/relay.ts';
import { documentOf } from './counts.mjs';

const SCRIPT = fileURLToPath(new URL('counts.mjs', import.meta.url));
const context = adapterContext({ env: { PATH: process.env.PATH } });

/** Two counting services, each behind a way that can be cut. */
async function openServices() {
  const [a, b] = [await countingService(), await countingService()];
  const relays = [await relayTo(a.url), await relayTo(b.url)] as const;
  onTestFinished(async () => {
    for (const one of [...relays, a, b]) await one.stop();
  });
  return { a, b, relays, argv: [process.execPath, SCRIPT, ...relays.map(({ url }) => `${url}/metrics`)] };
}

function sceneOf(
  { a, b }: Pick<MetricsScene, 'a' | 'b'>,
  provider: MetricsProvider,
  ways: readonly Relay[],
): MetricsScene {
  return {
    provider,
    a,
    b,
    settled: () => Promise.resolve(),
    breakDown: async (how) => {
      for (const way of ways) await way.breakDown(how);
    },
    mend: async () => {
      for (const way of ways) await way.mend();
    },
  };
}

describeMetricsProvider({
  name: "the user's own command",
  open: async (spec: MetricsSpec) => {
    const { relays, argv, ...services } = await openServices();
    const entry = { type: 'command', command: argv, timeout: '10s' };
    return sceneOf(services, commandMetricsSchema.parse(entry).create(context, spec), relays);
  },
});

describeMetricsProvider({
  name: 'a JSON document over HTTP',
  open: async (spec: MetricsSpec) => {
    const services = await openServices();
    const urls = [services.a.url, services.b.url];
    const server = createServer((_, response) => {
      documentOf(urls).then(
        (text) => response.end(text),
        () => response.writeHead(500).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const way = await relayTo(`http://127.0.0.1:${port}`);
    onTestFinished(async () => {
      await way.stop();
      server.closeAllConnections();
      server.close();
    });
    const entry = { type: 'json', url: `${way.url}/canary`, timeout: '10s' };
    return sceneOf(services, jsonMetricsSchema.parse(entry).create(context, spec), [way]);
  },
});

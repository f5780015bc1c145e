import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { prometheusMetricsSchema } from '../../../../src/adapters/metrics/prometheus/prometheus.ts';
import { adapterContext } from '../../../support/adapter-context.ts';
import { hasPrometheus, startPrometheus, until } from '../../../support/prometheus.ts';

const { signal } = new AbortController();

/** A service that says how many of its connections are taken, scraped by a real Prometheus. */
async function scraped(exposed: () => string): Promise<string> {
  const server = createServer((_, response) => response.end(exposed()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const prometheus = await startPrometheus([{ url: `http://127.0.0.1:${port}/metrics` }]);
  onTestFinished(async () => {
    await prometheus.stop();
    server.closeAllConnections();
    server.close();
  });
  return prometheus.url;
}

function sourceAt(url: string) {
  const registered = prometheusMetricsSchema.parse({
    type: 'prometheus',
    url,
    'scrape-interval': '200ms',
    lag: '0s',
  });
  const source = registered.figures?.(adapterContext());
  if (source === undefined) throw new Error('prometheus answers expressions');
  return source;
}

const name = `any PromQL over a span${hasPrometheus ? '' : ' (skipped: needs prometheus)'}`;

describe.skipIf(!hasPrometheus)(name, { timeout: 60_000 }, () => {
  it('is answered by a real Prometheus, and only for that span', async () => {
    const url = await scraped(() => 'db_used{pool="main"} 0.6\n');
    const source = sourceAt(url);
    const ask = (expression: string) => {
      const to = Date.now();
      return source.read({ expression, from: to - 1_000, to, step: 200 }, signal);
    };
    await until(async () => ((await ask('db_used'))[0]?.points.length ?? 0) >= 5, 'five values', 30_000);
    const [series] = await ask('max by (pool) (db_used) # the pool');
    expect(series?.points.every(({ value }) => value === 0.6)).toBe(true);
    expect(series?.name).toContain('pool="main"');
    expect(await ask('nothing_of_that_name')).toEqual([]);
    await expect(ask('max(')).rejects.toMatchObject({ code: 'refused' });
    const past = {
      expression: 'db_used',
      from: Date.now() - 7_200_000,
      to: Date.now() - 7_100_000,
      step: 200,
    };
    expect(await source.read(past, signal)).toEqual([]);
  });
});

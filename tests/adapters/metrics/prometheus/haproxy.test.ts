import { describe, expect, it, onTestFinished } from 'vitest';
import { prometheusMetricsSchema } from '../../../../src/adapters/metrics/prometheus/prometheus.ts';
import type { Sample } from '../../../../src/core/analysis/sample.ts';
import { selector } from '../../../contract/metrics-provider.ts';
import { adapterContext } from '../../../support/adapter-context.ts';
import { hasPrometheus, startPrometheus, until } from '../../../support/prometheus.ts';
import { haproxyWithBadB, hasHaproxyExporter } from '../haproxy.ts';

const missing = [hasPrometheus ? '' : 'prometheus', hasHaproxyExporter() ? '' : 'haproxy'].filter(Boolean);
const needs = missing.length === 0 ? '' : ` (skipped: needs ${missing.join(' and ')})`;

describe.skipIf(needs !== '')(`HAProxy, scraped by Prometheus${needs}`, () => {
  it('tells the arms apart by its server label', { timeout: 30_000 }, async () => {
    const { metrics, send } = await haproxyWithBadB();
    const prometheus = await startPrometheus([{ url: metrics, labels: { env: 'test' } }], {
      interval: '300ms',
    });
    onTestFinished(prometheus.stop);
    const responses = 'haproxy_server_http_responses_total{proxy="app"';
    const total = [selector(`${responses}}`)];
    const provider = prometheusMetricsSchema
      .parse({
        type: 'prometheus',
        url: prometheus.url,
        'slot-label': 'server',
        matchers: 'env="test"',
        'scrape-interval': '300ms',
        lag: '0s',
      })
      .create(adapterContext(), {
        sources: [
          {
            id: 'errors',
            scope: 'per-arm',
            type: 'events',
            bad: [selector(`${responses},code="5xx"}`)],
            total,
          },
          {
            id: 'servers',
            scope: 'shared',
            type: 'gauge',
            value: selector('haproxy_backend_active_servers{proxy="app"}'),
            dividedBy: null,
            scale: 1,
          },
        ],
        traffic: total,
      });
    const look = (): Promise<Sample> =>
      provider.sample({ canary: 'b', stable: 'a', elapsed: 1_000 }, new AbortController().signal);
    await until(async () => (await look()).kpis.errors?.stable?.kind === 'data', 'the first scrapes', 15_000);
    await send(20);
    const seen = { bad: 0, canary: 0, stable: 0, servers: 0 };
    await until(async () => {
      const { kpis, traffic } = await look();
      const errors = kpis.errors?.canary;
      const servers = kpis.servers?.canary;
      if (errors?.kind === 'data' && errors.observation.type === 'events') seen.bad += errors.observation.bad;
      if (servers?.kind === 'data' && servers.observation.type === 'value') {
        seen.servers = servers.observation.value;
      }
      seen.canary += traffic?.canary ?? 0;
      seen.stable += traffic?.stable ?? 0;
      return seen.canary + seen.stable >= 20;
    }, 'the requests to be counted');
    expect(seen).toEqual({ bad: 10, canary: 10, stable: 10, servers: 2 });
  });
});

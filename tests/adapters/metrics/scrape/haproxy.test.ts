import { describe, expect, it } from 'vitest';
import { haproxyWithBadB, hasHaproxyExporter } from '../haproxy.ts';
import { counted, data, scraper, selector } from './scraping.ts';

const available = hasHaproxyExporter();

describe.skipIf(!available)(available ? 'HAProxy as a source' : 'skipped: needs haproxy', () => {
  it('tells the arms apart by its server label', async () => {
    const { metrics, send } = await haproxyWithBadB();
    const responses = 'haproxy_server_http_responses_total{proxy="app"';
    const total = [selector(`${responses}}`)];
    const { sample } = scraper(
      { endpoints: [{ url: metrics }], 'slot-label': 'server' },
      {
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
      },
    );
    await sample();
    await send(20);
    const { kpis, traffic } = await sample();
    expect(kpis).toEqual({
      errors: { canary: counted(10, 10), stable: counted(0, 10) },
      servers: { canary: data({ type: 'value', value: 2 }), stable: null },
    });
    expect(traffic).toEqual({ canary: 10, stable: 10 });
  });
});

import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { metricsServer, saying, serving } from '../metrics-server.ts';
import { counted, data, events, gauge, goodEvents, histogram, scraper, selector } from './scraping.ts';

/** A service as prom-client users write it. */
class Service {
  readonly registry = new Registry();
  readonly requests = new Counter({
    name: 'http_requests_total',
    help: 'h',
    labelNames: ['slot', 'code'],
    registers: [this.registry],
  });
  readonly seconds = new Histogram({
    name: 'http_seconds',
    help: 'h',
    buckets: [0.1, 0.3, 2.3],
    registers: [this.registry],
  });

  serve(code: number, times: number, seconds = 0.2): void {
    this.requests.inc({ code: String(code) }, times);
    for (let index = 0; index < times; index += 1) this.seconds.observe(seconds);
  }
}

const errorRate = events('errors', 'http_requests_total{code=~"5.."}', 'http_requests_total');
const noData = (why: RegExp) => ({ kind: 'no-data', why: expect.stringMatching(why) });
const error = (why: RegExp) => ({ kind: 'error', why: expect.stringMatching(why) });

describe('counting events', () => {
  it('sets a base line first, then counts each tick on each arm', async () => {
    const [stable, canary] = [new Service(), new Service()];
    const [a, b] = [
      await metricsServer(serving(stable.registry)),
      await metricsServer(serving(canary.registry)),
    ];
    const { sample } = scraper(
      {
        endpoints: [
          { url: a.url, slot: 'a' },
          { url: b.url, slot: 'b' },
        ],
      },
      { sources: [errorRate] },
    );
    stable.serve(200, 100);
    stable.serve(500, 7);
    canary.serve(200, 10);
    const first = await sample();
    expect(first.kpis).toEqual({
      errors: {
        canary: noData(/first scrape sets the base line/),
        stable: noData(/first scrape sets the base/),
      },
    });
    expect(first.elapsed).toBe(1_000);
    expect(Math.abs(first.at - Date.now())).toBeLessThan(5_000);
    stable.serve(200, 9);
    canary.serve(200, 3);
    canary.serve(503, 2);
    expect((await sample()).kpis).toEqual({ errors: { canary: counted(2, 5), stable: counted(0, 9) } });
    expect((await sample()).kpis).toEqual({ errors: { canary: counted(0, 0), stable: counted(0, 0) } });
    stable.serve(500, 1);
    expect((await sample({ canary: 'a', stable: 'b' })).kpis).toEqual({
      errors: { canary: counted(1, 1), stable: counted(0, 0) },
    });
  });

  it('adds up instances and labels of an arm, and lists of selectors, each series once', async () => {
    const [one, two] = [new Service(), new Service()];
    const stable = new Service();
    const servers = [await metricsServer(serving(one.registry)), await metricsServer(serving(two.registry))];
    const other = await metricsServer(serving(stable.registry));
    const { sample } = scraper(
      {
        endpoints: [
          ...servers.map(({ url }) => ({ url, slot: 'b' as const })),
          { url: other.url, slot: 'a' },
        ],
      },
      {
        sources: [
          {
            id: 'errors',
            scope: 'per-arm',
            type: 'events',
            bad: [selector('http_requests_total{code="500"}'), selector('http_requests_total{code=~"5.."}')],
            total: [selector('http_requests_total')],
          },
        ],
      },
    );
    await sample();
    one.serve(500, 1);
    one.serve(200, 4);
    two.serve(502, 2);
    two.serve(500, 3);
    expect((await sample()).kpis).toMatchObject({ errors: { canary: counted(6, 10) } });
  });

  it('goes on counting an arm while a further instance sets its base line', async () => {
    const first = await metricsServer(saying('all 1\n'));
    const later = await metricsServer(saying('starting\n'));
    const endpoints = [{ url: first.url }, { url: later.url }];
    const { sample } = scraper({ endpoints }, { sources: [events('e', 'bad', 'all', 'shared')] });
    await sample();
    first.answerWith(saying('all 4\nbad 1\n'));
    later.answerWith(saying('all 700\nbad 70\n'));
    expect((await sample()).kpis).toEqual({ e: { canary: counted(1, 3), stable: null } });
    later.answerWith(saying('all 702\nbad 71\n'));
    expect((await sample()).kpis).toEqual({ e: { canary: counted(1, 2), stable: null } });
  });

  it('has no bad events while only their series are absent, and no data without the total', async () => {
    const service = new Service();
    const server = await metricsServer(serving(service.registry));
    const empty = await metricsServer(saying(''));
    const endpoints = [
      { url: server.url, slot: 'b' as const },
      { url: empty.url, slot: 'a' as const },
    ];
    const { sample } = scraper({ endpoints }, { sources: [errorRate] });
    service.serve(200, 1);
    await sample();
    service.serve(200, 4);
    expect((await sample()).kpis).toEqual({
      errors: {
        canary: counted(0, 4),
        stable: noData(/no series matches http_requests_total at http.*\/metrics$/),
      },
    });
  });

  it('keeps a bad event until its total can be seen, and never has more bad ones than all', async () => {
    const server = await metricsServer(saying(''));
    const { sample } = scraper(
      { endpoints: [{ url: server.url }] },
      { sources: [events('e', 'bad', 'all', 'shared')] },
    );
    await sample();
    server.answerWith(saying('bad 2\n'));
    expect((await sample()).kpis).toEqual({ e: { canary: noData(/no series matches all/), stable: null } });
    server.answerWith(saying('bad 2\nall 1\n'));
    expect((await sample()).kpis).toEqual({ e: { canary: counted(2, 2), stable: null } });
  });

  it('counts what is not good as bad', async () => {
    const server = await metricsServer(saying('good{slot="b"} 5\nall{slot="b"} 8\nall{slot="a"} 5\n'));
    const { sample } = scraper(
      { endpoints: [{ url: server.url }] },
      { sources: [goodEvents('g', 'good', 'all')] },
    );
    await sample();
    server.answerWith(saying('good{slot="b"} 9\nall{slot="b"} 18\nall{slot="a"} 6\n'));
    expect((await sample()).kpis).toEqual({ g: { canary: counted(6, 10), stable: counted(1, 1) } });
    server.answerWith(saying('good{slot="b"} 12\nall{slot="b"} 19\nall{slot="a"} 6\n'));
    expect((await sample()).kpis).toMatchObject({ g: { canary: counted(0, 1) } });
  });

  it('tells arms apart by the slot label, and leaves other slots out', async () => {
    const service = new Service();
    const server = await metricsServer(serving(service.registry));
    const { sample } = scraper({ endpoints: [{ url: server.url }] }, { sources: [errorRate] });
    const serve = (slot: string, code: string, times: number) => service.requests.inc({ slot, code }, times);
    serve('a', '200', 50);
    await sample();
    serve('a', '200', 4);
    serve('a', '500', 1);
    serve('c', '500', 99);
    expect((await sample()).kpis).toEqual({
      errors: { canary: noData(/at http.* with slot="b"$/), stable: counted(1, 5) },
    });
    serve('b', '500', 2);
    expect((await sample()).kpis).toEqual({ errors: { canary: counted(2, 2), stable: counted(0, 0) } });
  });

  it('reads another slot label when it is told to', async () => {
    const server = await metricsServer(saying('all{server="b"} 1\n'));
    const config = { endpoints: [{ url: server.url }], 'slot-label': 'server' };
    const { sample } = scraper(config, { sources: [events('e', 'bad', 'all')] });
    await sample();
    server.answerWith(saying('all{server="b"} 4\n'));
    expect((await sample()).kpis).toMatchObject({ e: { canary: counted(0, 3) } });
  });

  it('reads everything together for a shared KPI', async () => {
    const [a, b] = [await metricsServer(saying('all 1\n')), await metricsServer(saying('all 1\nbad 1\n'))];
    const endpoints = [
      { url: a.url, slot: 'a' as const },
      { url: b.url, slot: 'b' as const },
    ];
    const { sample } = scraper({ endpoints }, { sources: [events('e', 'bad', 'all', 'shared')] });
    await sample();
    a.answerWith(saying('all 5\n'));
    b.answerWith(saying('all 2\nbad 2\n'));
    expect((await sample()).kpis).toEqual({ e: { canary: counted(1, 5), stable: null } });
  });
});

describe('reading histograms', () => {
  const latency = histogram('latency', 'http_seconds');

  it('counts per bucket, in the unit of the KPI', async () => {
    const service = new Service();
    const server = await metricsServer(serving(service.registry));
    const empty = await metricsServer(saying(''));
    const endpoints = [
      { url: server.url, slot: 'b' as const },
      { url: empty.url, slot: 'a' as const },
    ];
    const { sample } = scraper({ endpoints }, { sources: [latency] });
    service.serve(200, 5, 0.05);
    expect((await sample()).kpis).toMatchObject({
      latency: { canary: noData(/base line of http_seconds_bucket/) },
    });
    service.serve(200, 1, 0.05);
    service.serve(200, 2, 0.3);
    service.serve(200, 3, 2);
    service.serve(200, 4, 60);
    expect((await sample()).kpis).toEqual({
      latency: {
        canary: data({ type: 'histogram', bounds: [100, 300, 2_300], counts: [1, 2, 3, 4] }),
        stable: noData(/no series matches http_seconds_bucket/),
      },
    });
  });

  it('is an error without the bucket of all events, or with bounds that are no numbers', async () => {
    const server = await metricsServer(saying('http_seconds_bucket{slot="b",le="1"} 1\n'));
    const { sample } = scraper({ endpoints: [{ url: server.url }] }, { sources: [latency] });
    await sample();
    expect((await sample()).kpis).toMatchObject({
      latency: { canary: error(/expected a bucket with le="\+Inf"/) },
    });
    server.answerWith(saying('http_seconds_bucket{slot="b",le="fast"} 1\n'));
    expect((await sample()).kpis).toMatchObject({
      latency: { canary: error(/a number as le, saw le="fast"/) },
    });
  });
});

describe('reading gauges', () => {
  it('answers at once, with the largest over the instances', async () => {
    const registry = new Registry();
    const used = new Gauge({ name: 'used', help: 'h', labelNames: ['pool'], registers: [registry] });
    const server = await metricsServer(serving(registry));
    const other = await metricsServer(saying('used 3\n'));
    const { sample } = scraper(
      { endpoints: [{ url: server.url }, { url: other.url }] },
      { sources: [gauge('used', 'used'), gauge('x', 'used{pool="x"}'), gauge('none', 'absent')] },
    );
    used.set({ pool: 'x' }, -4);
    used.set({ pool: 'y' }, Number.NaN);
    expect((await sample()).kpis).toEqual({
      used: { canary: data({ type: 'value', value: 3 }), stable: null },
      x: { canary: data({ type: 'value', value: -4 }), stable: null },
      none: { canary: noData(/no series for absent at http/), stable: null },
    });
  });

  it.each([
    ['used 8\nsize 10\n', data({ type: 'value', value: 0.8 })],
    ['used{p="x"} 8\nused{p="y"} 1\nsize{p="x"} 80\nsize{p="y"} 2\n', data({ type: 'value', value: 0.5 })],
    ['used{p="x"} 8\nused{p="y"} 1\nsize 10\n', data({ type: 'value', value: 0.8 })],
    ['used 8\nsize 0\n', noData(/no finite value for used and size/)],
    ['used NaN\nsize 5\n', noData(/no finite value/)],
    ['used 8\n', noData(/no series for used and size/)],
    ['used{p="x"} 8\nsize{p="y"} 1\nsize{p="z"} 1\n', noData(/no series/)],
  ])('divides %j', async (text, reading) => {
    const server = await metricsServer(saying(text));
    const { sample } = scraper(
      { endpoints: [{ url: server.url }] },
      { sources: [gauge('g', 'used', 'size')] },
    );
    expect((await sample()).kpis).toEqual({ g: { canary: reading, stable: null } });
  });

  it('keeps arms apart when it is told to', async () => {
    const server = await metricsServer(saying('used{slot="a"} 1\nused{slot="b"} 2\n'));
    const { sample } = scraper(
      { endpoints: [{ url: server.url }] },
      { sources: [gauge('g', 'used', null, 'per-arm')] },
    );
    const value = (one: number) => data({ type: 'value', value: one });
    expect((await sample()).kpis).toEqual({ g: { canary: value(2), stable: value(1) } });
    expect((await sample({ stable: null })).kpis).toEqual({ g: { canary: value(2), stable: null } });
  });
});

import { Counter, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { bothSlots, metricsServer, saying, serving } from '../metrics-server.ts';
import { counted, data, events, gauge, histogram, scraper, selector } from './scraping.ts';

const kpi = events('e', 'bad', 'all');
const error = (why: RegExp) => ({ kind: 'error', why: expect.stringMatching(why) });
const baseLine = { kind: 'no-data', why: expect.stringContaining('first scrape sets the base line') };

describe('an endpoint that cannot be read', () => {
  it('makes errors of its own arm only, and counts over one missed scrape when it is back', async () => {
    const { a, b, endpoints } = await bothSlots();
    const { sample } = scraper({ endpoints }, { sources: [kpi] });
    await sample();
    await a.stop();
    b.answerWith(saying('all 4\nbad 1\n'));
    expect((await sample()).kpis).toEqual({
      e: { canary: counted(1, 3), stable: error(/127\.0\.0\.1.*expected an answer, saw .*ECONNREFUSED/) },
    });
    await a.start();
    a.answerWith(saying('all 11\n'));
    expect((await sample()).kpis).toEqual({ e: { canary: counted(0, 0), stable: counted(0, 10) } });
  });

  it('sets a new base line after two missed scrapes', async () => {
    const { b, endpoints } = await bothSlots();
    const { sample } = scraper({ endpoints }, { sources: [kpi] });
    await sample();
    b.answerWith(saying('<html>\n'));
    expect((await sample()).kpis).toMatchObject({ e: { canary: error(/line 1: expected a metric name/) } });
    expect((await sample()).kpis).toMatchObject({ e: { canary: error(/line 1/) } });
    b.answerWith(saying('all 100\n'));
    expect((await sample()).kpis).toEqual({ e: { canary: baseLine, stable: counted(0, 0) } });
    b.answerWith(saying('all 107\n'));
    expect((await sample()).kpis).toMatchObject({ e: { canary: counted(0, 7) } });
  });

  it('makes errors of both arms when series say their slot, and of shared KPIs, gauges and histograms', async () => {
    const server = await metricsServer((_request, response) => void response.writeHead(500).end());
    const { sample } = scraper(
      { endpoints: [{ url: server.url }] },
      { sources: [kpi, gauge('g', 'used'), histogram('h', 'seconds')], traffic: [selector('all')] },
    );
    const down = error(/expected status 200, saw 500/);
    expect(await sample()).toMatchObject({
      kpis: {
        e: { canary: down, stable: down },
        g: { canary: down, stable: null },
        h: { canary: down, stable: down },
      },
      traffic: null,
    });
  });

  it('is told with every other one, and the rest are counted', async () => {
    const servers = await Promise.all(Array.from({ length: 5 }, () => metricsServer(saying('?\n'))));
    const { sample } = scraper({ endpoints: servers.map(({ url }) => ({ url })) }, { sources: [kpi] });
    const { kpis } = await sample();
    expect(kpis.e?.canary).toEqual(error(/^(scrape: [^;]+; point url[^;]+; ){3}and 2 more$/));
  });

  it('does not make another instance lose an event', async () => {
    const { a, b, endpoints } = await bothSlots();
    const second = await metricsServer(saying('all 1\n'));
    const { sample } = scraper(
      { endpoints: [...endpoints, { url: second.url, slot: 'b' }] },
      { sources: [kpi, histogram('h', 'seconds')] },
    );
    await sample();
    second.answerWith(saying('broken\n'));
    b.answerWith(saying('all 5\nbad 1\nseconds_bucket{le="1"} 1\nseconds_bucket{le="+Inf"} 3\n'));
    a.answerWith(saying('all 2\n'));
    expect((await sample()).kpis).toMatchObject({
      e: { canary: error(/line 1/), stable: counted(0, 1) },
      h: { canary: error(/line 1/) },
    });
    second.answerWith(saying('all 3\n'));
    expect((await sample()).kpis).toMatchObject({
      e: { canary: counted(1, 6), stable: counted(0, 0) },
      h: { canary: data({ type: 'histogram', bounds: [1_000], counts: [1, 2] }) },
    });
    expect((await sample()).kpis).toMatchObject({ e: { canary: counted(0, 0) } });
  });

  it('leaves nothing behind for the next rollout of a slot that took no part meanwhile', async () => {
    const { a, endpoints } = await bothSlots();
    const second = await metricsServer(saying('all 1\n'));
    const { sample } = scraper(
      { endpoints: [...endpoints, { url: second.url, slot: 'a' }] },
      { sources: [kpi] },
    );
    await sample();
    second.answerWith(saying('broken\n'));
    a.answerWith(saying('all 50\nbad 9\n'));
    await sample();
    for (let count = 0; count < 2; count += 1) await sample({ stable: null });
    second.answerWith(saying('all 1\n'));
    expect((await sample()).kpis).toMatchObject({ e: { stable: baseLine } });
    a.answerWith(saying('all 52\nbad 9\n'));
    expect((await sample()).kpis).toMatchObject({ e: { stable: counted(0, 2) } });
  });

  it('costs no more time than its deadline, and all are asked at once', async () => {
    const slow = await Promise.all(
      Array.from({ length: 20 }, () =>
        metricsServer((_request, response) => void setTimeout(() => response.end('all 1\n'), 150)),
      ),
    );
    const stuck = await metricsServer(() => undefined);
    const endpoints = [
      ...slow.map(({ url }) => ({ url, slot: 'a' as const })),
      { url: stuck.url, slot: 'b' as const },
    ];
    const config = { endpoints, timeout: '600ms' };
    const { sample } = scraper(config, { sources: [kpi] });
    const start = performance.now();
    const { kpis } = await sample();
    expect(performance.now() - start).toBeLessThan(1_500);
    expect(kpis).toEqual({ e: { canary: error(/complete answer within 600ms/), stable: baseLine } });
  });

  it('is only one that was asked: a slot that takes no part may be empty', async () => {
    const { a, b, endpoints } = await bothSlots();
    await a.stop();
    const { sample } = scraper(
      { endpoints },
      { sources: [kpi, events('s', 'bad', 'all', 'shared')], traffic: [selector('all')] },
    );
    await sample({ stable: null });
    b.answerWith(saying('all 3\n'));
    expect(await sample({ stable: null })).toMatchObject({
      kpis: { e: { canary: counted(0, 2), stable: null }, s: { canary: counted(0, 2), stable: null } },
      traffic: { canary: 2, stable: 0 },
    });
    expect(a.asked()).toBe(0);
  });
});

describe('a KPI read at the router', () => {
  const asRouter = (errors: number, all: number) =>
    saying(`bad{slot="b"} ${errors}\nall{slot="b"} ${all}\nall{slot="a"} 9\n`);
  const stage = async () => {
    const router = await metricsServer(asRouter(0, 1));
    const own = await metricsServer(saying('seconds_bucket{le="+Inf"} 1\n'));
    const endpoints = [{ url: router.url }, { url: own.url, slot: 'b' as const }];
    return { router, own, endpoints };
  };

  it("does not mind that the version's own endpoint is gone with the version", async () => {
    const { router, own, endpoints } = await stage();
    const { sample } = scraper(
      { endpoints },
      { sources: [kpi, histogram('h', 'seconds')], traffic: [selector('all')] },
    );
    await sample();
    await own.stop();
    router.answerWith(asRouter(7, 8));
    expect(await sample()).toMatchObject({
      kpis: { e: { canary: counted(7, 7) }, h: { canary: error(/ECONNREFUSED/) } },
      traffic: { canary: 7, stable: 0 },
    });
  });

  it('cannot be read without the router', async () => {
    const { router, endpoints } = await stage();
    const { sample } = scraper({ endpoints }, { sources: [kpi] });
    await sample();
    await router.stop();
    expect((await sample()).kpis).toMatchObject({ e: { canary: error(/ECONNREFUSED/) } });
  });

  it('depends on every endpoint until one has shown it', async () => {
    const { own, endpoints } = await stage();
    const { sample } = scraper({ endpoints }, { sources: [events('n', 'new_bad', 'new_all')] });
    await sample();
    await own.stop();
    expect((await sample()).kpis).toMatchObject({ n: { canary: error(/ECONNREFUSED/) } });
  });
});

describe('a cancelled scrape', () => {
  it('answers errors at once and forgets nothing', async () => {
    const { a, b, endpoints } = await bothSlots();
    const { sample } = scraper({ endpoints }, { sources: [kpi] });
    await sample();
    b.answerWith(() => undefined);
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(), 50);
    const cancelled = error(/^the scrape was cancelled/);
    a.answerWith(saying('all 2\n'));
    expect((await sample({}, cancel.signal)).kpis).toEqual({ e: { canary: cancelled, stable: cancelled } });
    for (let index = 0; index < 3; index += 1) await sample({}, cancel.signal);
    b.answerWith(saying('all 9\n'));
    expect((await sample()).kpis).toEqual({ e: { canary: counted(0, 8), stable: counted(0, 1) } });
  });
});

describe('a process that begins anew', () => {
  it('counts what its fresh counters show', async () => {
    const counter = (registry: Registry) =>
      new Counter({ name: 'all', help: 'h', labelNames: ['code'], registers: [registry] });
    const [old, fresh] = [new Registry(), new Registry()];
    const server = await metricsServer(serving(old));
    const other = await metricsServer(saying('all 1\n'));
    const endpoints = [
      { url: server.url, slot: 'b' as const },
      { url: other.url, slot: 'a' as const },
    ];
    const { sample } = scraper({ endpoints }, { sources: [events('e', 'all{code="500"}', 'all')] });
    const before = counter(old);
    before.inc({ code: '200' }, 1_000);
    before.inc({ code: '500' }, 30);
    await sample();
    before.inc({ code: '200' }, 5);
    await server.stop();
    server.answerWith(serving(fresh));
    await server.start();
    const after = counter(fresh);
    after.inc({ code: '200' }, 8);
    expect((await sample()).kpis).toMatchObject({ e: { canary: counted(0, 8) } });
    after.inc({ code: '500' }, 31);
    expect((await sample()).kpis).toMatchObject({ e: { canary: counted(31, 31) } });
  });
});

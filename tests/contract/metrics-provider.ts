import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Reading, Sample } from '../../src/core/analysis/sample.ts';
import type { Selector } from '../../src/core/analysis/selector.ts';
import { parseSelector } from '../../src/core/analysis/selector.ts';
import type { MetricsProvider, MetricsSpec, SampleRequest } from '../../src/ports/metrics-provider.ts';
import type { CountingService } from '../support/counting-service.ts';

/** A provider that is really made from a config, and reads two services that really count. */
export interface MetricsScene {
  readonly provider: MetricsProvider;
  readonly a: CountingService;
  readonly b: CountingService;
  /** Until the provider can see everything that the services have counted so far. */
  readonly settled: () => Promise<void>;
  /** What the provider asks stops answering: it listens no more, or keeps the caller waiting. */
  readonly breakDown: (how: 'gone' | 'hanging') => Promise<void>;
  readonly mend: () => Promise<void>;
}

export interface MetricsContract {
  readonly name: string;
  /** What this machine lacks, if anything: `needs prometheus`. */
  readonly skipped?: string;
  /** A scene of its own for each test, given back when the test is over. */
  readonly open: (spec: MetricsSpec) => Promise<MetricsScene>;
}

const SPEC: MetricsSpec = {
  sources: [
    {
      id: 'errors',
      scope: 'per-arm',
      type: 'events',
      bad: [selector('http_requests_total{code=~"5.."}')],
      total: [selector('http_requests_total')],
    },
    {
      id: 'success',
      scope: 'per-arm',
      type: 'good-events',
      good: [selector('http_requests_total{code="200"}')],
      total: [selector('http_requests_total')],
    },
    {
      id: 'latency',
      scope: 'per-arm',
      type: 'histogram',
      histogram: selector('http_seconds'),
      scale: 1_000,
    },
    {
      id: 'pool',
      scope: 'shared',
      type: 'gauge',
      value: selector('pool_in_use'),
      dividedBy: null,
      scale: 1,
    },
  ],
  traffic: [selector('http_requests_total')],
};

const never = new AbortController().signal;
const BOTH: SampleRequest = { canary: 'b', stable: 'a', elapsed: 1_000 };

/** What every MetricsProvider must do, wherever its numbers come from. */
export function describeMetricsProvider({ name, skipped, open }: MetricsContract): void {
  const title = `${name} as a metrics provider${skipped === undefined ? '' : ` (skipped: ${skipped})`}`;
  describe.skipIf(skipped !== undefined)(title, () => {
    let scene: MetricsScene;
    beforeEach(async () => {
      scene = await open(SPEC);
    });
    const look = async (request: Partial<SampleRequest> = {}, signal = never): Promise<Sample> => {
      await scene.settled();
      return scene.provider.sample({ ...BOTH, ...request }, signal);
    };
    describeCounting(() => scene, look);
    describeChanges(() => scene, look);
    describeFailures(() => scene, look);
  });
}

type Look = (request?: Partial<SampleRequest>, signal?: AbortSignal) => Promise<Sample>;
type Scene = () => MetricsScene;

function describeCounting(scene: Scene, look: Look): void {
  it('sets a base line first, and says so', async () => {
    const { a, b } = scene();
    a.serve(200, 100);
    b.serve(500, 7);
    const { kpis, traffic, elapsed } = await look();
    for (const id of ['errors', 'success', 'latency']) {
      expect(kpis[id]).toEqual({ canary: noData(/base line/), stable: noData(/base line/) });
    }
    expect(traffic).toBeNull();
    expect(elapsed).toBe(1_000);
  });

  it('counts each event once, over many looks and under load', async () => {
    const { a, b, provider, settled } = scene();
    a.serve(200, 3);
    b.serve(200, 3);
    await look();
    const seen = { a: 0, b: 0, bad: 0, slow: 0, traffic: 0 };
    const add = ({ kpis, traffic }: Sample): void => {
      const { canary, stable } = kpis.errors ?? {};
      seen.a += eventsIn(stable).total;
      seen.b += eventsIn(canary).total;
      seen.bad += eventsIn(canary).bad;
      seen.slow += countsIn(kpis.latency?.canary)[2] ?? 0;
      seen.traffic += (traffic?.canary ?? 0) + (traffic?.stable ?? 0);
    };
    for (let turn = 1; turn <= 40; turn += 1) {
      a.serve(200, 2);
      b.serve(turn % 4 === 0 ? 503 : 200, 1, turn % 2 === 0 ? 1.5 : 0.05);
      await sleep(25);
      if (turn % 10 === 0) add(await provider.sample(BOTH, never));
    }
    await settled();
    add(await provider.sample(BOTH, never));
    expect(seen).toEqual({ a: 80, b: 40, bad: 10, slow: 20, traffic: 120 });
  });

  it('tells the same numbers of one look in every KPI, for both arms', async () => {
    const { a, b } = scene();
    a.serve(200, 1);
    b.serve(200, 1);
    await look();
    a.serve(200, 9, 0.2);
    b.serve(200, 3, 0.05);
    b.serve(404, 2, 1);
    b.serve(502, 1, 5);
    const { kpis, traffic, at } = await look();
    expect(kpis.errors).toEqual({ canary: counted(1, 6), stable: counted(0, 9) });
    expect(kpis.success).toEqual({ canary: counted(3, 6), stable: counted(0, 9) });
    expect(kpis.latency).toEqual({ canary: buckets(3, 0, 2, 1), stable: buckets(0, 9, 0, 0) });
    expect(traffic).toEqual({ canary: 6, stable: 9 });
    expect(Math.abs(Date.now() - at)).toBeLessThan(5_000);
    const after = await look();
    expect(after.kpis.errors).toEqual({ canary: counted(0, 0), stable: counted(0, 0) });
    expect(after.at).toBeGreaterThan(at);
  });

  it('makes up for looks that were not taken', async () => {
    const { a, b } = scene();
    a.serve(200, 1);
    b.serve(200, 1);
    await look();
    for (let turn = 0; turn < 3; turn += 1) {
      b.serve(500, 2);
      await scene().settled();
    }
    expect((await look()).kpis.errors).toEqual({ canary: counted(6, 6), stable: counted(0, 0) });
  });

  it('follows the roles when they change, and reads one arm alone', async () => {
    const { a, b } = scene();
    a.serve(200, 1);
    b.serve(200, 1);
    await look();
    a.serve(500, 1);
    b.serve(200, 2);
    expect((await look({ canary: 'a', stable: 'b' })).kpis.errors).toEqual({
      canary: counted(1, 1),
      stable: counted(0, 2),
    });
    a.serve(200, 4);
    const alone = await look({ canary: 'a', stable: null });
    expect(alone.kpis.errors).toEqual({ canary: counted(0, 4), stable: null });
    expect(alone.traffic).toEqual({ canary: 4, stable: 0 });
  });

  it('reads a shared gauge once, the largest of all instances', async () => {
    const { a, b } = scene();
    a.use(3);
    b.use(8);
    expect((await look()).kpis.pool).toEqual({ canary: value(8), stable: null });
    b.use(Number.NaN);
    expect((await look()).kpis.pool).toEqual({ canary: value(3), stable: null });
  });
}

function describeChanges(scene: Scene, look: Look): void {
  it('counts on when a version begins anew', async () => {
    const { a, b } = scene();
    a.serve(200, 50);
    b.serve(200, 50);
    b.serve(500, 10);
    await look();
    b.restart();
    b.serve(200, 4);
    b.serve(500, 2, 5);
    const { kpis } = await look();
    expect(kpis.errors).toEqual({ canary: counted(2, 6), stable: counted(0, 0) });
    expect(kpis.latency).toMatchObject({ canary: buckets(0, 4, 0, 2) });
  });

  it('counts the first event of a kind that has no series before', async () => {
    const { a, b } = scene();
    a.serve(200, 5);
    b.serve(200, 5);
    await look();
    b.serve(500, 1);
    expect((await look()).kpis.errors).toEqual({ canary: counted(1, 1), stable: counted(0, 0) });
  });

  it('has no data when the series of an arm are gone, and names them', async () => {
    const { a, b } = scene();
    a.serve(200, 5);
    b.serve(200, 5);
    await look();
    b.show(false);
    await scene().settled();
    await expect
      .poll(async () => (await look()).kpis.errors, { timeout: 3_000, interval: 50 })
      .toEqual({ canary: noData(/no series matches http_requests_total at .*/), stable: counted(0, 0) });
  });

  it('has no data for an arm that never had any, and judges the other by its own', async () => {
    const { a } = scene();
    a.serve(200, 5);
    await look();
    a.serve(200, 2);
    const { kpis, traffic } = await look();
    expect(kpis.errors).toEqual({ canary: noData(/http_requests_total/), stable: counted(0, 2) });
    expect(traffic).toEqual({ canary: 0, stable: 2 });
  });
}

function describeFailures(scene: Scene, look: Look): void {
  it('reads an error while nobody answers, and nothing is lost by it', async () => {
    const { a, b, breakDown, mend, provider } = scene();
    a.serve(200, 5);
    b.serve(500, 5);
    await look();
    b.serve(500, 3);
    await scene().settled();
    await breakDown('gone');
    const down = await provider.sample(BOTH, never);
    expect(down.kpis.errors?.canary).toEqual(error(/expected .*; check /));
    expect(down.kpis.latency?.canary.kind).toBe('error');
    expect(down.traffic).toBeNull();
    await mend();
    b.serve(500, 1);
    expect((await look()).kpis.errors?.canary).toEqual(counted(4, 4));
  });

  it('ends at once when the caller stops waiting, and forgets nothing', async () => {
    const { a, b, breakDown, mend, provider } = scene();
    a.serve(200, 5);
    b.serve(500, 5);
    await look();
    b.serve(500, 3);
    await scene().settled();
    await breakDown('hanging');
    const began = performance.now();
    const { kpis, traffic } = await provider.sample(BOTH, AbortSignal.timeout(100));
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(kpis.errors?.canary.kind).toBe('error');
    expect(traffic).toBeNull();
    await mend();
    expect((await look()).kpis.errors?.canary).toEqual(counted(3, 3));
  });
}

export function selector(text: string): Selector {
  const parsed = parseSelector(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.message}`);
  return parsed.selector;
}

function noData(why: RegExp) {
  return { kind: 'no-data', why: expect.stringMatching(why) };
}

function error(why: RegExp) {
  return { kind: 'error', why: expect.stringMatching(why) };
}

function counted(bad: number, total: number): Reading {
  return { kind: 'data', observation: { type: 'events', bad, total } };
}

function buckets(...counts: readonly number[]): Reading {
  return { kind: 'data', observation: { type: 'histogram', bounds: [100, 300, 2_300], counts } };
}

function value(number: number): Reading {
  return { kind: 'data', observation: { type: 'value', value: number } };
}

function eventsIn(reading: Reading | null | undefined): { readonly bad: number; readonly total: number } {
  const none = { bad: 0, total: 0 };
  return reading?.kind === 'data' && reading.observation.type === 'events' ? reading.observation : none;
}

function countsIn(reading: Reading | null | undefined): readonly number[] {
  return reading?.kind === 'data' && reading.observation.type === 'histogram'
    ? reading.observation.counts
    : [];
}

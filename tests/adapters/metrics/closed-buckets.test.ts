import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BucketRead, Point, Span } from '../../../src/adapters/metrics/bucket-series.ts';
import { createBucketProvider } from '../../../src/adapters/metrics/closed-buckets.ts';
import { TooManyRequests } from '../../../src/adapters/metrics/post-json.ts';
import { wantsOf } from '../../../src/adapters/metrics/wants.ts';
import type { Reading, Sample } from '../../../src/core/analysis/sample.ts';
import type { Slot } from '../../../src/core/rollout/record.ts';
import type { MetricsSpec } from '../../../src/ports/metrics-provider.ts';
import { selector } from '../../contract/metrics-provider.ts';
import { adapterContext } from '../../support/adapter-context.ts';
import { testClock } from '../../support/collected-buckets.ts';

const PERIOD = 10_000;
const START = 1_699_999_980_000;
const never = new AbortController().signal;

const SPEC: MetricsSpec = {
  sources: [
    {
      id: 'errors',
      scope: 'per-arm',
      type: 'events',
      bad: [selector('all{code=~"5.."}')],
      total: [selector('all')],
    },
    { id: 'latency', scope: 'per-arm', type: 'histogram', histogram: selector('seconds'), scale: 1_000 },
    { id: 'pool', scope: 'shared', type: 'gauge', value: selector('pool'), dividedBy: null, scale: 1 },
  ],
  traffic: [selector('all')],
};
const WANTS = wantsOf(SPEC);

interface Happening {
  readonly slot: Slot;
  readonly at: number;
  readonly arrives: number;
  readonly code: string;
}

/** A backend in memory: what has arrived by now, in buckets. What it does next can be said. */
function scene({ delay = 30_000 } = {}) {
  const clock = testClock(START);
  const happened: Happening[] = [];
  const spans: Span[] = [];
  let next: ((span: Span) => readonly BucketRead[]) | null = null;
  let date: number | null = null;
  const provider = createBucketProvider(
    {
      name: 'Memory',
      place: 'http://memory',
      read: async (span) => {
        spans.push(span);
        const doing = next;
        next = null;
        await Promise.resolve();
        return { reads: doing === null ? readsOf(happened, span, clock.now()) : doing(span), date };
      },
    },
    { period: PERIOD, delay },
    adapterContext({ clock: { ...adapterContext().clock, now: clock.now, monotonic: clock.now } }),
    SPEC,
  );
  const look = (canary: Slot = 'b', signal = never): Promise<Sample> =>
    provider.sample({ canary, stable: canary === 'a' ? 'b' : 'a', elapsed: 1_000 }, signal);
  return {
    clock,
    spans,
    look,
    happen: (...some: readonly Happening[]) => void happened.push(...some),
    once: (doing: (span: Span) => readonly BucketRead[]) => {
      next = doing;
    },
    says: (own: number | null) => {
      date = own;
    },
  };
}

function readsOf(happened: readonly Happening[], span: Span, now: number): readonly BucketRead[] {
  const want = wantFor('counter');
  const arrived = happened.filter(({ arrives }) => arrives <= now);
  return (['a', 'b'] as const).flatMap((slot) =>
    ['200', '500'].map((code): BucketRead => {
      const counts = new Map<number, number>();
      for (const one of arrived.filter((some) => some.slot === slot && some.code === code)) {
        const at = Math.floor(one.at / PERIOD) * PERIOD;
        counts.set(at, (counts.get(at) ?? 0) + 1);
      }
      // More than was asked for, as some backends answer: what lies outside must not be counted.
      const near = [...counts].filter(([at]) => at >= span.from - PERIOD && at <= span.to);
      const points = near.map(([at, value]) => ({ at, value }));
      return { want, slot, labels: new Map([['code', code]]), bound: null, points };
    }),
  );
}

function wantFor(role: 'counter' | 'histogram' | 'gauge') {
  const want = WANTS.find((one) => one.role === role);
  if (want === undefined) throw new Error(`no ${role}`);
  return want;
}

function counts(...points: readonly Point[]): BucketRead[] {
  return [{ want: wantFor('counter'), slot: 'b', labels: new Map([['code', '200']]), bound: null, points }];
}

function events(reading: Reading | null | undefined) {
  return reading?.kind === 'data' && reading.observation.type === 'events'
    ? reading.observation
    : { bad: 0, total: 0 };
}

const one = (at: number, slot: Slot = 'b', code = '200', late = 0): Happening => ({
  slot,
  at,
  code,
  arrives: at + late,
});

describe('buckets that have closed', () => {
  it('are counted once each, whatever the ticks, the failures and the roles', async () => {
    const happenings = fc.array(
      fc.record({
        slot: fc.constantFrom<Slot>('a', 'b'),
        after: fc.integer({ min: -60_000, max: 600_000 }),
        code: fc.constantFrom('200', '500'),
        late: fc.integer({ min: 0, max: 30_000 }),
      }),
      { maxLength: 60 },
    );
    const ticks = fc.array(
      fc.record({
        wait: fc.integer({ min: 0, max: 45_000 }),
        canary: fc.constantFrom<Slot>('a', 'b'),
        goes: fc.constantFrom('well', 'well', 'well', 'wrong', 'cancelled'),
      }),
      { minLength: 1, maxLength: 25 },
    );
    await fc.assert(
      fc.asyncProperty(happenings, ticks, async (some, turns) => {
        const { clock, look, happen, once } = scene();
        happen(...some.map(({ slot, after, code, late }) => one(START + after, slot, code, late)));
        const seen = { a: 0, b: 0, bad: 0, traffic: 0 };
        let base: number | null = null;
        let until = 0;
        for (const { wait, canary, goes } of turns) {
          clock.advance(wait);
          const closed = Math.floor((clock.now() - 30_000) / PERIOD) * PERIOD;
          const isAsked = base === null || closed > until;
          if (isAsked && goes === 'wrong') {
            once(() => {
              throw new Error('status 500');
            });
          }
          const stop = new AbortController();
          if (isAsked && goes === 'cancelled') {
            once(() => {
              stop.abort();
              return [];
            });
          }
          const { kpis, traffic } = await look(canary, stop.signal);
          if (isAsked && goes !== 'well') {
            expect(kpis.errors?.canary.kind).toBe('error');
            expect(traffic).toBeNull();
            continue;
          }
          base ??= closed;
          until = Math.max(until, closed);
          const { canary: mine, stable: other } = {
            canary: events(kpis.errors?.canary),
            stable: events(kpis.errors?.stable),
          };
          seen[canary] += mine.total;
          seen[canary === 'a' ? 'b' : 'a'] += other.total;
          seen.bad += mine.bad + other.bad;
          seen.traffic += (traffic?.canary ?? 0) + (traffic?.stable ?? 0);
        }
        const from = base ?? 0;
        const meant = some.filter(({ after }) => {
          const at = Math.floor((START + after) / PERIOD) * PERIOD;
          return at >= from && at < until;
        });
        const of = (slot: Slot): number => meant.filter((each) => each.slot === slot).length;
        const bad = meant.filter(({ code }) => code === '500').length;
        // Bad ones alone, in a span without their total, cannot be: each is a part of the total.
        expect(seen).toEqual({ a: of('a'), b: of('b'), bad, traffic: meant.length });
      }),
      { numRuns: 150 },
    );
  });

  it('wait for the delay, so that what is late by less is counted, and say no data until then', async () => {
    const { clock, look, happen, spans } = scene({ delay: 30_000 });
    await look();
    happen(one(START + 1_000, 'b', '500', 29_000), one(START + 1_000, 'b', '200', 41_000));
    clock.advance(39_999);
    expect((await look()).kpis.errors?.canary.kind).toBe('no-data');
    expect(spans.at(-1)?.to).toBe(START);
    clock.advance(1);
    expect(events((await look()).kpis.errors?.canary)).toEqual({ type: 'events', bad: 1, total: 1 });
    // It came after the delay: it is not counted, and not later either.
    clock.advance(PERIOD);
    expect((await look()).kpis.errors?.canary.kind).toBe('no-data');
  });

  it('are not asked for between two of them: the series are there and have gained nothing', async () => {
    const { clock, look, happen, spans } = scene();
    happen(...[0, 1, 2, 3, 4].map((turn) => one(START - 60_000 + turn * PERIOD)));
    await look();
    clock.advance(PERIOD);
    expect(events((await look()).kpis.errors?.canary)).toMatchObject({ total: 1 });
    clock.advance(3_000);
    const { kpis, traffic } = await look();
    expect(kpis.errors?.canary).toEqual({ kind: 'data', observation: { type: 'events', bad: 0, total: 0 } });
    expect(traffic).toEqual({ canary: 0, stable: 0 });
    expect(spans).toHaveLength(2);
  });

  it('that were missed for longer than an hour, or 300 of them, begin with a new base line', async () => {
    const { clock, look, happen } = scene();
    await look();
    clock.advance(2_990_000);
    happen(one(START + 2_000));
    expect(events((await look()).kpis.errors?.canary)).toMatchObject({ total: 1 });
    happen(one(START + 3_000_000), one(START + 6_000_000));
    clock.advance(3_050_000);
    expect((await look()).kpis.errors?.canary).toMatchObject({
      kind: 'no-data',
      why: expect.stringMatching(/base line/),
    });
  });

  it.each([
    [
      'a bucket twice',
      (span: Span) => counts({ at: span.from, value: 1 }, { at: span.from, value: 1 }),
      /each bucket once/,
    ],
    [
      'a bucket between two',
      (span: Span) => counts({ at: span.from + 1, value: 1 }),
      /buckets of 10s, saw one that begins at 2023/,
    ],
    [
      'a count below zero',
      (span: Span) => counts({ at: span.from, value: -3 }),
      /expected a count of all, saw -3/,
    ],
    ['a count that is no number', (span: Span) => counts({ at: span.from, value: Number.NaN }), /saw NaN/],
  ])('are an error when the answer holds %s, and are counted by the next look', async (_, doing, why) => {
    const { clock, look, happen, once } = scene();
    await look();
    happen(one(START + 1_000));
    clock.advance(50_000);
    once(doing);
    expect((await look()).kpis.errors?.canary).toEqual({ kind: 'error', why: expect.stringMatching(why) });
    expect(events((await look()).kpis.errors?.canary)).toMatchObject({ total: 1 });
  });

  it('of a histogram hold 0 where a bound had nothing below it', async () => {
    const { clock, look, once } = scene();
    await look();
    clock.advance(PERIOD);
    const points = [{ at: START - 30_000, value: 4 }];
    const about = { want: wantFor('histogram'), slot: 'b' as const, labels: new Map<string, string>() };
    once(() => [
      { ...about, bound: Infinity, points },
      { ...about, bound: 0.3, points: [] },
      { ...about, bound: 0.8, points: [{ at: START - 30_000, value: 3 }] },
    ]);
    const { kpis } = await look();
    expect(kpis.latency?.canary).toEqual({
      kind: 'data',
      observation: { type: 'histogram', bounds: [300, 800], counts: [0, 3, 1] },
    });
    expect(kpis.latency?.stable?.kind).toBe('no-data');
  });

  it('of a gauge show what the newest one holds, and nothing older', async () => {
    const { clock, look, once } = scene();
    await look();
    clock.advance(2 * PERIOD);
    const pool = (...points: readonly Point[]): BucketRead[] => [
      { want: wantFor('gauge'), slot: null, labels: new Map(), bound: null, points },
    ];
    once(({ from }) => pool({ at: from, value: 9 }, { at: from + PERIOD, value: 5 }));
    expect((await look()).kpis.pool?.canary).toMatchObject({ observation: { value: 5 } });
    clock.advance(2 * PERIOD);
    once(({ from }) => pool({ at: from, value: 9 }));
    expect((await look()).kpis.pool?.canary.kind).toBe('no-data');
  });
});

describe('the clocks', () => {
  it('must agree: a bucket that has not ended for the server is not complete', async () => {
    const { clock, look, says } = scene({ delay: 0 });
    says(START - 75_000);
    expect((await look()).kpis.errors?.canary).toEqual({
      kind: 'error',
      why: 'http://memory: expected buckets that have ended, saw one that ends in 1m 15s by its clock; set the clock of the runner',
    });
    clock.advance(PERIOD);
    says(Date.now() + 90_400);
    expect((await look()).kpis.errors?.canary).toEqual({
      kind: 'error',
      why: expect.stringMatching(
        /^http:\/\/memory: expected its clock and the runner's to agree, saw the runner 1m .* behind; set the clock of the runner$/,
      ),
    });
  });

  it('that go back are an error, and nothing is counted again', async () => {
    const { clock, look, happen, spans } = scene();
    await look();
    happen(one(START + 1_000));
    clock.advance(50_000);
    expect(events((await look()).kpis.errors?.canary)).toMatchObject({ total: 1 });
    clock.advance(-20_000);
    expect((await look()).kpis.errors?.canary).toEqual({
      kind: 'error',
      why: expect.stringMatching(/expected the clock to go on, saw it 20s before/),
    });
    clock.advance(20_000);
    expect(events((await look()).kpis.errors?.canary)).toMatchObject({ total: 0 });
    expect(spans).toHaveLength(2);
  });
});

describe('a look at the past', () => {
  it('reads ahead: hours of ticks take a few requests, and count what each tick would have counted', async () => {
    const hindsight = scene();
    const live = scene();
    const some = Array.from({ length: 500 }, (_, index) =>
      one(
        START + index * 31_000,
        index % 3 === 0 ? 'a' : 'b',
        index % 7 === 0 ? '500' : '200',
        (index * 997) % 30_000,
      ),
    );
    hindsight.happen(...some.map((each) => ({ ...each, arrives: 0 })));
    live.happen(...some);
    hindsight.says(START + 6 * 3_600_000);
    for (let tick = 0; tick < 960; tick += 1) {
      expect((await hindsight.look()).kpis).toEqual((await live.look()).kpis);
      hindsight.clock.advance(15_000);
      live.clock.advance(15_000);
    }
    expect(hindsight.spans.length).toBeLessThan(10);
    expect(live.spans.length).toBeGreaterThan(900);
  });

  it('asks anew for what was wrong in an answer that held more', async () => {
    const { clock, look, happen, once, says, spans } = scene();
    says(START + 3_600_000);
    happen(one(START + 1_000), one(START + 21_000));
    await look();
    clock.advance(40_000);
    once(({ from }) => counts({ at: from + 30_000, value: 1 }, { at: from + 50_000, value: -1 }));
    expect(events((await look()).kpis.errors?.canary)).toMatchObject({ total: 1 });
    clock.advance(20_000);
    expect((await look()).kpis.errors?.canary.kind).toBe('error');
    expect(events((await look()).kpis.errors?.canary)).toMatchObject({ total: 1 });
    expect(spans).toHaveLength(3);
  });

  it('sets a base line of its own when the clock is put back to it, and again for the present', async () => {
    const { clock, look, happen } = scene();
    happen(one(START - 3_635_000), one(START - 3_590_000), one(START + 21_000));
    await look();
    clock.advance(-3_600_000);
    expect((await look()).kpis.errors?.canary).toMatchObject({
      kind: 'no-data',
      why: expect.stringMatching(/base line/),
    });
    clock.advance(60_000);
    expect(events((await look()).kpis.errors?.canary)).toMatchObject({ total: 1 });
    clock.advance(3_600_000);
    expect((await look()).kpis.errors?.canary).toMatchObject({
      kind: 'no-data',
      why: expect.stringMatching(/base line/),
    });
  });
});

describe('a backend that is asked too often', () => {
  it('is left alone for as long as it says, and nothing is lost', async () => {
    const { clock, look, happen, once, spans } = scene();
    await look();
    happen(one(START + 1_000));
    clock.advance(50_000);
    once(() => {
      throw new TooManyRequests('memory', 'saw 429', 25_000);
    });
    expect((await look()).kpis.errors?.canary).toMatchObject({ kind: 'error', why: 'memory: saw 429' });
    clock.advance(24_000);
    expect((await look()).kpis.errors?.canary).toMatchObject({
      kind: 'error',
      why: expect.stringMatching(/saw status 429 at an earlier look; it may be asked again in 1s/),
    });
    expect(spans).toHaveLength(2);
    clock.advance(1_000);
    expect(events((await look()).kpis.errors?.canary)).toMatchObject({ total: 1 });
  });
});

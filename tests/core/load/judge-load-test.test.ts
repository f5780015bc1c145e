import { describe, expect, it } from 'vitest';
import { figuresOf } from '../../../src/core/load/figures.ts';
import { longestHold } from '../../../src/core/load/hold.ts';
import { judgeLoadTest } from '../../../src/core/load/judge-load-test.ts';
import type { LoadRun } from '../../../src/core/load/load-run.ts';
import type { LoadFacts, LoadTestRules } from '../../../src/core/load/load-test.ts';
import { toldFigures } from '../../../src/core/load/load-test-result.ts';
import { normalTraffic, resourceReading } from '../../../src/core/load/read-figures.ts';
import { factsOf, madeRun, RULES, START } from '../../support/made-runs.ts';

const GOOD = Array.from({ length: 8 }, () => 42);

/** Each check with its status and what it saw. */
function judged(
  runs: readonly LoadRun[],
  rules: Partial<LoadTestRules> = {},
  facts: Partial<LoadFacts> = {},
) {
  const all = factsOf(runs, facts);
  const own = { ...RULES, ...rules };
  const answers = judgeLoadTest(own, all, figuresOf(own, all));
  return Object.fromEntries(answers.map(({ id, answer }) => [id, `${answer.status}: ${answer.observed}`]));
}

const percentiles = (p95: number, max: number | null = null): LoadRun['latency'] => ({
  kind: 'percentiles',
  percentiles: [
    { quantile: 0.5, ms: p95 / 2 },
    { quantile: 0.95, ms: p95 },
  ],
  max,
});

describe('the hold', () => {
  const bins = (rates: readonly number[]) =>
    rates.map((requests, index) => ({ at: index * 1_000, span: 1_000, requests, failed: 0, offered: null }));

  it('is the longest stretch at the rate, in which nothing falls below the dip', () => {
    const hold = longestHold(bins([10, 42, 42, 30, 41, 40, 39, 42, 10]), { rate: 40, dip: 0.05 });
    expect(hold).toMatchObject({ at: 4_000, span: 4_000, least: 39 });
  });

  it('must reach the rate on the whole, not only the dip below it', () => {
    const hold = longestHold(bins([39, 39, 39, 39, 39, 39]), { rate: 40, dip: 0.05 });
    expect(hold).toBeNull();
    expect(longestHold(bins([39, 41, 39, 41]), { rate: 40, dip: 0.05 })?.span).toBe(4_000);
  });
});

describe('latency of several generators', () => {
  it('passes on percentiles only where even the largest is within the limit', () => {
    const run = madeRun({ rates: GOOD });
    const both = (one: number, other: number) =>
      judged([
        { ...run, latency: percentiles(one) },
        { ...run, source: 'b', latency: percentiles(other) },
      ])['latency-p95'];
    expect(both(400, 450)).toBe('pass: at most 450 ms');
    expect(both(600, 700)).toBe('fail: at least 600 ms');
    expect(both(100, 700)).toBe('no-data: somewhere from 100 ms to 700 ms');
  });

  it('of a tool that does not tell the percentile is known by its largest, if at all', () => {
    const of = (max: number | null) =>
      judged([{ ...madeRun({ rates: GOOD }), latency: { kind: 'percentiles', percentiles: [], max } }]);
    expect(of(null)['latency-p95']).toMatch(/^no-data/);
    expect(of(300)['latency-p95']).toBe('pass: at most 300 ms');
  });

  it('is not known as a P99 from few requests', () => {
    const latency = [{ quantile: 0.99, limit: { comparator: '<=' as const, value: 500 } }];
    const answers = judged([madeRun({ rates: [42, 42, 42, 42, 42, 42] })], { latency });
    expect(answers.size).toMatch(/^fail: 252 requests/);
    expect(answers['latency-p99']).toMatch(/^fail: 100 ms, but beyond every answer at its worst/);
  });

  it('counts what was due and never sent as slower than everything', () => {
    const run = { ...madeRun({ rates: GOOD, offeredRate: 42 }), dropped: 30 };
    expect(judged([run])['latency-p95']).toMatch(/^fail: 100 ms, but beyond every answer/);
  });
});

describe('several generators', () => {
  it('of which one does not say when it ran cannot be laid over each other', () => {
    const answers = judged([
      madeRun({ rates: GOOD }),
      madeRun({ rates: GOOD.map(() => 20), startedAt: null }),
    ]);
    expect(answers.report).toMatch(/^no-data: no start time/);
    expect(answers.load).toMatch(/^no-data/);
  });

  it('are laid over each other by their clocks', () => {
    const half = GOOD.map(() => 21);
    const shifted = [madeRun({ rates: half }), madeRun({ rates: [...half, 21], startedAt: START + 2_000 })];
    expect(judged(shifted).load).toMatch(/^pass: 42 requests\/s held for 6s/);
    const late = [madeRun({ rates: half }), madeRun({ rates: [...half, 21], startedAt: START + 6_000 })];
    expect(judged(late).load).toMatch(/^fail: held only for 2s/);
  });
});

describe('what was held back', () => {
  it('is named where a closed loop slowed down', () => {
    const slowing = madeRun({ rates: [60, 60, 60, 60, 41, 41, 41, 41] });
    expect(judged([slowing])['coordinated-omission']).toMatch(
      /^fail: coordinated omission: a closed loop of k6/,
    );
    expect(judged([madeRun({ rates: GOOD })])['coordinated-omission']).toMatch(/^pass: a closed loop/);
  });

  it('is named where less was sent than was due', () => {
    const short = madeRun({ rates: GOOD, offeredRate: 50 });
    expect(judged([short])['coordinated-omission']).toBe(
      'fail: coordinated omission: 64 of 400 requests that were due were never sent by k6',
    );
  });
});

describe('the version', () => {
  it('must be told by every report, where the reports are to tell it', () => {
    const run = madeRun({ rates: GOOD });
    expect(judged([run], { version: 'report' }).version).toMatch(/^no-data/);
    expect(judged([{ ...run, version: 'v2' }], { version: 'report' }).version).toBe('pass: v2');
    expect(judged([{ ...run, version: 'v1' }], { version: 'service' }).version).toBe('fail: v1');
  });

  it('may be missing during the load, and not at its end', () => {
    const seen = (version: string | null) => ({ at: START, version, why: 'no answer' });
    const run = madeRun({ rates: GOOD });
    const asked = (...versions: (string | null)[]) =>
      judged([run], { version: 'service' }, { versions: versions.map(seen) }).version;
    expect(asked('v2', 'v2')).toBe('pass: v2, as it said 2 times');
    expect(asked('v2', null)).toBe('error: not told: no answer');
    expect(asked()).toBe('error: not told: the service was not asked');
  });
});

describe('figures of the metrics provider', () => {
  const points = (...values: number[]) => values.map((value, index) => ({ at: index * 1_000, value }));
  const asked = { window: 10_000, step: 1_000 };

  it('are those of the worst series', () => {
    const series = [
      { name: 'a', points: points(...Array.from({ length: 10 }, () => 0.2)) },
      { name: 'b', points: points(...Array.from({ length: 10 }, (_, index) => index / 10)) },
    ];
    expect(resourceReading('cpu', 'max', 'high', { ...asked, series })).toMatchObject({ value: 0.9 });
    expect(resourceReading('cpu', 'mean', 'high', { ...asked, series })).toMatchObject({ value: 0.45 });
    expect(resourceReading('free', 'max', 'low', { ...asked, series })).toMatchObject({ value: 0 });
  });

  it('are no data where a fifth of the time has none', () => {
    const series = [{ name: 'a', points: points(0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1) }];
    expect(resourceReading('cpu', 'max', 'high', { ...asked, series })).toMatchObject({ kind: 'no-data' });
  });

  it('of normal traffic must be one series', () => {
    const one = { name: 'a', points: points(4, 4, 4) };
    expect(normalTraffic('mean', { ...asked, series: [one] })).toMatchObject({ rate: 4 });
    expect(normalTraffic('mean', { ...asked, series: [one, one] })).toMatchObject({ kind: 'error' });
  });
});

describe('what is told', () => {
  it('is thinned to what a chart can show', () => {
    const run = madeRun({ rates: Array.from({ length: 500 }, () => 42) });
    const facts = factsOf([run]);
    const rules = { ...RULES, hold: 10_000 };
    const told = toldFigures(rules, facts, figuresOf(rules, facts));
    expect(told.series).toHaveLength(100);
    expect(told.series.every(({ rate }) => rate === 42)).toBe(true);
    expect(told.figures).toMatchObject({
      rate: { value: 42, unit: 'requests/s' },
      required: { value: 40, unit: 'requests/s' },
      'error-rate': { value: 0, unit: 'ratio' },
      held: { value: 500_000, unit: 'ms' },
    });
  });
});

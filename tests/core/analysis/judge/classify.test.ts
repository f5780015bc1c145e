import { describe, expect, test } from 'vitest';
import { classify } from '../../../../src/core/analysis/judge/classify.ts';
import { percentile, prepare } from '../../../../src/core/analysis/judge/prepare.ts';
import { around, type Changes, metric } from './made.ts';

const ok = around(100, 12);
const higher = around(200, 12);
const lower = around(50, 12);
const none = [Number.NaN, Number.NaN];

interface Case {
  readonly what: string;
  readonly changes?: Changes;
  readonly canary: readonly number[];
  readonly stable: readonly number[];
  readonly is: string;
  readonly critical?: boolean;
}

const cases: readonly Case[] = [
  // Without data.
  { what: 'nothing from the canary', canary: [], stable: ok, is: 'Nodata' },
  { what: 'nothing from stable', canary: ok, stable: [], is: 'Nodata' },
  { what: 'only gaps', canary: none, stable: ok, is: 'Nodata' },
  {
    what: 'no data, critical',
    changes: { critical: true },
    canary: none,
    stable: ok,
    is: 'Nodata',
    critical: true,
  },
  {
    what: 'no data that must be',
    changes: { mustHaveData: true },
    canary: none,
    stable: ok,
    is: 'NodataFailMetric',
  },
  {
    what: 'no data that must be, critical',
    changes: { mustHaveData: true, critical: true },
    canary: none,
    stable: ok,
    is: 'Nodata',
    critical: true,
  },
  {
    what: 'no values at all, gaps count as 0',
    changes: { missing: 'replace' },
    canary: [],
    stable: ok,
    is: 'Pass',
  },
  {
    what: 'gaps that count as 0',
    changes: { missing: 'replace' },
    canary: around(0, 0).concat(none, none, none),
    stable: ok,
    is: 'Low',
  },
  // Nothing to tell apart.
  { what: 'the same values in another order', canary: ok.toReversed(), stable: ok, is: 'Pass' },
  { what: 'one value throughout', canary: [5, 5, 5], stable: [5, 5], is: 'Pass' },
  { what: 'one value each, as constants', canary: [5, 5, 5], stable: [4, 4], is: 'High' },
  { what: 'constants that are noise apart', canary: [5, 5, 5], stable: [5.00001, 5.00001], is: 'Pass' },
  { what: 'a constant below another', canary: [4, 4, 4], stable: [5, 5], is: 'Low' },
  { what: 'a single value each', canary: [5], stable: [4], is: 'Error' },
  // Direction.
  { what: 'higher, either way', canary: higher, stable: ok, is: 'High' },
  {
    what: 'higher, where increases count',
    changes: { direction: 'increase' },
    canary: higher,
    stable: ok,
    is: 'High',
  },
  {
    what: 'higher, where decreases count',
    changes: { direction: 'decrease' },
    canary: higher,
    stable: ok,
    is: 'Pass',
  },
  { what: 'lower, either way', canary: lower, stable: ok, is: 'Low' },
  {
    what: 'lower, where decreases count',
    changes: { direction: 'decrease' },
    canary: lower,
    stable: ok,
    is: 'Low',
  },
  {
    what: 'lower, where increases count',
    changes: { direction: 'increase' },
    canary: lower,
    stable: ok,
    is: 'Pass',
  },
  // Effect.
  {
    what: 'twice as high, 2.5 times allowed',
    changes: { effect: { allowedIncrease: 2.5 } },
    canary: higher,
    stable: ok,
    is: 'Pass',
  },
  {
    what: 'twice as high, 1.9 times allowed',
    changes: { effect: { allowedIncrease: 1.9 } },
    canary: higher,
    stable: ok,
    is: 'High',
  },
  {
    what: 'half as high, 0.4 times allowed',
    changes: { effect: { allowedDecrease: 0.4 } },
    canary: lower,
    stable: ok,
    is: 'Pass',
  },
  {
    what: 'half as high, 0.6 times allowed',
    changes: { effect: { allowedDecrease: 0.6 } },
    canary: lower,
    stable: ok,
    is: 'Low',
  },
  {
    what: 'above zeros, whatever is allowed',
    changes: { effect: { allowedIncrease: 99 } },
    canary: higher,
    stable: around(0, 12),
    is: 'High',
  },
  {
    what: 'always higher, by chance of 1',
    changes: { effect: { measure: 'cles', allowedIncrease: 1 } },
    canary: higher,
    stable: ok,
    is: 'High',
  },
  {
    what: 'mostly higher, chance of 1 asked',
    changes: { effect: { measure: 'cles', allowedIncrease: 1 } },
    canary: around(115, 40),
    stable: around(100, 40),
    is: 'Pass',
  },
  // Critical.
  {
    what: 'critical and higher',
    changes: { critical: true },
    canary: higher,
    stable: ok,
    is: 'High',
    critical: true,
  },
  {
    what: 'critical and lower',
    changes: { critical: true },
    canary: lower,
    stable: ok,
    is: 'Low',
    critical: true,
  },
  {
    what: 'higher, not yet critical',
    changes: { critical: true, effect: { criticalIncrease: 3 } },
    canary: higher,
    stable: ok,
    is: 'High',
  },
  {
    what: 'lower, not yet critical',
    changes: { critical: true, effect: { criticalDecrease: 0.1 } },
    canary: lower,
    stable: ok,
    is: 'Low',
  },
  { what: 'critical and well', changes: { critical: true }, canary: around(101, 12), stable: ok, is: 'Pass' },
];

describe('what one metric comes to', () => {
  test.each(cases)('$what: $is', ({ changes, canary, stable, is, critical = false }) => {
    expect(classify(metric(changes), { canary, stable }, 1)).toMatchObject({ classification: is, critical });
  });

  test('a difference that chance can explain passes', () => {
    expect(classify(metric(), { canary: around(101, 12), stable: ok }, 1).classification).toBe('Pass');
  });

  test('fewer values than asked for are no data', () => {
    expect(classify(metric(), { canary: higher, stable: ok }, 12).classification).toBe('High');
    expect(classify(metric(), { canary: higher, stable: ok.slice(1) }, 12).classification).toBe('Nodata');
  });

  test('an outlier is left out where that is asked, and gaps too', () => {
    const wild = [...ok, 900, Number.NaN];
    const { medians } = classify(metric({ outlierFactor: 3 }), { canary: wild, stable: ok }, 1);
    expect(medians.canary).toBe(medians.stable);
    expect(prepare(wild, metric({ outlierFactor: 3 }))).toHaveLength(12);
    expect(prepare(wild, metric())).toHaveLength(13);
    expect(prepare([], metric({ outlierFactor: 3 }))).toEqual([]);
  });

  test('percentiles lie between the values, as R has them', () => {
    expect([0, 0.25, 0.5, 1].map((share) => percentile([1, 2, 3, 10], share))).toEqual([1, 1.75, 2.5, 10]);
    expect(percentile([], 0.5)).toBeNaN();
  });
});

import { describe, expect, it } from 'vitest';
import { boundFor, tally } from '../../../src/core/analysis/observation.ts';
import { quantileOf } from '../../../src/core/analysis/quantile.ts';
import {
  BOUNDS,
  bookingErrors,
  broken,
  connections,
  errorRate,
  events,
  histogram,
  latencies,
  latency,
  nothing,
  value,
} from './scenario.ts';

describe('a reading as its KPI understands it', () => {
  it('passes silence and errors on as they are', () => {
    expect(tally(errorRate(), nothing)).toEqual(nothing);
    expect(tally(errorRate(), broken)).toEqual(broken);
  });

  it.each([
    ['more bad events than events', errorRate(), events(3, 2)],
    ['a negative count', errorRate(), events(-1, 2)],
    ['a count that is no number', errorRate(), events(0, Number.NaN)],
    ['an endless count', errorRate(), events(0, Number.POSITIVE_INFINITY)],
    ['a value that is no number', connections(), value(Number.NaN)],
    ['events where a histogram is needed', latency(), events(1, 2)],
    ['a value where events are needed', errorRate(), value(1)],
    ['a bucket too few', latency(), histogram([100, 800], [1, 2])],
    ['bounds that do not ascend', latency(), histogram([800, 800], [1, 2, 3])],
    ['a negative bucket', latency(), histogram([100, 800], [1, -2, 3])],
    ['no bucket as high as the limit', latency(), histogram([100, 500], [1, 2, 3])],
    [
      'a limit written the wrong way round',
      errorRate({ alert: { comparator: '<', value: 0.1 } }),
      events(0, 1),
    ],
  ])('is an error with a why: %s', (_, kpi, reading) => {
    expect(tally(kpi, reading)).toEqual({ kind: 'error', why: expect.stringMatching(/./) });
  });

  it('counts as slow what lies above the bound that is the limit', () => {
    expect(tally(latency(), latencies(90, 10))).toMatchObject({ kind: 'events', bad: 10, total: 100 });
    expect(tally(latency(), histogram([500, 800, 1_000], [5, 4, 3, 2]))).toMatchObject({ bad: 5, total: 14 });
  });

  it('takes the next higher bound for a limit inside a bucket, and forgives rounding of scaled bounds', () => {
    expect(boundFor([500, 1_000], 800)).toBe(1_000);
    expect(boundFor([1.005 * 1_000, 2_000], 1_005)).toBe(1.005 * 1_000);
    expect(boundFor([500], 800)).toBeNull();
  });

  it('lets the events of a never KPI come without a total', () => {
    expect(tally(bookingErrors(), events(2, 0))).toMatchObject({ bad: 2, total: 2 });
  });
});

describe('a quantile for people', () => {
  it('is interpolated inside its bucket, as Prometheus does', () => {
    expect(quantileOf([100, 200, 400], [50, 40, 10, 0], 0.95)).toEqual({ value: 300, open: false });
    expect(quantileOf([100, 200, 300], [50, 0, 50, 0], 0.5)).toEqual({ value: 100, open: false });
    expect(quantileOf([100, 200], [100, 0, 0], 0.5)).toEqual({ value: 50, open: false });
  });

  it('says so when it lies above every bound, and is absent without events', () => {
    expect(quantileOf([100, 200], [1, 1, 98], 0.95)).toEqual({ value: 200, open: true });
    expect(
      quantileOf(
        BOUNDS,
        [...BOUNDS, 0].map(() => 0),
        0.95,
      ),
    ).toBeNull();
    expect(quantileOf([], [5], 0.95)).toBeNull();
  });
});

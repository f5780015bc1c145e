import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countAbove,
  EMPTY_HISTOGRAM,
  latencyCounter,
  mergeHistograms,
  quantileOf,
} from '../../../src/core/load/latency-histogram.ts';

const latency = fc.double({ min: 0.001, max: 600_000, noNaN: true });
const latencies = fc.array(latency, { minLength: 1, maxLength: 200 });
const quantile = fc.double({ min: 0, max: 1, noNaN: true });

const histogramOf = (all: readonly number[]) => {
  const counter = latencyCounter();
  for (const ms of all) counter.add(ms);
  return counter.histogram();
};
/** Nearest rank, as it is defined. */
const exact = (all: readonly number[], q: number): number =>
  all.toSorted((one, other) => one - other)[Math.max(1, Math.ceil(q * all.length - 1e-9)) - 1] ?? Number.NaN;

describe('a histogram of latencies', () => {
  it('tells each quantile within half a percent', () => {
    fc.assert(
      fc.property(latencies, quantile, (all, q) => {
        const told = quantileOf(histogramOf(all), q) ?? Number.NaN;
        expect(Math.abs(told / exact(all, q) - 1)).toBeLessThanOrEqual(0.005 + 1e-9);
      }),
    );
  });

  it('of several generators is the histogram of all their latencies', () => {
    fc.assert(
      fc.property(fc.array(latencies, { maxLength: 5 }), quantile, (generators, q) => {
        const merged = mergeHistograms(generators.map(histogramOf));
        expect(merged.count).toBe(generators.flat().length);
        expect(quantileOf(merged, q)).toBe(quantileOf(histogramOf(generators.flat()), q));
      }),
    );
  });

  it('counts nothing that is no latency', () => {
    const counter = latencyCounter();
    for (const ms of [-1, Number.NaN, Number.POSITIVE_INFINITY]) expect(counter.add(ms)).toBe(false);
    expect(counter.add(1, 0)).toBe(false);
    expect(quantileOf(counter.histogram(), 0.95)).toBeNull();
    expect(quantileOf(EMPTY_HISTOGRAM, 0.5)).toBeNull();
  });

  it('counts what is above a limit, but for its own bucket', () => {
    expect(countAbove(histogramOf([100, 499, 500, 506, 900]), 500)).toBe(2);
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { poissonTail } from '../../../src/core/analysis/poisson.ts';

interface Vectors {
  readonly about: string;
  readonly cases: readonly (readonly [x: number, mean: number, probability: number])[];
}

const path = new URL('../../vectors/poisson-tail.json', import.meta.url);
const vectors: Vectors = JSON.parse(readFileSync(path, 'utf8'));

describe('the upper tail of the Poisson distribution', () => {
  it('agrees with SciPy and mpmath to ten digits, down to 1e-290 and up to counts of 1e12', () => {
    const off = vectors.cases.filter(([x, mean, expected]) => {
      const seen = poissonTail(x, mean);
      return expected === 0 ? seen > 1e-290 : Math.abs(seen - expected) > expected * 1e-10;
    });
    expect(vectors.cases.length).toBeGreaterThan(400);
    expect(off).toEqual([]);
  });

  it('is certain for no event at all, and impossible for an event where none can be', () => {
    expect(poissonTail(0, 5)).toBe(1);
    expect(poissonTail(0, 0)).toBe(1);
    expect(poissonTail(1, 0)).toBe(0);
  });

  it('is a probability for any count and mean up to 1e12, and never falls as the mean grows', () => {
    const sizes = [0, 1, 3, 10, 99, 9_999, 10_000, 10_001, 1e6, 1e9, 1e12];
    for (const x of sizes) {
      let before = 0;
      for (const mean of [1e-12, ...sizes, 1e12].sort((a, b) => a - b)) {
        const probability = poissonTail(x, mean);
        expect(probability).toBeGreaterThanOrEqual(before);
        expect(probability).toBeLessThanOrEqual(1);
        before = probability;
      }
    }
  });

  it('has no jump where one way to compute it hands over to another', () => {
    for (const z of [-3, 0, 2.3, 5]) {
      const below = poissonTail(9_999, 9_999 - z * Math.sqrt(9_999));
      const above = poissonTail(10_000, 10_000 - z * Math.sqrt(10_000));
      expect(Math.abs(above / below - 1)).toBeLessThan(1e-3);
    }
  });
});

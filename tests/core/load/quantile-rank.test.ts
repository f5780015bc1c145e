import { describe, expect, it } from 'vitest';
import { fewest, upperRank } from '../../../src/core/load/quantile-rank.ts';

/** P(B(count, quantile) < rank), added up term by term. */
function certainty(count: number, quantile: number, rank: number): number {
  let term = (1 - quantile) ** count;
  let sum = 0;
  for (let k = 0; k < rank; k += 1) {
    sum += term;
    term *= ((count - k) / (k + 1)) * (quantile / (1 - quantile));
  }
  return sum;
}

describe('the rank that is surely not below a quantile', () => {
  it.each([
    [0.5, 5],
    [0.9, 29],
    [0.95, 59],
    [0.99, 299],
    [0.999, 2_995],
  ])('of %d needs at least %d values', (quantile, count) => {
    expect(fewest(quantile)).toBe(count);
    expect(upperRank(count - 1, quantile)).toBeNull();
    expect(upperRank(count, quantile)).toBe(count);
  });

  it.each([
    [100, 0.95],
    [220, 0.95],
    [200, 0.9],
    [40, 0.5],
  ])('of %d values is the first that is sure enough', (count, quantile) => {
    const rank = upperRank(count, quantile) ?? 0;
    expect(certainty(count, quantile, rank)).toBeGreaterThanOrEqual(0.95);
    expect(certainty(count, quantile, rank - 1)).toBeLessThan(0.95);
  });

  it('does not jump where the normal limit takes over', () => {
    const [exact, normal] = [upperRank(5_000, 0.95) ?? 0, upperRank(5_001, 0.95) ?? 0];
    expect(normal - exact).toBeGreaterThanOrEqual(0);
    expect(normal - exact).toBeLessThanOrEqual(3);
  });

  it('never falls with one value more', () => {
    for (let count = 59; count < 600; count += 1) {
      expect(upperRank(count + 1, 0.95) ?? 0).toBeGreaterThanOrEqual(upperRank(count, 0.95) ?? 0);
    }
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editDistance, nearest } from '../../src/config/nearest.ts';

describe('the key that was meant is found', () => {
  const keys = ['target', 'alert', 'for', 'window', 'min-samples', 'no-data', 'error-budget'];

  test.each([
    ['targt', 'target'],
    ['taregt', 'target'],
    ['Target', 'target'],
    ['minSamples', 'min-samples'],
    ['min_samples', 'min-samples'],
    ['MIN-SAMPLE', 'min-samples'],
    ['nodata', 'no-data'],
    ['errorbudgets', 'error-budget'],
    ['fr', 'for'],
  ])('%s is %s', (written, meant) => {
    expect(nearest(written, keys)).toBe(meant);
  });

  test.each(['colour', 'x', '', 'threshold'])('%j is none of them', (written) => {
    expect(nearest(written, keys)).toBeNull();
  });

  test('among no keys there is none', () => {
    expect(nearest('for', [])).toBeNull();
  });
});

describe('the distance of two texts', () => {
  test('is 0 only for the same text, and the same both ways', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (one, other) => {
        expect(editDistance(one, other) === 0).toBe(one === other);
        expect(editDistance(one, other)).toBe(editDistance(other, one));
        expect(editDistance(one, other)).toBeLessThanOrEqual(Math.max(one.length, other.length));
      }),
    );
  });

  test('counts a swap of neighbours as one slip', () => {
    expect([editDistance('taregt', 'target'), editDistance('abcd', 'badc')]).toEqual([1, 2]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agree, allOn, sharesOf } from '../../src/app/steer-traffic.ts';

describe('weights that are read back', () => {
  it('agree within half a point', () => {
    expect(agree(sharesOf('b', 10), { a: 89.6, b: 10.4 })).toBe(true);
    expect(agree(sharesOf('b', 10), { a: 89.4, b: 10.6 })).toBe(false);
  });

  it('do not agree when a slot that should have nothing has a little', () => {
    expect(agree({ a: 99.99, b: 0.01 }, allOn('a'))).toBe(false);
    expect(agree(sharesOf('b', 0.01), allOn('a'))).toBe(false);
    expect(agree({ a: 0.3, b: 99.7 }, allOn('b'))).toBe(false);
    expect(agree({ a: 100 - 1e-9, b: 1e-9 }, allOn('a'))).toBe(true);
  });

  it('agree with themselves, and the same both ways', () => {
    const share = fc.double({ min: 0, max: 100, noNaN: true });
    fc.assert(
      fc.property(share, share, (one, other) => {
        const [left, right] = [sharesOf('b', one), sharesOf('a', other)];
        expect(agree(left, left)).toBe(true);
        expect(agree(left, right)).toBe(agree(right, left));
      }),
    );
  });
});

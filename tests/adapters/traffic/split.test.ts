import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSplit, placeOf, slotAt } from '../../../src/adapters/traffic/embedded/split.ts';

const shares = (b: number) => ({ a: 100 - b, b });

function countB(b: number, requests: number): number {
  const split = createSplit(Math.random);
  let count = 0;
  for (let sent = 0; sent < requests; sent += 1) if (split(shares(b)) === 'b') count += 1;
  return count;
}

describe('the split by weight', () => {
  it('gives every whole weight its exact share of 20,000 requests', () => {
    for (let b = 0; b <= 100; b += 1) expect(countB(b, 20_000)).toBe(b * 200);
  });

  it('gives a fraction of a point its share within one request', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), (hundredths) => {
        const b = hundredths / 100;
        expect(Math.abs(countB(b, 20_000) - b * 200)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 60 },
    );
  });

  it('is exact in every hundred requests after a change', () => {
    const split = createSplit(Math.random);
    for (const b of [10, 50, 25, 3]) {
      const block = Array.from({ length: 100 }, () => split(shares(b)));
      expect(block.filter((slot) => slot === 'b')).toHaveLength(b);
    }
  });

  it('does not fall in step with traffic that has a rhythm', () => {
    const split = createSplit(Math.random);
    const everyTenth = { a: 0, b: 0 };
    for (let sent = 0; sent < 100_000; sent += 1) {
      const slot = split(shares(10));
      if (sent % 10 === 0) everyTenth[slot] += 1;
    }
    expect(everyTenth.b).toBeGreaterThan(850);
    expect(everyTenth.b).toBeLessThan(1_150);
  });

  it('never sends a single request to a slot without weight', () => {
    const almostOne = createSplit(() => 1 - Number.EPSILON);
    const zero = createSplit(() => 0);
    for (let sent = 0; sent < 1_000; sent += 1) {
      expect([almostOne(shares(0)), zero(shares(0))]).toEqual(['a', 'a']);
      expect([almostOne(shares(100)), zero(shares(100))]).toEqual(['b', 'b']);
      expect(zero({ a: 100, b: 0.000_000_1 })).toBe('a');
    }
  });
});

describe('a client that stays on its slot', () => {
  it('has the same place in every process', () => {
    // printf user-1 | sha256sum: the first four bytes, as a part of 2^32, in per cent.
    expect(placeOf('user-1')).toBeCloseTo(77.64059, 5);
  });

  it('only moves to the slot whose share rises, and home at once when it falls to 0', () => {
    const percent = fc.double({ min: 0, max: 100, noNaN: true });
    fc.assert(
      fc.property(fc.string(), percent, percent, (id, one, two) => {
        const [low, high] = [Math.min(one, two), Math.max(one, two)];
        const place = placeOf(id);
        if (slotAt(place, shares(low)) === 'b') expect(slotAt(place, shares(high))).toBe('b');
        if (slotAt(place, shares(high)) === 'a') expect(slotAt(place, shares(low))).toBe('a');
        expect(slotAt(place, shares(0))).toBe('a');
        expect(slotAt(place, shares(100))).toBe('b');
      }),
    );
  });

  it('spreads clients evenly', () => {
    let onB = 0;
    for (let user = 0; user < 20_000; user += 1)
      if (slotAt(placeOf(`user-${user}`), shares(10)) === 'b') onB += 1;
    expect(Math.abs(onB / 200 - 10)).toBeLessThan(1);
  });
});

import { describe, expect, it } from 'vitest';
import type { Stretch, TrailEntry, WindowEntry } from '../../../src/core/analysis/state.ts';
import {
  pushTrail,
  pushWindow,
  trailSum,
  windowCounts,
  windowSum,
} from '../../../src/core/analysis/window.ts';

function windowOf(entries: readonly WindowEntry[], span: number): readonly WindowEntry[] {
  return entries.reduce<readonly WindowEntry[]>((ring, entry) => pushWindow(ring, entry, span), []);
}

function trailOf(entries: readonly Stretch[], span: number, need: number): readonly TrailEntry[] {
  return entries.reduce<readonly TrailEntry[]>((trail, entry) => pushTrail(trail, entry, span, need), []);
}

const many = <T>(count: number, of: T): T[] => Array.from({ length: count }, () => of);

describe('the trailing window', () => {
  it('holds what the newest span needs and no more', () => {
    const ring = windowOf(many(20, [10_000, 1, 10]), 60_000);
    expect(windowSum(ring)).toEqual({ bad: 6, total: 60 });
    expect(ring).toHaveLength(6);
  });

  it('covers the whole span when ticks are not on time', () => {
    const early = windowOf(many(20, [9_900, 0, 1]), 60_000);
    expect(early.reduce((sum, [ms]) => sum + ms, 0)).toBeGreaterThanOrEqual(60_000);
  });

  it('stays short however short the ticks are', () => {
    expect(windowOf(many(5_000, [50, 0, 1]), 60_000).length).toBeLessThanOrEqual(22);
  });

  it('keeps the newest tick even when it is longer than the span', () => {
    expect(
      windowOf(
        [
          [10, 0, 1],
          [90_000, 2, 3],
        ],
        60_000,
      ),
    ).toEqual([[90_000, 2, 3]]);
    expect(windowOf(many(3, [10, 0, 1]), 0)).toHaveLength(1);
  });

  it('adds up buckets, and passes over ticks that had none', () => {
    const ring = windowOf(
      [
        [10, 0, 3, [1, 2]],
        [10, 0, 0],
        [10, 0, 5, [1, 4]],
      ],
      60_000,
    );
    expect(windowCounts(ring)).toEqual([2, 6]);
    expect(windowCounts([])).toBeNull();
  });
});

describe('the trail of a breach', () => {
  const tick = { ms: 10_000, bad: 0, total: 1, stableBad: 0, stableTotal: 9 };

  it('reaches further back until it holds the samples it needs', () => {
    const short = trailSum(trailOf(many(200, tick), 60_000, 0));
    const long = trailSum(trailOf(many(200, tick), 60_000, 50));
    expect(short.total).toBe(6);
    expect(long.total).toBeGreaterThanOrEqual(50);
    expect(long.total).toBeLessThan(80);
  });

  it('stays short while samples never come', () => {
    const trail = trailOf(many(10_000, { ...tick, total: 0 }), 60_000, 50);
    expect(trail.length).toBeLessThanOrEqual(24);
    expect(trailSum(trail).ms).toBe(100_000_000);
  });
});

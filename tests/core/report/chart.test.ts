import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bandsOf } from '../../../src/core/report/chart/bands.ts';
import { drawLine, drawStairs, drawStairsArea, gapsOf } from '../../../src/core/report/chart/lines.ts';
import { pixel, type Scale, timeTicks, valueTicks } from '../../../src/core/report/chart/scale.ts';
import { clusters, spread } from '../../../src/core/report/chart/spread.ts';
import { observe } from '../../../src/core/report/observe.ts';
import { emptySeries } from '../../../src/core/report/series.ts';
import { formatClock, formatInstant } from '../../../src/core/report/words.ts';
import { errorStory, healthyStory } from '../../support/stories.ts';

const x: Scale = { from: 0, to: 10, start: 0, end: 100 };
const y: Scale = { from: 0, to: 10, start: 100, end: 0 };
const points = (...values: (number | null)[]) => values.map((value, at) => ({ at, value }));

describe('scales', () => {
  test('keep what they draw inside', () => {
    expect([pixel(x, -5), pixel(x, 5), pixel(x, 50)]).toEqual([0, 50, 100]);
  });

  test('have round ticks, few of them', () => {
    expect(valueTicks(0, 0.046, 5)).toEqual([0, 0.01, 0.02, 0.03, 0.04]);
    expect(valueTicks(0.93, 1, 5)).toEqual([0.94, 0.96, 0.98, 1]);
    expect(valueTicks(0, 860, 5)).toEqual([0, 200, 400, 600, 800]);
    expect(valueTicks(3, 3, 5)).toEqual([3]);
    expect(timeTicks(95_000, 6)).toEqual([0, 30_000, 60_000, 90_000]);
    expect(timeTicks(1, 6)).toEqual([0]);
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 1e9, noNaN: true }),
        fc.integer({ min: 2, max: 12 }),
        (length, count) => {
          expect(timeTicks(length, count).length).toBeLessThanOrEqual(count + 1);
          expect(valueTicks(0, length, count).length).toBeLessThanOrEqual(count + 1);
        },
      ),
    );
  });
});

describe('lines', () => {
  test('are broken where there is no value, and show a lone value as a dot', () => {
    const drawn = drawLine(points(1, 2, null, 5, null, 3, 4), x, y);
    expect(drawn.path).toBe('M0 90L10 80M50 70L60 60');
    expect(drawn.dots).toEqual([{ x: 30, y: 50 }]);
  });

  test('of weights hold their value until the next', () => {
    expect(drawStairs(points(0, 5, null, 5, 5), x, y)).toBe('M0 100H10V50H20M30 50H40V50');
    expect(drawStairsArea(points(0, 5, null), x, y, 100)).toBe('M0 100V100H10V50H20V100Z');
  });

  test('have gaps from the last value before to the first one after', () => {
    expect(gapsOf(points(1, null, null, 2))).toEqual([{ from: 0, to: 3 }]);
    expect(gapsOf(points(null, 2, null))).toEqual([
      { from: 0, to: 1 },
      { from: 1, to: 2 },
    ]);
    expect(gapsOf(points(1, 2))).toEqual([]);
    expect(gapsOf([])).toEqual([]);
  });
});

describe('labels', () => {
  test('never overlap while there is room, and stay near their lines', () => {
    expect(spread([50, 50, 52], 15, 0, 200)).toEqual([50, 65, 80]);
    expect(spread([195, 190], 15, 0, 200)).toEqual([200, 185]);
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 200, noNaN: true }), { minLength: 1, maxLength: 8 }),
        (wanted) => {
          const placed = spread(wanted, 15, 0, 200).toSorted((one, other) => one - other);
          for (const [index, place] of placed.entries()) {
            if (index > 0) expect(place - (placed[index - 1] ?? 0)).toBeGreaterThanOrEqual(15 - 1e-6);
          }
          expect(placed[0]).toBeGreaterThanOrEqual(0);
          expect(placed.at(-1)).toBeLessThanOrEqual(200);
        },
      ),
    );
  });

  test('of moments close together become one', () => {
    expect(clusters([10, 12, 100, 300, 310], 30)).toEqual([
      { x: 11, first: 1, last: 2 },
      { x: 100, first: 3, last: 3 },
      { x: 305, first: 4, last: 5 },
    ]);
  });
});

describe('bands', () => {
  const labels = (story: ReturnType<typeof errorStory>): string[] => {
    const series = story.happenings.reduce(observe, emptySeries());
    return bandsOf(series, story.result.endedAt ?? 0).map((band) => band.label);
  };

  test('are the steps, and what came before and after them', () => {
    expect(labels(healthyStory())).toEqual(['deploy', '10 %', '50 %', '100 %', 'settle', 'verify']);
    expect(labels(errorStory())).toEqual(['deploy', '10 %', 'back']);
  });
});

describe('times', () => {
  test('are written as a stopwatch and as a date', () => {
    expect([formatClock(0), formatClock(760_000), formatClock(3_725_000), formatClock(-5)]).toEqual([
      '0:00',
      '12:40',
      '1:02:05',
      '0:00',
    ]);
    expect(formatInstant(Date.UTC(2026, 10, 23, 14, 2, 10))).toBe('2026-11-23 14:02:10 UTC');
    expect(formatInstant(Number.NaN)).toBe('at an unknown time');
  });
});

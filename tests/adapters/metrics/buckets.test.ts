import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HistogramTally } from '../../../src/adapters/metrics/buckets.ts';
import { mergeHistograms, tallyBuckets } from '../../../src/adapters/metrics/buckets.ts';
import type { Counted } from '../../../src/adapters/metrics/increments.ts';

function buckets(by: Readonly<Record<string, number | null>>): readonly Counted[] {
  return Object.entries(by).map(([le, gained]) => ({
    series: { name: 's_bucket', labels: new Map([['le', le]]), value: 0 },
    by: gained,
  }));
}

function tally(bounds: readonly number[], counts: readonly number[]): HistogramTally {
  return { type: 'histogram', bounds, counts };
}

const sum = (counts: readonly number[]): number => counts.reduce((all, one) => all + one, 0);

describe('cumulative buckets', () => {
  it('become events per bucket, in order and in the unit of the KPI', () => {
    expect(tallyBuckets(buckets({ '+Inf': 10, '32.3': 9, '0.1': 4, '1e-02': 1 }), 1_000)).toEqual({
      kind: 'counts',
      tally: tally([10, 100, 32_300], [1, 3, 5, 1]),
    });
  });

  it.each([
    [{ '1': 5, '2': 3, '+Inf': 9 }, [5, 0, 4]],
    [{ '1': 5, '2': 12, '+Inf': 9 }, [5, 4, 0]],
    [{ '1': 5, '+Inf': 0 }, [0, 0]],
    [{ '+Inf': 4 }, [4]],
  ])('seen half-way in %j are evened out', (by, counts) => {
    expect(tallyBuckets(buckets(by), 1)).toMatchObject({ kind: 'counts', tally: { counts } });
  });

  it('count nothing while one of them sets its base line', () => {
    expect(tallyBuckets(buckets({ '1': null, '+Inf': null }), 1)).toEqual({ kind: 'base-line' });
  });

  it.each([
    [{ '1': 5 }, 'expected a bucket with le="+Inf", saw none in s_bucket; name a classic histogram'],
    [{ '': 5, '+Inf': 5 }, 'expected buckets with a number as le, saw le=""'],
    [{ fast: 5, '+Inf': 5 }, 'saw le="fast"'],
  ])('%j are broken', (by, why) => {
    expect(tallyBuckets(buckets(by), 1)).toEqual({ kind: 'broken', why: expect.stringContaining(why) });
  });

  it('never show a negative count, and always add up to the +Inf bucket', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.nat().map(String), fc.nat()), fc.nat(), (by, all) => {
        const tallied = tallyBuckets(buckets({ ...by, '+Inf': all }), 1);
        if (tallied.kind !== 'counts') throw new Error(tallied.kind);
        expect(tallied.tally.counts.every((count) => count >= 0)).toBe(true);
        expect(tallied.tally.counts).toHaveLength(tallied.tally.bounds.length + 1);
        expect(sum(tallied.tally.counts)).toBe(all);
      }),
    );
  });
});

describe('histograms of several instances', () => {
  it('are merged on the bounds that all of them have', () => {
    expect(mergeHistograms([tally([1, 2, 5], [1, 2, 3, 4]), tally([2, 4, 5], [10, 20, 30, 40])])).toEqual(
      tally([2, 5], [13, 53, 44]),
    );
    expect(mergeHistograms([tally([1], [1, 2])])).toEqual(tally([1], [1, 2]));
    expect(mergeHistograms([tally([], [1]), tally([], [2])])).toEqual(tally([], [3]));
  });

  it('cannot be merged when they share no bound', () => {
    expect(mergeHistograms([tally([1], [1, 2]), tally([2], [1, 2])])).toBeNull();
    expect(mergeHistograms([tally([], [1]), tally([2], [1, 2])])).toBeNull();
  });

  it('keep every event, and the number below each shared bound', () => {
    const one = fc.uniqueArray(fc.integer({ min: 1, max: 20 }), { maxLength: 10 }).chain((bounds) =>
      fc
        .array(fc.nat({ max: 100 }), { minLength: bounds.length + 2, maxLength: bounds.length + 2 })
        .map((counts) =>
          tally(
            [...bounds, 10.5].sort((a, b) => a - b),
            counts,
          ),
        ),
    );
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 4 }), (tallies) => {
        const merged = mergeHistograms(tallies);
        if (merged === null) throw new Error('no shared bound');
        const below = (bound: number) => (histogram: HistogramTally) =>
          sum(
            histogram.counts.filter(
              (_, index) => (histogram.bounds[index] ?? Number.POSITIVE_INFINITY) <= bound,
            ),
          );
        for (const bound of [...merged.bounds, Number.POSITIVE_INFINITY]) {
          expect(below(bound)(merged)).toBe(sum(tallies.map(below(bound))));
        }
      }),
    );
  });
});

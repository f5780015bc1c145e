import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RawSeries } from '../../../../src/adapters/metrics/prometheus/answer-text.ts';
import { countSince, type History } from '../../../../src/adapters/metrics/prometheus/history.ts';

type Samples = readonly (readonly [at: number, value: number])[];

function series(name: string, samples: Samples, labels: Readonly<Record<string, string>> = {}): RawSeries {
  const own = { job: 'j', instance: 'i', ...labels };
  return {
    name,
    labels: new Map(Object.entries(own)),
    samples: samples.map(([at, value]) => ({ at, value, buckets: null })),
  };
}

/** A history of which each look sees what lies in its window, as Prometheus would answer. */
function looking(all: readonly RawSeries[], presence: readonly RawSeries[] = []) {
  let history: History | null = null;
  return (at: number, unseen: (one: RawSeries) => boolean = () => false): number | null => {
    const from = Math.min(at, history?.until ?? at) - 25;
    const cut = (one: RawSeries): RawSeries => ({
      ...one,
      samples: one.samples.filter((sample) => sample.at > from && sample.at <= at),
    });
    const within = (list: readonly RawSeries[]): RawSeries[] =>
      list.map(cut).filter(({ samples }) => samples.length > 0);
    const seen = countSince(history, {
      at,
      freshFor: 25,
      series: within(all.filter((one) => !unseen(one))),
      presence: within(presence),
    });
    history = seen.history;
    const counted = seen.targets.flatMap((target) => target.counted);
    const known = counted.flatMap(({ by }) => (by === null ? [] : [by]));
    return known.length === 0 ? null : known.reduce((sum, by) => sum + by, 0);
  };
}

const ups = (...times: readonly number[]): RawSeries =>
  series(
    'up',
    times.map((at) => [at, 1] as const),
  );

describe('counting what Prometheus has scraped', () => {
  it('counts every event once, wherever the looks fall, resets between two of them included', () => {
    const gains = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.boolean()), {
      minLength: 1,
      maxLength: 40,
    });
    const pauses = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 20 });
    fc.assert(
      fc.property(gains, pauses, (scrapes, steps) => {
        let value = 5;
        let expected = 0;
        const samples: [number, number][] = [[0, value]];
        for (const [index, [gain, restarts]] of scrapes.entries()) {
          // A restart is seen when the counter comes back lower.
          const isReset = restarts && gain < value;
          value = isReset ? gain : value + gain;
          expected += gain;
          samples.push([(index + 1) * 10, value]);
        }
        const look = looking([series('all', samples)]);
        expect(look(5)).toBeNull();
        let at = 5;
        let counted = 0;
        for (const step of steps) {
          at += step;
          counted += look(at) ?? 0;
        }
        counted += look(Math.max(at, samples.length * 10)) ?? 0;
        expect(counted).toBe(expected);
      }),
    );
  });

  it('counts a reset between two looks that a look at each end would miss', () => {
    const look = looking([
      series('all', [
        [10, 5],
        [20, 8],
        [30, 2],
        [40, 9],
      ]),
    ]);
    look(15);
    expect(look(45)).toBe(3 + 2 + 7);
  });

  it('counts the first events of a target that was up before, and takes those of an unknown one as base line', () => {
    const born = series('all', [
      [30, 4],
      [40, 6],
    ]);
    const known = looking([born], [ups(10, 20, 30, 40)]);
    expect(known(15)).toBeNull();
    expect(known(35)).toBe(4);
    expect(known(45)).toBe(2);
    const unknown = looking([born], [ups(30, 40)]);
    expect(unknown(15)).toBeNull();
    expect(unknown(35)).toBeNull();
    expect(unknown(45)).toBe(2);
  });

  it('counts in full what a process began with that is younger than the look before', () => {
    const started = (at: number): RawSeries => series('process_start_time_seconds', [[30, at / 1_000]]);
    const born = series('all', [[30, 400]]);
    const young = looking([born], [ups(30), started(20)]);
    expect(young(15)).toBeNull();
    expect(young(35)).toBe(400);
    const old = looking([born], [ups(30), started(10)]);
    expect(old(15)).toBeNull();
    expect(old(35)).toBeNull();
  });

  it('never takes a series that arrives late for one that is new', () => {
    const all = series('all', [
      [10, 1_000],
      [20, 1_001],
      [30, 1_003],
    ]);
    const look = looking([all], [ups(10, 20, 30)]);
    expect(look(15, () => true)).toBeNull();
    expect(look(25)).toBe(1);
    expect(look(35)).toBe(2);
  });

  it('shows a series that is gone no longer than two and a half scrapes', () => {
    const gone = series('all', [
      [10, 1],
      [20, 3],
    ]);
    const look = looking([gone], [ups(10, 20, 30, 40, 50)]);
    look(15);
    expect(look(25)).toBe(2);
    expect(look(44)).toBe(0);
    expect(look(45)).toBeNull();
  });

  it('tells once what a series gained before it was gone', () => {
    const gone = series('all', [
      [10, 1],
      [20, 8],
    ]);
    const look = looking([gone]);
    look(15);
    expect(look(95)).toBe(7);
    expect(look(105)).toBeNull();
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  GRID,
  gainOf,
  type NativeBuckets,
  onGrid,
  total,
} from '../../../../src/adapters/metrics/prometheus/native-histogram.ts';
import { prometheusMetricsSchema } from '../../../../src/adapters/metrics/prometheus/prometheus.ts';
import type { Reading } from '../../../../src/core/analysis/sample.ts';
import { selector } from '../../../contract/metrics-provider.ts';
import { adapterContext } from '../../../support/adapter-context.ts';
import { hasPrometheus, startPrometheus, until } from '../../../support/prometheus.ts';
import { nativeTarget } from './native-target.ts';

const needs = hasPrometheus ? '' : ' (skipped: needs prometheus)';

/** Events by upper bound in milliseconds, the empty buckets left out. */
function filled(reading: Reading | null | undefined): Record<string, number> {
  if (reading?.kind !== 'data' || reading.observation.type !== 'histogram') return {};
  const { bounds, counts } = reading.observation;
  return Object.fromEntries(
    counts.flatMap((count, at) => (count === 0 ? [] : [[String(Math.round(bounds[at] ?? Infinity)), count]])),
  );
}

describe.skipIf(!hasPrometheus)(`native histograms of a real Prometheus${needs}`, () => {
  it('are counted by bucket, over a restart and a failed scrape, in the unit of the KPI', {
    timeout: 30_000,
  }, async () => {
    const [a, b] = [await nativeTarget(), await nativeTarget()];
    const prometheus = await startPrometheus(
      [
        { url: a.url, labels: { slot: 'a' } },
        { url: b.url, labels: { slot: 'b' } },
      ],
      { flags: ['--enable-feature=native-histograms'] },
    );
    onTestFinished(prometheus.stop);
    const provider = prometheusMetricsSchema
      .parse({ type: 'prometheus', url: prometheus.url, lag: '0s', 'scrape-interval': '200ms' })
      .create(adapterContext(), {
        sources: [
          {
            id: 'latency',
            scope: 'per-arm',
            type: 'histogram',
            histogram: selector('http_request_seconds'),
            scale: 1_000,
          },
        ],
        traffic: null,
      });
    const look = async () => {
      const { kpis } = await provider.sample(
        { canary: 'b', stable: 'a', elapsed: 1_000 },
        new AbortController().signal,
      );
      return kpis.latency;
    };
    const seen = { a: {}, b: {} };
    const add = async (): Promise<void> => {
      const { canary, stable } = (await look()) ?? {};
      for (const [bound, count] of Object.entries(filled(canary))) {
        seen.b = { ...seen.b, [bound]: count };
      }
      seen.a = { ...seen.a, ...filled(stable) };
    };
    a.observe(0.25, 5);
    b.observe(0.25, 5);
    await until(
      async () => (await look())?.canary.kind === 'data' && (await look())?.stable?.kind === 'data',
      'both arms',
      15_000,
    );
    b.observe(0.25, 2);
    b.observe(1, 3);
    b.observe(3, 1);
    await until(async () => {
      await add();
      return Object.keys(seen.b).length === 3;
    }, 'all buckets');
    expect(seen).toEqual({ a: {}, b: { 250: 2, 1000: 3, 3084: 1 } });
    a.fail(true);
    await sleep(500);
    a.fail(false);
    b.restart();
    b.observe(0.5, 4);
    seen.b = {};
    await until(async () => {
      await add();
      return Object.keys(seen.b).length > 0;
    }, 'the new process');
    await sleep(500);
    await add();
    expect(seen).toEqual({ a: {}, b: { 500: 4 } });
  });
});

const bucketsArbitrary: fc.Arbitrary<NativeBuckets> = fc
  .uniqueArray(fc.integer({ min: -90, max: 100 }), { maxLength: 20 })
  .chain((indices) =>
    fc.tuple(
      ...indices.map((index) =>
        fc
          .integer({ min: 1, max: 1_000 })
          .map((count) => ({ left: 2 ** ((index - 1) / 8), right: 2 ** (index / 8), count })),
      ),
    ),
  );

describe('the buckets of a native histogram', () => {
  it('gain exactly what was added, also when they were joined meanwhile', () => {
    fc.assert(
      fc.property(bucketsArbitrary, bucketsArbitrary, fc.boolean(), (before, more, isCoarser) => {
        const now = isCoarser ? joined([...before, ...more]) : summed([...before, ...more]);
        expect(total(gainOf(before, now))).toBe(total(more));
        const expected = onGrid(isCoarser ? joined(more) : more);
        expect(onGrid(gainOf(before, now)).counts).toEqual(expected.counts);
      }),
    );
  });

  it('begin anew when events were lost: all there is counts', () => {
    const bucket = { left: 1, right: 2, count: 5 };
    expect(gainOf([bucket], [{ ...bucket, count: 3 }])).toEqual([{ ...bucket, count: 3 }]);
    const other = { left: 2, right: 4, count: 9 };
    expect(gainOf([bucket], [other])).toEqual([other]);
  });

  it('lose no event on the grid, and lower none', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), (right) => {
        const { counts } = onGrid([{ left: 0, right, count: 7 }]);
        const at = counts.indexOf(7);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(7);
        expect(GRID[at] ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(right * (1 - 1e-8));
        expect(GRID[at - 1] ?? 0).toBeLessThan(right);
      }),
    );
  });
});

/** Buckets with the same bounds are one. */
function summed(buckets: NativeBuckets): NativeBuckets {
  const byRight = new Map<number, (typeof buckets)[number]>();
  for (const bucket of buckets) {
    const known = byRight.get(bucket.right);
    byRight.set(bucket.right, { ...bucket, count: bucket.count + (known?.count ?? 0) });
  }
  return [...byRight.values()];
}

/** The same events in buckets twice as wide. */
function joined(buckets: NativeBuckets): NativeBuckets {
  return summed(
    buckets.map(({ right, count }) => {
      const wide = Math.ceil((Math.log2(right) * 8 - 1e-6) / 2) * 2;
      return { left: 2 ** ((wide - 2) / 8), right: 2 ** (wide / 8), count };
    }),
  );
}

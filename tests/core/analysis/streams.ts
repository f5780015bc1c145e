import fc from 'fast-check';
import type { Kpi } from '../../../src/core/analysis/kpi.ts';
import type { Reading } from '../../../src/core/analysis/sample.ts';
import {
  bookingErrors,
  bookingSuccess,
  broken,
  connections,
  errorRate,
  events,
  histogram,
  latency,
  MINUTE,
  type Moment,
  nothing,
  TICK,
  value,
  whenSilent,
} from './scenario.ts';

export const PATIENT = { noData: whenSilent('abort', 24 * 60 * MINUTE), errorBudget: 24 * 60 * MINUTE };

/** What one arm shows in one tick: of `total` events `bad` are bad. */
export interface Shown {
  readonly total: number;
  readonly bad: number;
}

/** Long stretches of one rate, so that breaches of every length come about. */
export const stretches = fc
  .array(
    fc.record({
      ticks: fc.integer({ min: 1, max: 25 }),
      rate: fc.constantFrom(0, 0.005, 0.02, 0.025, 0.05, 0.3, 1),
      total: fc.constantFrom(0, 1, 7, 60, 400, 5_000),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .chain((parts) =>
    fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 150, maxLength: 150 }).map((dice) =>
      parts
        .flatMap(({ ticks, rate, total }) => Array.from({ length: ticks }, () => ({ rate, total })))
        .map(({ rate, total }, i): Shown => {
          const jitter = 0.5 + (dice[i % dice.length] ?? 0);
          return { total, bad: Math.min(total, Math.round(total * rate * jitter)) };
        }),
    ),
  );

export const kinds = [
  { kpi: errorRate(PATIENT), read: ({ bad, total }: Shown) => events(bad, total) },
  { kpi: bookingSuccess(PATIENT), read: ({ bad, total }: Shown) => events(bad, total) },
  {
    kpi: latency(PATIENT),
    read: ({ bad, total }: Shown) => histogram([100, 800, 2_000], [0, total - bad, bad, 0]),
  },
  { kpi: bookingErrors(PATIENT), read: ({ bad, total }: Shown) => events(bad, total) },
  { kpi: connections(PATIENT), read: ({ bad, total }: Shown) => value(total === 0 ? 0 : bad / total) },
] as const;
export const anyKind = fc.constantFrom(...kinds);

export function moments(kpi: Kpi, canary: readonly Reading[], stable: readonly Reading[]): Moment[] {
  return canary.map((reading, i) => ({
    kpis: { [kpi.id]: { canary: reading, stable: stable[i % stable.length] ?? nothing } },
  }));
}

/** Readings of every sort, sensible and not. */
const anyReading: fc.Arbitrary<Reading> = fc.oneof(
  fc.constantFrom(nothing, broken),
  fc.tuple(fc.nat(200), fc.nat(200)).map(([bad, total]) => events(bad, total)),
  fc.tuple(fc.double(), fc.double()).map(([bad, total]) => events(bad, total)),
  fc.double().map(value),
  fc.array(fc.nat(50), { minLength: 4, maxLength: 4 }).map((counts) => histogram([100, 800, 2_000], counts)),
  fc.array(fc.double(), { minLength: 3, maxLength: 5 }).map((counts) => histogram([100, 800, 2_000], counts)),
);

export function anyMoments(kpis: readonly Kpi[]): fc.Arbitrary<Moment[]> {
  const arms = fc.record({ canary: anyReading, stable: fc.option(anyReading, { nil: null }) });
  const moment = fc
    .record({
      arms: fc.array(arms, { minLength: kpis.length, maxLength: kpis.length }),
      traffic: fc.option(fc.record({ canary: fc.nat(2_000), stable: fc.nat(20_000) }), { nil: null }),
      elapsed: fc.constantFrom(TICK, TICK, 9_700, 30_000, 400_000, 0),
    })
    .map(({ arms, traffic, elapsed }) => ({
      traffic,
      elapsed,
      kpis: Object.fromEntries(kpis.map(({ id }, i) => [id, arms[i] ?? { canary: nothing }])),
    }));
  return fc.array(moment, { maxLength: 40 });
}

const allKpis = kinds.map(({ kpi }) => kpi);
export const touchy = allKpis.map((kpi) => ({ ...kpi, for: 20_000, minSamples: 1, window: 30_000 }));
export const weights = fc.constantFrom(1, 10, 50, 100);

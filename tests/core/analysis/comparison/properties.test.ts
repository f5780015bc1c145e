import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ComparisonTick } from '../../../../src/core/analysis/comparison/compare.ts';
import { compareTick, newComparison } from '../../../../src/core/analysis/comparison/compare.ts';
import { designComparison } from '../../../../src/core/analysis/comparison/design.ts';
import type { ComparisonState } from '../../../../src/core/analysis/comparison/evidence.ts';
import { logTickEvidence } from '../../../../src/core/analysis/comparison/tick-evidence.ts';
import { HANDBOOK_KPIS } from '../../../../src/core/replay/handbook.ts';

const BOUNDS = [50, 100, 200, 300, 400, 500, 800, 1000, 1500, 2500, 5000];
const design = designComparison({
  kpis: HANDBOOK_KPIS,
  bounds: { 'api-latency-p95': BOUNDS },
  tick: 10_000,
  comparable: 2_700_000,
});
const SLOW = { numRuns: 60 };

const count = fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 1e12 }));
const events = fc
  .tuple(count, count)
  .map(([a, b]) => ({ type: 'events', bad: Math.min(a, b), total: Math.max(a, b) }) as const);
const histogram = fc
  .array(count, { minLength: BOUNDS.length + 1, maxLength: BOUNDS.length + 1 })
  .map((counts) => ({ type: 'histogram', bounds: BOUNDS, counts }) as const);
const anyTick: fc.Arbitrary<ComparisonTick> = fc.record({
  elapsed: fc.constantFrom(10_000, 10_137, 30_000),
  alone: fc.boolean(),
  kpis: fc.record({
    'error-rate': fc.record({ canary: fc.option(events), stable: fc.option(events) }),
    'api-latency-p95': fc.record({ canary: fc.option(histogram), stable: fc.option(histogram) }),
  }),
});

function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(numbersIn);
}

describe('evidence', () => {
  it('is never NaN or infinite, for any counts up to 1e12, with arms that come and go', () => {
    fc.assert(
      fc.property(fc.array(anyTick, { minLength: 1, maxLength: 40 }), (ticks) => {
        let state = newComparison(design);
        for (const tick of ticks) {
          const next = compareTick(design, state, tick);
          state = next.state;
          expect(numbersIn(next).every(Number.isFinite)).toBe(true);
        }
      }),
      SLOW,
    );
  });

  it('stays a number where the canary alone is foretold to have every bad event', () => {
    const ticks = [
      tickWith({ bad: 218, total: 218 }, { bad: 0, total: 8_289_881 }),
      tickWith({ bad: 1, total: 744_861_873_189 }, { bad: 0, total: 1 }),
      tickWith({ bad: 2, total: 744_861_873_189 }, { bad: 1, total: 1 }),
    ].map((tick) => ({ ...tick, elapsed: 60_000 }));
    let state = newComparison(design);
    for (const tick of ticks) {
      const next = compareTick(design, state, tick);
      state = next.state;
      expect(numbersIn(next).filter((value) => !Number.isFinite(value))).toEqual([]);
    }
  });

  it('survives JSON bit for bit at every tick', () => {
    fc.assert(
      fc.property(fc.array(anyTick, { minLength: 1, maxLength: 40 }), (ticks) => {
        let state = newComparison(design);
        for (const tick of ticks) {
          state = compareTick(design, state, tick).state;
          const back: ComparisonState = JSON.parse(JSON.stringify(state));
          expect(back).toStrictEqual(state);
        }
      }),
      SLOW,
    );
  });

  it('goes on after a resume exactly as without one', () => {
    fc.assert(
      fc.property(fc.array(anyTick, { minLength: 2, maxLength: 30 }), (ticks) => {
        const straight = ticks.reduce(
          (had, tick) => compareTick(design, had, tick).state,
          newComparison(design),
        );
        const resumed = ticks.reduce<ComparisonState>(
          (had, tick) => compareTick(design, JSON.parse(JSON.stringify(had)), tick).state,
          newComparison(design),
        );
        expect(resumed).toStrictEqual(straight);
      }),
      SLOW,
    );
  });

  it('rises with each bad event of the canary, and falls with each of stable', () => {
    const total = fc.integer({ min: 1, max: 1e6 });
    fc.assert(
      fc.property(
        total,
        total,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (canaryTotal, stableTotal, share) => {
          const canaryBad = Math.floor(share * (canaryTotal - 1));
          const stableBad = Math.floor(share * (stableTotal - 1));
          const counts = { canaryBad, canaryTotal, stableBad, stableTotal };
          const tolerance = { ratio: 1.1, share: 0.001 };
          const log = logTickEvidence(counts, tolerance, 3.3);
          expect(logTickEvidence({ ...counts, canaryBad: canaryBad + 1 }, tolerance, 3.3)).toBeGreaterThan(
            log,
          );
          expect(logTickEvidence({ ...counts, stableBad: stableBad + 1 }, tolerance, 3.3)).toBeLessThan(log);
        },
      ),
    );
  });

  it('of a whole tick never falls because the canary had more bad events in it', () => {
    const some = fc.integer({ min: 0, max: 60 });
    const history = fc.array(fc.tuple(some, some), { maxLength: 25 });
    fc.assert(
      fc.property(history, some, some, fc.integer({ min: 1, max: 400 }), (before, c, s, more) => {
        const seen = (canary: number, stable: number) =>
          tickWith({ bad: canary, total: 500 }, { bad: stable, total: 4_500 });
        const state = before.reduce(
          (had, [canary, stable]) => compareTick(design, had, seen(canary, stable)).state,
          newComparison(design),
        );
        const few = compareTick(design, state, seen(c, s)).evidence.log;
        expect(compareTick(design, state, seen(c + more, s)).evidence.log).toBeGreaterThanOrEqual(few);
      }),
      SLOW,
    );
  });

  it('does not depend on how a stratum is cut into ticks, as long as the split stays the same', () => {
    const part = fc.record({ load: fc.integer({ min: 1, max: 1e5 }), c: fc.nat(50), s: fc.nat(50) });
    fc.assert(
      fc.property(fc.array(part, { minLength: 2, maxLength: 8 }), (parts) => {
        const tolerance = { ratio: 1.25, share: 0.0025 };
        const ticks = parts.map(({ load, c, s }) => ({
          canaryBad: c,
          canaryTotal: load * 100,
          stableBad: s,
          stableTotal: load * 900,
        }));
        const whole = ticks.reduce((a, b) => ({
          canaryBad: a.canaryBad + b.canaryBad,
          canaryTotal: a.canaryTotal + b.canaryTotal,
          stableBad: a.stableBad + b.stableBad,
          stableTotal: a.stableTotal + b.stableTotal,
        }));
        const cut = ticks.reduce((sum, tick) => sum + logTickEvidence(tick, tolerance, 5), 0);
        const joined = logTickEvidence(whole, tolerance, 5);
        expect(Math.abs(cut - joined)).toBeLessThan(1e-9 * Math.max(1, Math.abs(joined)));
      }),
    );
  });

  it('counts what no sound provider can say as nothing seen', () => {
    const sane = tickWith({ bad: 1, total: 50 }, { bad: 5, total: 450 });
    const start = compareTick(design, newComparison(design), sane).state;
    for (const bad of [-1, 51, Number.NaN, Number.POSITIVE_INFINITY]) {
      const { state, evidence } = compareTick(
        design,
        start,
        tickWith({ bad, total: 50 }, { bad: 5, total: 450 }),
      );
      expect(numbersIn({ state, evidence }).every(Number.isFinite)).toBe(true);
      expect(state.tracks[0]?.dispersion).toEqual(start.tracks[0]?.dispersion);
    }
  });

  it('never convicts by one tick, whatever the canary does in it', () => {
    let state = newComparison(design);
    const quiet = tickWith({ bad: 2, total: 500 }, { bad: 20, total: 4500 });
    const dead = tickWith({ bad: 500, total: 500 }, { bad: 20, total: 4500 });
    expect(compareTick(design, state, dead).evidence.convicts).toBe(false);
    for (let tick = 0; tick < 100; tick++) state = compareTick(design, state, quiet).state;
    expect(compareTick(design, state, dead).evidence.convicts).toBe(false);
  });
});

function tickWith(
  canary: { bad: number; total: number },
  stable: { bad: number; total: number } | null,
): ComparisonTick {
  const errors = {
    canary: { type: 'events', ...canary } as const,
    stable: stable === null ? null : ({ type: 'events', ...stable } as const),
  };
  return { elapsed: 10_000, alone: stable === null, kpis: { 'error-rate': errors } };
}

describe('a canary that serves alone', () => {
  function aloneTicks(rate: number): number | null {
    let state = newComparison(design);
    const together = tickWith({ bad: 5, total: 500 }, { bad: 45, total: 4500 });
    for (let tick = 0; tick < 270; tick++) state = compareTick(design, state, together).state;
    for (let tick = 1; tick <= 360; tick++) {
      const total = 5_000;
      const next = compareTick(design, state, tickWith({ bad: Math.round(rate * total), total }, null));
      if (next.evidence.convicts) return tick;
      state = next.state;
    }
    return null;
  }

  it('is never blamed below the alert limit, however long', () => {
    expect(aloneTicks(0.0199)).toBeNull();
  });

  it('is blamed for a lasting 5 %, but for nothing that ends after two minutes', () => {
    const ticks = aloneTicks(0.05);
    expect(ticks).not.toBeNull();
    expect(ticks).toBeGreaterThan(13);
    expect(ticks).toBeLessThanOrEqual(15);
    expect(aloneTicks(1)).toBeGreaterThan(13);
  });
});

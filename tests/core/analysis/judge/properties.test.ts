import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classify } from '../../../../src/core/analysis/judge/classify.ts';
import { judge } from '../../../../src/core/analysis/judge/judge.ts';
import { estimateShift } from '../../../../src/core/analysis/judge/mann-whitney.ts';
import { metric } from './made.ts';

const value = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.double({ min: -1e12, max: 1e12, noNaN: true }),
  fc.double({ min: 0, max: 100, noNaN: true }),
  fc.constantFrom(0, -0, 1e12, -1e12, 1e-300),
);
const samples = fc.array(value, { maxLength: 40 });
const gappy = fc.array(fc.oneof(value, fc.constant(Number.NaN)), { maxLength: 20 });
const changes = fc.record({
  direction: fc.constantFrom('increase' as const, 'decrease' as const, 'either' as const),
  missing: fc.constantFrom('remove' as const, 'replace' as const),
  outlierFactor: fc.constantFrom(null, 1.5, 3),
  critical: fc.boolean(),
  mustHaveData: fc.boolean(),
  muted: fc.boolean(),
  groups: fc.subarray(['x', 'y', 'z']),
});

describe('the judge, for any samples', () => {
  it('scores from 0 to 100, whatever it is given', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(changes, gappy, gappy), { minLength: 1, maxLength: 5 }),
        fc.constantFrom({}, { x: 100 }, { x: 30, y: 20 }, { z: 0 }),
        (metrics, groupWeights) => {
          const config = {
            metrics: metrics.map(([one], i) => metric({ ...one, name: `m${i}` })),
            groupWeights,
            thresholds: { pass: 95, marginal: 75 },
          };
          const arms = metrics.map(([, canary, stable], i) => [`m${i}`, { canary, stable }] as const);
          const seen = judge(config, Object.fromEntries(arms));
          expect(seen.score).toBeGreaterThanOrEqual(0);
          expect(seen.score).toBeLessThanOrEqual(100);
          expect(seen.cause === null || seen.score === 0).toBe(true);
        },
      ),
    );
  });

  it('finds an interval around its estimate, and never NaN', () => {
    fc.assert(
      fc.property(samples, samples, (canary, stable) => {
        const shift = estimateShift(canary, stable);
        if (shift === null) return;
        const slack = 1e-4 + 1e-12 * Math.max(Math.abs(shift.lower), Math.abs(shift.upper));
        expect(Number.isFinite(shift.estimate)).toBe(true);
        expect(shift.lower - slack).toBeLessThanOrEqual(shift.estimate);
        expect(shift.estimate - slack).toBeLessThanOrEqual(shift.upper);
      }),
    );
  });

  it('does not care in which order the samples come', () => {
    fc.assert(
      fc.property(changes, gappy, gappy, fc.nat(), (more, canary, stable, by) => {
        const turned = (of: readonly number[]) => [
          ...of.slice(by % (of.length + 1)),
          ...of.slice(0, by % (of.length + 1)),
        ];
        const one = classify(metric(more), { canary, stable }, 1);
        expect(
          classify(metric(more), { canary: turned(canary), stable: turned(stable).toReversed() }, 1),
        ).toEqual(one);
      }),
    );
  });

  it('sees the mirror image when the arms are swapped', () => {
    const mirror = { High: 'Low', Low: 'High' } as const;
    const whole = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 5, maxLength: 30 });
    fc.assert(
      fc.property(whole, whole, (canary, stable) => {
        const shift = estimateShift(canary, stable);
        const bound = 0.25 * Math.abs(shift?.estimate ?? 0);
        // On the line itself, the solver's own 1e-4 decides.
        fc.pre(
          shift !== null && Math.min(Math.abs(shift.lower - bound), Math.abs(shift.upper + bound)) > 0.01,
        );
        const { classification } = classify(metric(), { canary, stable }, 1);
        const turned = classify(metric(), { canary: stable, stable: canary }, 1).classification;
        expect(turned).toBe(
          classification === 'High' || classification === 'Low' ? mirror[classification] : classification,
        );
      }),
    );
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { classify } from '../../../../src/core/analysis/judge/classify.ts';
import { estimateShift, score, Z98 } from '../../../../src/core/analysis/judge/mann-whitney.ts';
import { prepare } from '../../../../src/core/analysis/judge/prepare.ts';
import { rankTogether } from '../../../../src/core/analysis/judge/ranks.ts';
import { scoreAll } from '../../../../src/core/analysis/judge/score.ts';
import { metric } from './made.ts';

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../vectors/${name}.json`, import.meta.url), 'utf8'));
const values = z.array(z.number());
const arms = { what: z.string(), canary: values, stable: values };
const shift = { lower: z.number(), upper: z.number(), estimate: z.number() };

const fromR = z
  .array(z.object({ ...arms, ...shift, score: z.number(), cles: z.number(), canaryKept: values }))
  .parse(read('judge-mann-whitney'));

/** Of the size of the number, and absolute below 1. */
function near(seen: number | undefined, expected: number, tolerance = 1e-9): void {
  const distance = Math.abs((seen ?? Number.NaN) - expected) / Math.max(1, Math.abs(expected));
  expect(distance).toBeLessThanOrEqual(tolerance);
}

describe('as R has it', () => {
  test.each(fromR)('interval and estimate of the shift: $what', (vector) => {
    const seen = estimateShift(vector.canary, vector.stable);
    near(seen?.lower, vector.lower);
    near(seen?.upper, vector.upper);
    near(seen?.estimate, vector.estimate);
    near(score(vector.canary, vector.stable, 0), vector.score);
  });

  test.each(fromR)('chance that a canary value is the higher one: $what', ({ canary, stable, cles }) => {
    const [m, n] = [canary.length, stable.length];
    near((rankTogether(canary, stable).firstSum - (m * (m + 1)) / 2) / (m * n), cles);
  });

  test.each(fromR)('what is left without outliers: $what', ({ canary, canaryKept }) => {
    expect(prepare(canary, { missing: 'remove', outlierFactor: 3 })).toEqual(canaryKept);
  });
});

const changes = z.object({
  direction: z.enum(['increase', 'decrease', 'either']).exactOptional(),
  missing: z.enum(['remove', 'replace']).exactOptional(),
  critical: z.boolean().exactOptional(),
  effect: z
    .object({
      measure: z.enum(['mean-ratio', 'cles']).exactOptional(),
      allowedIncrease: z.number().exactOptional(),
      allowedDecrease: z.number().exactOptional(),
      criticalIncrease: z.number().exactOptional(),
      criticalDecrease: z.number().exactOptional(),
    })
    .exactOptional(),
});
const label = z.enum(['Pass', 'High', 'Low', 'Nodata']);
const kayenta = z
  .object({
    shifts: z.array(z.object({ ...arms, ...shift, conf: z.number() })),
    classifications: z.array(
      z.object({ ...arms, metric: changes, classification: label, critical: z.boolean() }),
    ),
    scores: z.array(
      z.object({
        what: z.string(),
        weights: z.record(z.string(), z.number()),
        metrics: z.array(
          z.object({ classification: label, groups: z.array(z.string()), critical: z.boolean() }),
        ),
        score: z.number(),
      }),
    ),
  })
  .parse(read('judge-kayenta'));

describe("as Kayenta's own tests have it", () => {
  test.each(kayenta.shifts)('the shift of $what', ({ canary, stable, conf, lower, upper, estimate }) => {
    const seen = estimateShift(canary, stable, conf === 0.98 ? Z98 : 1.959963984540054);
    near(seen?.lower, lower, 1e-6);
    near(seen?.upper, upper, 1e-6);
    near(seen?.estimate, estimate, 1e-4);
  });

  test.each(kayenta.classifications)('$what: $classification', (vector) => {
    const seen = classify(metric(vector.metric), vector, 1);
    expect(seen).toMatchObject({ classification: vector.classification, critical: vector.critical });
  });

  test.each(kayenta.scores)('$what scores $score', ({ metrics, weights, score: expected }) => {
    const results = metrics.map(({ groups, ...rest }) => ({
      ...rest,
      metric: metric({ groups }),
      ratio: 1,
      medians: { canary: null, stable: null },
    }));
    const scored = scoreAll(results, { groupWeights: weights, thresholds: { pass: 95, marginal: 75 } });
    expect(scored.score).toBe(expected);
  });
});

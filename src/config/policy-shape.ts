import { z } from 'zod';
import { duration } from './fields.ts';
import type { Telling } from './telling.ts';

const MOST = 1_000_000;

function allowed(description: string, example: number) {
  return z
    .number()
    .int()
    .min(0)
    .max(MOST)
    .meta({ description, examples: [example] });
}

const failures = z
  .number()
  .int()
  .max(MOST)
  .meta({ minimum: 0 })
  .refine((count) => count >= 0, {
    params: {
      expected: 'a number of at least 0, or `unlimited`',
      fix: 'write `unlimited` where no number of failures is to end the rollout',
    } satisfies Telling,
  });

/** Argo's limits of one metric, in the words of this file. */
export const policyShape = z
  .strictObject({
    'failures-allowed': z
      .union([failures, z.literal('unlimited')])
      .meta({
        description:
          'Measurements beyond `alert` that a step may have; one more ends the rollout. `unlimited` needs `consecutive-successes-needed`.',
        examples: [0],
      })
      .prefault(0),
    'inconclusive-allowed': allowed(
      'Measurements that a step may have between `target` and `alert`, or beyond `alert` together with stable; with one more the bake cannot pass.',
      0,
    ).prefault(0),
    'consecutive-errors-allowed': allowed(
      'Measurements in a row that may find nothing; one more ends the rollout.',
      4,
    ).prefault(4),
    'consecutive-successes-needed': z
      .number()
      .int()
      .min(1)
      .max(MOST)
      .optional()
      .meta({
        description: 'Successful measurements in a row that a bake needs to pass. Default: none.',
        examples: [3],
      }),
    count: z
      .number()
      .int()
      .min(1)
      .max(MOST)
      .optional()
      .meta({
        description:
          'Measurements in a step, errors left out; a bake cannot pass before. Default: as many as the step has time for.',
        examples: [10],
      }),
    interval: duration({
      description: 'How long one measurement lasts. Default: the `window`; for a gauge 60s.',
      example: '60s',
      min: 50,
      max: 3_600_000,
    }).optional(),
    'initial-delay': duration({
      description: 'Time of a step before the first measurement begins.',
      example: '60s',
      max: 86_400_000,
    }).prefault('0s'),
  })
  .describe(
    'Judges the KPI by measurements, as an AnalysisTemplate of Argo Rollouts does: one per `interval`, counted within a step. Takes the place of `for`.',
  )
  .optional();

export type PolicyShape = NonNullable<z.output<typeof policyShape>>;

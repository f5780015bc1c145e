import { z } from 'zod';
import { duration, KEBAB_PATTERN, name } from './fields.ts';
import type { Telling } from './telling.ts';

const score = (description: string, example: number) =>
  z
    .number()
    .min(0)
    .max(100)
    .meta({ description, examples: [example] });

/** Also what Kayenta's own config has, under other names around it. */
export const thresholds = z
  .strictObject({
    pass: score('From this score on the canary passes.', 95),
    marginal: score('Below this score the canary fails; from it on the bake is extended.', 75),
  })
  .refine(({ pass, marginal }) => marginal <= pass, {
    path: ['marginal'],
    params: { expected: 'a score of at most `pass`', fix: 'swap the two' } satisfies Telling,
  });

export const judgeShape = z.strictObject({
  config: z
    .string()
    .min(1)
    .max(1_000)
    .meta({
      description: "Path of Kayenta's canary config (JSON), from the directory of this file.",
      examples: ['canary-config.json'],
    }),
  kpis: z
    .record(z.string().min(1), name('the id of a KPI', 'error-rate', KEBAB_PATTERN))
    .describe(
      'Which KPI is meant by a metric of the canary config, by its name there. Needed where the names differ.',
    )
    .prefault({}),
  'score-thresholds': thresholds
    .describe('What the score must reach. Default: those of the canary config, else 95 and 75.')
    .optional(),
  interval: duration({
    description:
      'Each KPI gives the judge one value per interval. At least ten must fit into each bake below 100 %.',
    example: '60s',
    min: 50,
    max: 3_600_000,
  }).prefault('60s'),
});

export const judgeOrOff = z.union([judgeShape, z.literal('off')]).meta({
  description:
    "Kayenta's judge (NetflixACAJudge-v1.0), asked when a bake is served in full, for teams that bring its config from Spinnaker; or `off`. Off when left out.",
});

export type JudgeShape = z.output<typeof judgeShape>;

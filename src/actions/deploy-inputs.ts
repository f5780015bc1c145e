import { z } from 'zod';

const optional = z.string().transform((value) => (value === '' ? null : value));

/** Inputs of `deploy` that no other action has. */
export const deployInputs = {
  environment: z
    .string()
    .default('staging')
    .describe('Where to deploy to: a name under `deploy:` in the configuration.'),
  service: optional
    .default(null)
    .describe('The one service to deploy. Default: all of the environment, in their order.'),
  'allow-downgrade': z
    .union([z.literal(''), z.string().min(10, 'expected a reason of a few words, for the record')])
    .transform((value) => (value === '' ? null : value))
    .default(null)
    .describe('Why an older version may take the place of a newer one, for the record; refused without it.'),
  force: z
    .enum(['true', 'false'])
    .transform((value) => value === 'true')
    .default(false)
    .describe('Migrate and deploy again, although this version answers and is recorded.'),
};

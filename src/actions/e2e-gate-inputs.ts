import { z } from 'zod';

const optional = z.string().transform((value) => (value === '' ? null : value));

export const e2eGateInputs = z.strictObject({
  config: z
    .string()
    .default('.github/deploy-canary.yml')
    .describe('Path of the configuration file, from the root of the workspace.'),
  environment: z.string().default('staging').describe('Where the tests ran. It need not be configured.'),
  suite: optional
    .default(null)
    .describe(
      'Which suite of `e2e:` in the configuration must be proven. Default: the one named like the environment.',
    ),
  sha: z
    .string()
    .regex(/^[0-9a-f]{40}$/, 'expected a full commit SHA of 40 hex digits')
    .describe('The commit that was tested. Default: the commit of the run.'),
  version: z
    .union([
      z.literal(''),
      z
        .string()
        .regex(
          /^[A-Za-z0-9][A-Za-z0-9._+/@:-]{0,199}$/,
          'expected a commit SHA or a tag (letters, digits, . _ + / @ : -)',
        ),
    ])
    .transform((value) => (value === '' ? null : value))
    .default(null)
    .describe('The version that was tested: a SemVer tag, where there is one. Default: the commit.'),
});

import { z } from 'zod';
import { resultJson } from './told-result.ts';

const yesNo = z.enum(['true', 'false']).transform((value) => value === 'true');

/** What a gate says is given in one way only: as a `result`, as a `verdict`, or as `pending`. */
export const prStatusInputs = z
  .strictObject({
    gate: z
      .string()
      .max(63)
      .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected a name in kebab-case such as e2e-gate')
      .describe('Name of the gate. Its commit status is `deploy-canary/<gate>`.'),
    result: resultJson
      .optional()
      .describe(
        'The `result` output of the action that is the gate. Without this, `verdict` and `pending`, the gate is said to have ended without a result.',
      ),
    verdict: z
      .enum(['pass', 'fail', 'inconclusive'])
      .optional()
      .describe('What the gate says, where there is no `result`: `pass`, `fail` or `inconclusive`.'),
    description: z
      .string()
      .default('')
      .describe('Why, beside `verdict` or `pending`; cut to 140 characters.'),
    pending: yesNo.default(false).describe('Say `true` before the gate has begun.'),
    sha: z
      .string()
      .regex(/^[0-9a-f]{40}$/, 'expected a full commit SHA of 40 hex digits')
      .optional()
      .describe(
        'The commit that the gate speaks of. Default: the head of the pull request, else the commit of the run.',
      ),
    'pull-request': z
      .string()
      .regex(/^[1-9]\d{0,9}$/, 'expected the number of a pull request')
      .transform(Number)
      .optional()
      .describe(
        'Where the comment stands. Default: the pull request that the run is for; none for other runs.',
      ),
    comment: yesNo.default(true).describe('Say `false` for the commit status alone.'),
    url: z
      .string()
      .max(1_000)
      .regex(/^https?:\/\/\S+$/, 'expected an address that begins with https://')
      .optional()
      .describe('Where the evidence is. Default: the run.'),
    'github-token': z
      .string()
      .default('')
      .describe('Token to write with. Default: the one of the job, with its `permissions`.'),
  })
  .superRefine(({ result, verdict, pending }, context) => {
    const given = [
      result !== undefined && '`result`',
      verdict !== undefined && '`verdict`',
      pending && '`pending`',
    ];
    const names = given.filter((name) => name !== false);
    if (names.length < 2) return;
    const message = `expected one of result, verdict and pending, saw ${names.join(' and ')}; leave out the others`;
    context.addIssue({ code: 'custom', message, path: ['verdict'] });
  });

export type PrStatusInputs = z.output<typeof prStatusInputs>;

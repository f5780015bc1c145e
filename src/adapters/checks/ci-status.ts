import { z } from 'zod';
import { type CiRequirement, decideCiStatus } from '../../core/checks/ci-status.ts';
import type { ForgeFacts } from '../../ports/forge-facts.ts';
import { frame, registered } from './frame.ts';

export const branch = z
  .string()
  .min(1)
  .meta({ examples: ['main'] })
  .optional();

const config = z
  .strictObject({
    check: z.literal('ci-status').describe('Checks and statuses at this very commit are green.'),
    ...frame({ title: 'CI status', timeout: '60s' }),
    require: z
      .union([z.enum(['all', 'required']), z.array(z.string().min(1)).min(1).max(100)])
      .prefault('all')
      .describe(
        '`all` that has reported, what the branch requires (`required`: protection and rulesets), or a list of names. What is named and has not reported is not green.',
      ),
    branch: branch.describe(
      'Whose requirements count, for `require: required`. Default: the default branch.',
    ),
    ignore: z
      .array(z.string().min(1))
      .max(100)
      .prefault([])
      .describe('Names that do not count; `*` stands for any text.'),
    'allow-none': z
      .boolean()
      .prefault(false)
      .describe('Let a commit through of which no check is asked at all.'),
  })
  .describe('Rolls up check runs and commit statuses. Pending, missing and unavailable are not green.');

export const ciStatusCheckSchema = config.transform((config) =>
  registered(config, async (context, subject) => {
    const facts = context.facts();
    const [runs, statuses, require] = await Promise.all([
      facts.checkRuns(subject.sha),
      facts.commitStatuses(subject.sha),
      requirementOf(config, facts),
    ]);
    const rules = { require, ignore: config.ignore, allowNone: config['allow-none'] };
    return decideCiStatus({ runs, statuses, asker: subject }, rules);
  }),
);

async function requirementOf(
  { require, branch: named }: z.output<typeof config>,
  facts: ForgeFacts,
): Promise<CiRequirement> {
  if (require === 'all') return { kind: 'all' };
  if (require !== 'required') return { kind: 'named', names: require };
  const name = named ?? (await facts.defaultBranch());
  const { checks } = await facts.branchRules(name);
  return { kind: 'required', checks, branch: name };
}

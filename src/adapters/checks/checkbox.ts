import { z } from 'zod';
import { decideCheckbox } from '../../core/checks/checkbox.ts';
import { branch } from './ci-status.ts';
import { frame, registered } from './frame.ts';
import { findPull } from './review.ts';

export const checkboxCheckSchema = z
  .strictObject({
    check: z.literal('checkbox').describe('A person has ticked an item.'),
    ...frame({ title: 'Ticked item', timeout: '30s' }),
    text: z.string().min(3).describe('Text of the item, or a part of it.'),
    issue: z
      .int()
      .min(1)
      .optional()
      .describe('The issue with the item. Default: the pull request that brought the commit.'),
    branch: branch.describe('The branch that the pull request went into. Default: the default branch.'),
  })
  .describe('Looks for a ticked item `- [x] …` in the body of the pull request or of an issue.')
  .transform((config) =>
    registered(config, async (context, subject) => {
      const facts = context.facts();
      if (config.issue !== undefined) {
        const { number, body, url } = await facts.issue(config.issue);
        return decideCheckbox({ body, url, label: `#${number}` }, config.text);
      }
      const base = config.branch ?? (await facts.defaultBranch());
      const pull = await findPull(facts, context, subject, base);
      if (pull !== null) return decideCheckbox({ ...pull, label: `#${pull.number}` }, config.text);
      return {
        status: 'fail',
        code: 'missing',
        observed: `no pull request has brought ${subject.sha.slice(0, 7)}`,
        expected: `"${config.text}" ticked in the pull request`,
        fix: 'name the issue with the item in `issue:`',
      };
    }),
  );

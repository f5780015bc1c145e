import { z } from 'zod';

const TITLE_LENGTH = 200;
const EVIDENCE_LENGTH = 10_000;

const words = (most: number) => z.string().trim().min(1, 'expected a few words').max(most);

/** Inputs of `task`. */
export const taskInputs = {
  task: words(200).describe(
    'What the task is, in a word that is always the same for it, such as the service, the version and the kind of work. Its issue is opened once.',
  ),
  title: words(TITLE_LENGTH).describe('Title of the issue.'),
  owner: z
    .string()
    .regex(
      /^@?[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})(?:\/[A-Za-z0-9._-]{1,100})?$/,
      'expected a user name, or organisation/team',
    )
    .transform((name) => name.replace(/^@/, ''))
    .describe('Who does it: a user, who is assigned, or `organisation/team`. Mentioned in the issue.'),
  steps: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== ''),
    )
    .describe('What is to be done, one step a line; each becomes a box to tick.'),
  evidence: z
    .string()
    .max(EVIDENCE_LENGTH)
    .default('')
    .describe('Why it is due: what happened, and where that is seen.'),
};

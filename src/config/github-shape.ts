import { z } from 'zod';

/** Labels of incident issues when the config names none. */
const DEFAULT_LABELS = ['deploy-canary'];

/** What people are shown on GitHub beside the ledger. */
export const githubShape = z
  .strictObject({
    deployments: z
      .boolean()
      .describe('Shows every rollout as a deployment. Needs `deployments: write`.')
      .prefault(true),
    statuses: z
      .boolean()
      .describe('Puts a status on the commit of every rollout. Needs `statuses: write`.')
      .prefault(true),
    incidents: z
      .boolean()
      .describe(
        'Opens one issue for every rollout that was rolled back under traffic. Needs `issues: write`.',
      )
      .prefault(true),
    labels: z
      .array(z.string().min(1).max(50))
      .max(20)
      .meta({ description: 'Labels of those issues.', examples: [DEFAULT_LABELS] })
      .prefault(DEFAULT_LABELS),
    url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .meta({
        description: 'Where the service is reached, for the link on the deployment. None when left out.',
        examples: ['https://booking.example'],
      }),
  })
  .describe(
    'What is shown on GitHub. With the ledger there everything is on by itself; with another ledger, only when this is written.',
  );

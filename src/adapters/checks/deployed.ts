import { z } from 'zod';
import { decideDeployed } from '../../core/checks/deployed.ts';
import { frame, registered, span } from './frame.ts';

export const deployedCheckSchema = z
  .strictObject({
    check: z.literal('deployed').describe('This commit was deployed to an earlier environment.'),
    ...frame({ title: 'Deployed before', timeout: '30s' }),
    environment: z
      .string()
      .min(1)
      .prefault('staging')
      .describe('The earlier environment, by its name on GitHub.'),
    'max-age': span('7d').prefault('7d').describe('How long ago it may be.'),
  })
  .describe('Looks for a successful GitHub Deployment of this commit that is still the one in place.')
  .transform((config) =>
    registered(config, async (context, { sha, now }) => {
      const facts = context.facts();
      const { environment } = config;
      const all = await facts.deployments(environment);
      const at = all.findIndex((one) => one.sha === sha);
      const newer = at < 0 ? all.slice(0, 1) : all.slice(0, at + 1);
      const deployments = await Promise.all(
        newer.map(async (one) => ({ ...one, statuses: await facts.deploymentStatuses(one.id) })),
      );
      return decideDeployed({ sha, environment, now, deployments }, config['max-age']);
    }),
  );

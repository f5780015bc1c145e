import { z } from 'zod';
import { decideGateStatus } from '../../core/checks/gate-status.ts';
import { frame, registered, span } from './frame.ts';

interface Gate<T extends string> {
  readonly check: T;
  readonly context: string;
  readonly title: string;
}

function gateSchema<T extends string>({ check, context: standard, title }: Gate<T>) {
  return z
    .strictObject({
      check: z.literal(check).describe(`${title} at this very commit.`),
      ...frame({ title, timeout: '30s' }),
      context: z.string().min(1).prefault(standard).describe('The commit status that the gate reports.'),
      'max-age': span('24h').prefault('24h').describe('How old its result may be.'),
      creator: z
        .string()
        .min(1)
        .meta({ examples: ['github-actions[bot]'] })
        .optional()
        .describe('Who must have reported it. Anybody who may write statuses, when left out.'),
    })
    .describe('Reads the result of another gate from its commit status.')
    .transform((config) =>
      registered(config, async (context, { sha, now }) => {
        const statuses = await context.facts().commitStatuses(sha);
        const rules = { context: config.context, maxAge: config['max-age'], creator: config.creator ?? null };
        return decideGateStatus(statuses, rules, now);
      }),
    );
}

export const e2eCheckSchema = gateSchema({
  check: 'e2e',
  context: 'deploy-canary/e2e-gate',
  title: 'E2E tests passing',
});

export const loadTestCheckSchema = gateSchema({
  check: 'load-test',
  context: 'deploy-canary/load-test',
  title: 'Performance tests passing',
});

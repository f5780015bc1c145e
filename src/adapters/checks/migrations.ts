import { z } from 'zod';
import { decideMigrations, type MigrationFacts } from '../../core/checks/migrations.ts';
import { AdapterError } from '../../ports/adapter-error.ts';
import type { CheckContext, DeployFacts } from '../../ports/check.ts';
import type { Migrations } from '../../ports/migrations.ts';
import { frame, registered } from './frame.ts';

export const migrationsCheckSchema = z
  .strictObject({
    check: z
      .literal('migrations')
      .describe('Migrations ran in an earlier environment, and the running version bears them.'),
    ...frame({ title: 'Migrations', timeout: '2m' }),
    service: z
      .string()
      .min(1)
      .optional()
      .describe('Name under `migrations:`. Needed where there are several.'),
    'tested-in': z
      .string()
      .min(1)
      .prefault('staging')
      .describe('The earlier environment, by its name under `deploy:`.'),
  })
  .describe(
    'The deployment of this very commit to an earlier environment succeeded and ran exactly these migrations; and what is new in them passes the rules of `migrations:` against the version that runs.',
  )
  .transform((config) =>
    registered(config, async (context, { sha, environment }, signal) => {
      const deploying = deployingOf(context);
      const service = serviceOf(deploying, config.service);
      const migrations = migrationsOf(deploying, service);
      const tested = config['tested-in'];
      const record = deploying.record(tested, service);
      if (record === null)
        throw refused(`\`deploy:\` to say how ${tested} is deployed`, `add it, or set \`tested-in\``);
      const history = await record.history(signal);
      const set = await migrations.at(sha, signal);
      const running = await runningCommit(context, deploying, environment, service, signal);
      const judged = await migrations.judge({ commit: sha, running }, signal);
      const facts: MigrationFacts = {
        sha,
        tested,
        deployed: history.find(({ state }) => state === 'success') ?? null,
        newest: history[0] ?? null,
        digest: set.files === 0 ? null : set.digest,
        judged,
      };
      return decideMigrations(facts);
    }),
  );

function deployingOf({ deploying }: CheckContext): DeployFacts {
  if (deploying !== undefined) return deploying;
  throw refused('`migrations:` in the configuration', 'add it');
}

function serviceOf({ services }: DeployFacts, wanted: string | undefined): string {
  const [only, second] = services;
  if (wanted !== undefined) return wanted;
  if (only !== undefined && second === undefined) return only;
  throw refused(`one service under \`migrations:\` (there are ${services.length})`, 'name it with `service`');
}

export function migrationsOf(deploying: DeployFacts, service: string): Migrations {
  const migrations = deploying.migrations(service);
  if (migrations !== null) return migrations;
  throw refused(`${service} under \`migrations:\` (${deploying.services.join(', ') || 'none'})`, 'add it');
}

/** The stable version of the ledger is what runs; without a ledger, what was deployed there last. */
export async function runningCommit(
  context: CheckContext,
  deploying: DeployFacts,
  environment: string,
  service: string,
  signal: AbortSignal,
): Promise<string | null> {
  const stable = (await context.ledger?.().newest(signal))?.record.stable?.version ?? null;
  if (stable !== null) {
    const commit = await deploying.commitOf(stable, signal);
    if (commit !== null) return commit;
    const cure = 'fetch the history with its tags: `actions/checkout` with `fetch-depth: 0`';
    throw new AdapterError(
      'preflight',
      'io',
      `expected the commit of the running version ${stable}, saw none here; ${cure}`,
      {
        retryable: false,
      },
    );
  }
  const history = (await deploying.record(environment, service)?.history(signal)) ?? [];
  return history.find(({ state }) => state === 'success')?.sha ?? null;
}

function refused(expected: string, fix: string): AdapterError {
  return new AdapterError('preflight', 'refused', `expected ${expected}, saw nothing; ${fix}`, {
    retryable: false,
  });
}

import { gitFiles } from './adapters/migrations/git-files.ts';
import { judgedMigrations } from './adapters/migrations/judged-migrations.ts';
import type { Config } from './config/config.ts';
import type { AdapterContext } from './ports/adapter-context.ts';
import type { DeployFacts } from './ports/check.ts';
import type { ForgeFacts } from './ports/forge-facts.ts';

/** What the configuration says of deployments and migrations, for whoever asks. */
export function deployFacts(
  { migrations, deploy }: Config,
  context: AdapterContext & { readonly facts: () => ForgeFacts },
): DeployFacts {
  const files = gitFiles(context, context.facts);
  return {
    services: Object.keys(migrations),
    migrations: (service) => {
      const spec = Object.hasOwn(migrations, service) ? migrations[service] : undefined;
      return spec === undefined ? null : judgedMigrations(spec, files, { ...context, service });
    },
    record: (environment, service) => {
      const plan = Object.hasOwn(deploy, environment) ? deploy[environment] : undefined;
      const links = { environment: null, log: null };
      return plan?.record.create({ ...context, service, environment }, links) ?? null;
    },
    commitOf: (version, signal) => files.resolve(version, signal),
  };
}

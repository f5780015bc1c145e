import { z } from 'zod';
import type { DeployService } from '../ports/deploy-service.ts';
import type { RegisteredRecord } from '../ports/deployment-record.ts';
import { KEBAB_PATTERN, NAME_PATTERN, name, webUrl } from './fields.ts';
import type { Telling } from './telling.ts';

export type ServiceSchema = z.ZodType<Omit<DeployService, 'name'>>;
export type RecordSchema = z.ZodType<RegisteredRecord>;

const RECORD: RegisteredRecord['type'] = 'github';

export interface DeploySchemas {
  readonly service: ServiceSchema;
  readonly record: RecordSchema;
}

/** What is deployed where, by the name of the environment. */
export function deployShape({ service, record }: DeploySchemas) {
  const place = z
    .strictObject({
      url: webUrl().optional().describe('Where people reach the environment; shown with the deployment.'),
      record: record
        .prefault(RECORD)
        .describe(
          'Where it is kept what was deployed. `github`, or `{ type: file, path: … }` on one machine.',
        ),
      services: z
        .record(name('a service name', 'back-end', KEBAB_PATTERN), service)
        .refine((services) => Object.keys(services).length > 0, {
          params: { expected: 'at least one service', fix: 'add `back-end:`' } satisfies Telling,
        })
        .describe('What is deployed, in this order. The first red phase stops what follows.'),
    })
    .describe('One environment.');
  return z
    .record(name('an environment name', 'staging', NAME_PATTERN), place)
    .describe('What `deploy` does, by environment.');
}

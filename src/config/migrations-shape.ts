import { z } from 'zod';
import { MIGRATION_RULES } from '../core/deploy/migration-rules.ts';
import type { MigrationSpec } from '../ports/migrations.ts';
import { expiry } from './checklist-shape.ts';
import { duration, KEBAB_PATTERN, name, program, reason, variable } from './fields.ts';
import { flawed } from './telling.ts';

const waiver = z.strictObject({
  file: z.string().min(1).describe('The file, from the root of the workspace.'),
  rule: z.enum(MIGRATION_RULES).describe('What is allowed: the rule that the finding names.'),
  object: z
    .string()
    .min(1)
    .optional()
    .describe('Only for this table or column, as the finding writes it. For all of the file when left out.'),
  person: z.string().min(2).max(100).describe('Who takes the responsibility.'),
  reason,
  expires: expiry.describe('The last day on which it holds, in UTC, or a time with its zone.'),
});

const patterns = z.union([
  z
    .string()
    .min(1)
    .transform((one) => [one]),
  z.array(z.string().min(1)).min(1),
]);

const service = z
  .strictObject({
    files: patterns
      .optional()
      .describe('Glob patterns of the migrations, from the root of the workspace: `db/migrations/*.sql`.'),
    dialect: z
      .enum(['postgresql', 'mysql', 'sqlite'])
      .optional()
      .describe('Whose SQL it is. None for migrations that are programs: then no rule can judge them.'),
    markers: z
      .enum(['dbmate', 'goose', 'sql-migrate'])
      .optional()
      .describe(
        'The tool whose comments mark the way back in the same file. All of a file is judged when left out.',
      ),
    baseline: z.string().min(1).optional().describe('Files up to this path are not judged: they ran before.'),
    compatible: program()
      .optional()
      .describe(
        'Program that says with exit code 0 that the running version bears the migrations. It sees DEPLOY_CANARY_SHA and DEPLOY_CANARY_RUNNING_SHA.',
      ),
    'env-from': z.array(variable).prefault([]).describe('Names of variables that `compatible` is handed.'),
    timeout: duration({ description: 'How long `compatible` may run.', example: '5m' }).prefault('5m'),
    waivers: z.array(waiver).max(200).prefault([]).describe('What a person has looked at and answers for.'),
  })
  .superRefine((config, context) => {
    const refuse = (key: string, expected: string, fix: string): void =>
      context.addIssue({ ...flawed({ expected, fix }), path: [key] });
    if (config.dialect === undefined && config.files?.some((one) => /\.sql$/i.test(one)) === true)
      refuse('dialect', '`dialect` with SQL files', 'add `dialect: postgresql`, `mysql` or `sqlite`');
    if (config.files === undefined && config.compatible === undefined)
      refuse('files', '`files` or `compatible`', 'add `files: db/migrations/*.sql`');
  });

/** How the migrations of each service are judged, by the name of the service. */
export const migrationsShape = z
  .record(name('a service name', 'back-end', KEBAB_PATTERN), service)
  .describe(
    'Migrations, by service: what `deploy`, and the checks `migrations` and `rollback-plan`, judge by the same rules.',
  );

export type MigrationsShape = z.output<typeof migrationsShape>;

export function toMigrations(shape: MigrationsShape): Readonly<Record<string, MigrationSpec>> {
  return Object.fromEntries(
    Object.entries(shape).map(([key, one]) => [
      key,
      {
        name: key,
        files: one.files ?? [],
        dialect: one.dialect ?? null,
        markers: one.markers ?? null,
        baseline: one.baseline ?? null,
        waivers: one.waivers.map((each) => ({ ...each, object: each.object ?? null })),
        compatible:
          one.compatible === undefined
            ? null
            : { argv: one.compatible, envFrom: one['env-from'], timeout: one.timeout },
      },
    ]),
  );
}

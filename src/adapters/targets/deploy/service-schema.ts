import { z } from 'zod';
import type { Assertion } from '../../../core/checks/http.ts';
import type { RegisteredCheck } from '../../../ports/check.ts';
import type { DeployService, MigrateSteps, Step } from '../../../ports/deploy-service.ts';
import { argv, duration, envName, refuse } from '../command-schema.ts';
import { healthSchema, healthVerification, KNOWN, placeUrl } from './health.ts';
import { programStep, type Surroundings } from './program.ts';
import { servedSchema, servedVerification } from './served.ts';

/** A service, before it has its name in the config. */
export type UnnamedService = Omit<DeployService, 'name'>;

/** What a service of a deployment may use that other adapters define. */
export interface ServiceParts {
  readonly checks: readonly [
    z.core.$ZodTypeDiscriminable & z.ZodType<RegisteredCheck>,
    ...(z.core.$ZodTypeDiscriminable & z.ZodType<RegisteredCheck>)[],
  ];
  readonly assertion: z.ZodType<Assertion>;
}

const PLACEHOLDERS = 'No shell reads it. Takes {version}, {service} and {environment}.';

/** One program, or several that run one after the other. */
function programs(description: string) {
  const one = argv(KNOWN).transform((single) => [single]);
  const several = z.array(argv(KNOWN)).min(1).max(20);
  return z
    .union(
      [one, several],
      'expected a list of a program and its arguments, or a list of such lists; write each word as an item of its own, such as `[./deploy.sh, "{version}"]`',
    )
    .describe(`${description} ${PLACEHOLDERS}`);
}

const migrate = z
  .strictObject({
    run: argv(KNOWN).describe(
      `Program that brings the database up to date; done twice it must do no more than once. ${PLACEHOLDERS}`,
    ),
    'dry-run': argv(KNOWN)
      .optional()
      .describe('Program that says what would be done, and changes nothing. Runs first.'),
    state: argv(KNOWN)
      .optional()
      .describe('Program that says in which state the database is. Runs after a migration that failed.'),
  })
  .describe(
    'Migrations run before the new version starts: a failure leaves the old version in place. Which files they are, `migrations` says.',
  );

const common = {
  env: z
    .record(envName, z.string())
    .prefault({})
    .describe(
      'Environment of the programs. PATH, HOME and DEPLOY_CANARY_* are always there, nothing else is.',
    ),
  'env-from': z
    .array(envName)
    .prefault([])
    .describe('Names of variables to hand on from the environment of this run, secrets for example.'),
  'working-directory': z.string().min(1).prefault('.').describe('Where the programs run.'),
  timeout: duration('10m')
    .prefault('10m')
    .describe('How long one program may run; then it is ended with all its children.'),
};

/** One service of a deployment: the phases that it has, in the order in which they run. */
export function serviceSchema({ checks, assertion }: ServiceParts) {
  return z
    .strictObject({
      url: placeUrl.optional().describe('Where people reach it. Default: the `url` of the environment.'),
      migrate: migrate.optional(),
      deploy: programs(
        'Program, or programs, that make {version} run: they update an image, or build and upload.',
      ).optional(),
      track: programs(
        'Program, or programs, that hand {version} on: to the internal track of an app store.',
      ).optional(),
      health: healthSchema(assertion).optional(),
      served: servedSchema.optional(),
      smoke: z
        .array(z.discriminatedUnion('check', checks))
        .max(50)
        .prefault([])
        .describe('Checks of the running version, such as `http` and `command`; all must be green.'),
      ...common,
    })
    .superRefine((config, context) => {
      if (config.deploy === undefined && config.track === undefined)
        refuse(context, 'a program in `deploy` or in `track`', 'add `deploy: [./deploy.sh, "{version}"]`', {
          path: ['deploy'],
        });
      if (config.deploy !== undefined && config.health === undefined && config.served === undefined)
        refuse(context, '`health` or `served`, to see that the new version answers', 'add one of them', {
          path: ['health'],
        });
    })
    .transform((config): UnnamedService => {
      const around: Surroundings = {
        env: config.env,
        envFrom: config['env-from'],
        workingDirectory: config['working-directory'],
        timeout: config.timeout,
      };
      const step = (program: readonly string[]): Step => programStep(program, around);
      const { health, served } = config;
      return {
        url: config.url ?? null,
        migrate: config.migrate === undefined ? null : migrateSteps(config.migrate, step),
        deploy: (config.deploy ?? []).map(step),
        track: (config.track ?? []).map(step),
        verify: [
          ...(health === undefined ? [] : [healthVerification(health)]),
          ...(served === undefined ? [] : [servedVerification(served)]),
        ],
        smoke: config.smoke,
      };
    });
}

function migrateSteps(
  { run, 'dry-run': dryRun, state }: z.output<typeof migrate>,
  step: (program: readonly string[]) => Step,
): MigrateSteps {
  return {
    run: step(run),
    dryRun: dryRun === undefined ? null : step(dryRun),
    state: state === undefined ? null : step(state),
  };
}

import { z } from 'zod';
import { DEFAULT_COMPARISON } from '../core/analysis/comparison/rules.ts';
import type { RegisteredAcceptedRuns } from '../ports/accepted-runs.ts';
import type { Registered } from '../ports/adapter-context.ts';
import type { DeployTarget } from '../ports/deploy-target.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { RegisteredGenerator } from '../ports/load-generator.ts';
import type { RegisteredMetrics } from '../ports/metrics-provider.ts';
import type { Notifier } from '../ports/notifier.ts';
import type { TrafficRouter } from '../ports/traffic-router.ts';
import { type CheckSchemas, checklistsShape, waiversShape } from './checklist-shape.ts';
import { type DeploySchemas, deployShape } from './deploy-shape.ts';
import { e2eShape } from './e2e-shape.ts';
import { duration, KEBAB_PATTERN, NAME_PATTERN, name, selectors } from './fields.ts';
import { githubShape } from './github-shape.ts';
import { judgeOrOff } from './judge-shape.ts';
import { kpiShape } from './kpi-shape.ts';
import { loadTestsShape } from './load-test-shape.ts';
import { migrationsShape } from './migrations-shape.ts';
import { planOverrideShape, planShape } from './plan-shape.ts';
import type { Telling } from './telling.ts';

/** A schema with a literal `type`, whose output makes the adapter. */
export type AdapterSchema<T> = z.ZodType<T> & z.core.$ZodTypeDiscriminable;
type AdapterSchemas<T> = readonly [AdapterSchema<T>, ...AdapterSchema<T>[]];

/** Everything that can be named by `type:` in the config. */
export interface RegisteredSchemas {
  readonly routers: AdapterSchemas<Registered<TrafficRouter>>;
  readonly targets: AdapterSchemas<Registered<DeployTarget>>;
  readonly metrics: AdapterSchemas<RegisteredMetrics>;
  readonly ledgers: AdapterSchemas<Registered<Ledger>>;
  readonly notifiers: AdapterSchemas<Registered<Notifier>>;
  readonly checks: CheckSchemas;
  readonly generators: AdapterSchemas<RegisteredGenerator>;
  readonly acceptedRuns: AdapterSchemas<RegisteredAcceptedRuns>;
  readonly deploy: DeploySchemas;
}

function environmentShape(registered: RegisteredSchemas) {
  return z
    .strictObject({
      router: z.discriminatedUnion('type', registered.routers).describe('What splits the traffic.'),
      target: z.discriminatedUnion('type', registered.targets).describe('What runs the versions.'),
      metrics: z.discriminatedUnion('type', registered.metrics).describe('What answers the KPI queries.'),
      ledger: z.discriminatedUnion('type', registered.ledgers).describe('Where the record is kept.'),
      lease: duration({
        description:
          'How long the router keeps a weight that nobody renews. At least three ticks, so that one lost renewal harms nobody.',
        example: '60s',
        min: 150,
        max: 3_600_000,
      }).prefault('60s'),
      retire: retireShape,
      'share-tolerance': shareToleranceShape,
      notifications: z
        .array(z.discriminatedUnion('type', registered.notifiers))
        .max(20)
        .describe('Who is told how a rollout ended.')
        .prefault([]),
      github: githubShape.optional(),
      comparison: comparisonShape.optional(),
      judge: judgeOrOff.optional(),
      plan: planOverrideShape.optional(),
    })
    .describe('One place where the service runs.');
}

const retireShape = z
  .strictObject({
    promoted: z
      .enum(['keep', 'stop'])
      .describe('The previous version after a promotion. Kept, it can take traffic back in one shift.')
      .prefault('keep'),
    aborted: z
      .enum(['keep', 'stop'])
      .describe('The canary after an abort. Kept, it can be looked into.')
      .prefault('keep'),
  })
  .describe('What happens to the slot that no longer serves.')
  .prefault({});

const shareToleranceShape = z
  .union([z.number().gt(0).max(50), z.literal('off')])
  .optional()
  .meta({
    description:
      'How many points the observed share may be off the weight, or `off`. Needs `traffic`. Default: 5.',
    examples: [5],
  });

const comparisonShape = z
  .union([
    z.strictObject({
      alpha: z
        .number()
        .gt(0)
        .max(0.2)
        .meta({
          description:
            'Chance of a false abort in the whole rollout, over all KPIs, steps and looks. Smaller is slower. Default: 0.01.',
          examples: [0.01],
        })
        .prefault(DEFAULT_COMPARISON.alpha),
      pace: z
        .number()
        .min(0.001)
        .max(1)
        .meta({
          description:
            'How fast a version warms up, against real life: 0.1 in a plan whose minutes are six seconds. Default: 1.',
          examples: [1],
        })
        .prefault(DEFAULT_COMPARISON.pace),
    }),
    z.literal('off'),
  ])
  .meta({
    description:
      'The comparison of the canary with stable, tick by tick, that ends the rollout once chance is ruled out; or `off`. Covers every per-arm ratio and quantile KPI.',
  });

/** The file as it is written, each value parsed on its own; what must hold between values comes after. */
export function fileShape(registered: RegisteredSchemas) {
  return z.strictObject({
    version: z.literal(1).describe('Version of this file format.'),
    service: name('a service name', 'booking-api', KEBAB_PATTERN).meta({
      description: 'What is rolled out. Part of every record: changing it starts a new history.',
      examples: ['booking-api'],
    }),
    kpis: z
      .array(kpiShape)
      .min(1)
      .max(50)
      .optional()
      .describe('What is watched, and where a rollout must end. Needed with `environments`.'),
    traffic: selectors(
      'Counter of all requests by slot, for the share of traffic really observed. Not watched when left out.',
      'http_requests_total',
    ).optional(),
    comparison: comparisonShape.optional(),
    judge: judgeOrOff.optional(),
    plan: planShape.prefault({}),
    checklists: checklistsShape(registered.checks).prefault({}),
    waivers: waiversShape,
    'load-tests': loadTestsShape(registered).optional(),
    deploy: deployShape(registered.deploy).optional(),
    migrations: migrationsShape.optional(),
    e2e: e2eShape.optional(),
    environments: z
      .record(name('an environment name', 'production', NAME_PATTERN), environmentShape(registered))
      .refine((environments) => Object.keys(environments).length > 0, {
        params: { expected: 'at least one environment', fix: 'add `production:`' } satisfies Telling,
      })
      .optional()
      .describe('Where the service runs, by name. A file for gates alone needs none.'),
  });
}

export type FileShape = z.output<ReturnType<typeof fileShape>>;
export type EnvironmentShape = NonNullable<FileShape['environments']>[string];

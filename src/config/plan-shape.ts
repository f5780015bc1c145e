import { z } from 'zod';
import { DEFAULT_RECORD_BUDGET, DEFAULT_STEPS } from '../core/rollout/plan.ts';
import { formatDuration } from '../core/units.ts';
import { duration } from './fields.ts';

const step = z
  .strictObject({
    weight: z
      .number()
      .gt(0)
      .max(100)
      .meta({ description: "Canary's share of traffic in percent.", examples: [10] }),
    bake: duration({
      description: 'How long the weight is held under watch before the next step.',
      example: '30m',
      min: 50,
    }),
    'max-bake': duration({
      description:
        'The longest the bake may be extended to while evidence is missing. Default: half as long again; at 100 % the bake itself.',
      example: '45m',
      min: 50,
    }).optional(),
    require: z
      .literal('non-inferior')
      .describe(
        'The bake passes only once the canary is proven no worse than stable, by the comparison; otherwise it is extended to `max-bake`, and then `on-inconclusive` decides.',
      )
      .optional(),
    'promote-early': duration({
      description:
        'Ends the bake once the canary is proven no worse than stable and is not suspected, but never before this much of it is served. Default: never early.',
      example: '10m',
      min: 50,
    }).optional(),
  })
  .describe('One weight, held for one bake.');

const fields = {
  steps: z.array(step).min(1).max(50).describe('Weights to go through, in order.'),
  tick: duration({
    description: 'Time between two looks at the metrics.',
    example: '10s',
    min: 50,
    max: 60_000,
  }),
  checkpoint: duration({
    description: 'How often served bake and evidence are saved for a resume.',
    example: '15m',
    min: 50,
  }),
  'on-inconclusive': z
    .enum(['abort', 'promote'])
    .describe('What happens when the longest bake ends without enough evidence.'),
  mode: z
    .enum(['watched', 'parked'])
    .describe(
      'Whether a job watches every bake from beginning to end, or only its beginning; `reconcile` then looks at the rest in hindsight and goes on. `parked` needs metrics that keep a history.',
    ),
};

const parked = {
  watch: duration({
    description: 'How long each step is watched before it is left alone.',
    example: '2m',
    min: 50,
  }),
  grace: duration({
    description:
      'How long after the end of a bake somebody must have come back to it. After that the router takes traffic home where it has leases, and `reconcile` does where it has none.',
    example: '30m',
    min: 50,
    max: 43_200_000,
  }),
};

const PARKED = 'How a bake is left alone, in the mode `parked`.';

const budgets = {
  deploy: duration({
    description: 'Deploying the canary and waiting until it is healthy.',
    example: '10m',
    min: 1,
  }),
  shift: duration({ description: 'One weight shift, read back, with its retries.', example: '30s', min: 1 }),
  verify: duration({
    description: 'Checking what serves after promotion or abort.',
    example: '2m',
    min: 1,
  }),
  abort: duration({
    description: 'Bringing traffic home, before the rollout is left open for `reconcile`.',
    example: '2m',
    min: 1,
  }),
  hold: duration({
    description:
      'How long an unhealthy environment, or a KPI that says nothing, may hold a step before the rollout gives up.',
    example: '5m',
  }),
  record: duration({
    description:
      'How long a bake may go on while the ledger cannot be written, before the rollout gives up. A rise is never made without it: it waits, for as long as `hold` allows.',
    example: '10m',
  }),
};

const BUDGETS = 'Time set aside for everything that is not a bake.';

/** The file's own plan: every key has a default, which are the handbook's steps. */
export const planShape = z
  .strictObject({
    steps: fields.steps.prefault(
      DEFAULT_STEPS.map(({ weight, bake, maxBake }) => ({
        weight,
        bake: formatDuration(bake),
        'max-bake': formatDuration(maxBake),
      })),
    ),
    tick: fields.tick.prefault('10s'),
    checkpoint: fields.checkpoint.prefault('15m'),
    'on-inconclusive': fields['on-inconclusive'].prefault('abort'),
    mode: fields.mode.prefault('watched'),
    parked: z
      .strictObject({ watch: parked.watch.prefault('2m'), grace: parked.grace.prefault('30m') })
      .describe(PARKED)
      .prefault({}),
    budgets: z
      .strictObject({
        deploy: budgets.deploy.prefault('10m'),
        shift: budgets.shift.prefault('30s'),
        verify: budgets.verify.prefault('2m'),
        abort: budgets.abort.prefault('2m'),
        hold: budgets.hold.prefault('5m'),
        record: budgets.record.prefault(formatDuration(DEFAULT_RECORD_BUDGET)),
      })
      .describe(BUDGETS)
      .prefault({}),
  })
  .describe('How the canary gets its traffic.');

/** An environment's plan: only the keys that differ. */
export const planOverrideShape = z
  .strictObject({
    ...fields,
    parked: z.strictObject(parked).partial().describe(PARKED),
    budgets: z.strictObject(budgets).partial().describe(BUDGETS),
  })
  .partial()
  .describe('The keys of `plan` that differ in this environment; `steps` are replaced as a whole.');

export type PlanShape = z.output<typeof planShape>;
export type PlanOverrideShape = z.output<typeof planOverrideShape>;

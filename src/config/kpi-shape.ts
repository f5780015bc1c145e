import { z } from 'zod';
import { duration, KEBAB_PATTERN, limit, name, selector, selectors } from './fields.ts';
import { policyShape } from './policy-shape.ts';

const HOUR = 3_600_000;

const noData = z
  .strictObject({
    budget: duration({ description: 'How long it may say nothing.', example: '2m' }).prefault('2m'),
    // biome-ignore lint/suspicious/noThenProperty: the word of the config, on an object that nobody awaits
    then: z
      .enum(['abort', 'wait', 'pass-with-warning'])
      .describe(
        'What to do when the budget is spent: end the rollout, hold the step as long as `plan.budgets.hold` allows, or go on without this KPI.',
      )
      .prefault('abort'),
  })
  .describe('What to do while the KPI says nothing: silence is not health.')
  .prefault({});

const identity = {
  id: name('an id', 'error-rate', KEBAB_PATTERN).meta({
    description: 'Stable name of the KPI, in kebab-case. Results and records carry it.',
    examples: ['error-rate'],
  }),
  title: z
    .string()
    .min(1)
    .max(80)
    .optional()
    .meta({ description: 'Name for people. Default: made from the id.', examples: ['Error rate'] }),
};

const watching = {
  scope: z
    .enum(['per-arm', 'shared'])
    .describe('`per-arm`: each version has a value of its own. `shared`: one value for the environment.')
    .prefault('per-arm'),
  'warm-up': duration({
    description: 'Time at the start of a step in which the KPI accuses nobody.',
    example: '60s',
  }).prefault('0s'),
  'no-data': noData,
  'error-budget': duration({
    description: 'How long its metrics may fail to answer before the rollout ends.',
    example: '2m',
  }).prefault('2m'),
};

const holding = duration({
  description:
    'How long the KPI must stay beyond `alert` before it ends the rollout; `0s` means at once. Either this or `policy`. Default: 5m.',
  example: '5m',
  max: 24 * HOUR,
}).optional();

const window = duration({
  description: "The KPI's value is taken over this trailing window.",
  example: '60s',
  min: 50,
  max: HOUR,
}).prefault('60s');

const minSamples = z
  .number()
  .int()
  .min(0)
  .max(1_000_000_000)
  .meta({
    description:
      'Events that the canary must have shown before the KPI may accuse it, or a bake may pass. (`never` accuses at the first; the comparison with stable weighs what it has.)',
    examples: [50],
  })
  .prefault(50);

const counted = { for: holding, policy: policyShape, window, 'min-samples': minSamples, ...watching };

function target(example: string) {
  return limit('Where the KPI should be. Shown to people; `alert` decides.', [example]).optional();
}

function alert(example: string) {
  return limit('Where the rollout must end, once the KPI has stayed beyond it `for` long enough.', [example]);
}

const total = selectors(
  'Counter of all events: a selector, or a list that is added up.',
  'http_requests_total',
);

const ratio = z
  .strictObject({
    type: z.literal('ratio'),
    ...identity,
    bad: selectors(
      'Counter of bad events; the limits then speak of the bad share. Either this or `good`.',
      'http_requests_total{code=~"5.."}',
    ).optional(),
    good: selectors(
      'Counter of good events; the limits then speak of the good share. Either this or `bad`.',
      'bookings_total{outcome="success"}',
    ).optional(),
    total,
    target: target('<= 1 %'),
    alert: alert('> 2 %'),
    ...counted,
  })
  .describe('A share of events, from two counters.');

const quantile = z
  .strictObject({
    type: z.literal('quantile'),
    ...identity,
    quantile: z
      .number()
      .gt(0)
      .lt(1)
      .meta({ description: 'Which quantile, between 0 and 1: 0.95 is the P95.', examples: [0.95] })
      .prefault(0.95),
    histogram: selector('A classic histogram, named without `_bucket`.', 'http_request_duration_seconds'),
    'histogram-unit': z
      .enum(['s', 'ms', 'number'])
      .describe('What its buckets are in. Default: told by the suffix `_seconds` or `_milliseconds`.')
      .optional(),
    target: target('<= 500 ms'),
    alert: alert('> 800 ms'),
    ...counted,
  })
  .describe('A quantile of a histogram, such as a P95 latency.');

const gauge = z
  .strictObject({
    type: z.literal('gauge'),
    ...identity,
    value: selector('The gauge; the largest over all instances counts.', 'db_pool_connections_in_use'),
    'divided-by': selector('Another gauge to divide it by.', 'db_pool_connections_max').optional(),
    unit: z
      .enum(['ratio', 'percent', 's', 'ms', 'number'])
      .describe(
        'What the value is in. Default: `ratio` with `divided-by`, else told by the suffix `_ratio`, `_percent`, `_seconds` or `_milliseconds`, else `number`.',
      )
      .optional(),
    target: target('<= 80 %'),
    alert: alert('> 90 %'),
    for: holding,
    policy: policyShape,
    ...watching,
  })
  .describe('A value as it is, such as connections in use.');

const never = z
  .strictObject({
    type: z.literal('never'),
    ...identity,
    bad: selectors(
      'Counter of events of which not one may happen.',
      'http_requests_total{route="/bookings",code=~"5.."}',
    ),
    total: selectors(
      'Counter of everything that could have become one. It tells "none happened" from "nobody looked".',
      'http_requests_total{route="/bookings"}',
    ),
    alert: limit('Always `> 0`; may be left out.', ['> 0']).optional(),
    for: duration({
      description: 'How long one such event is held against the version that caused it.',
      example: '5m',
      min: 50,
      max: 24 * HOUR,
    }).prefault('5m'),
    'min-samples': minSamples,
    ...watching,
  })
  .describe('Events of which not one may happen.');

export const kpiShape = z.discriminatedUnion('type', [ratio, quantile, gauge, never]);
export type KpiShape = z.output<typeof kpiShape>;

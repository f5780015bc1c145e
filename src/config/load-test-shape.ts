import { z } from 'zod';
import type { Comparator } from '../core/analysis/kpi.ts';
import { FOLDS } from '../core/load/load-test.ts';
import type { RegisteredAcceptedRuns } from '../ports/accepted-runs.ts';
import type { RegisteredGenerator } from '../ports/load-generator.ts';
import type { RegisteredMetrics } from '../ports/metrics-provider.ts';
import { duration, limit, NAME_PATTERN, name, webUrl } from './fields.ts';
import type { LimitUnit, WrittenLimit } from './limit.ts';
import { flawed } from './telling.ts';

type Schemas<T> = readonly [
  z.ZodType<T> & z.core.$ZodTypeDiscriminable,
  ...(z.ZodType<T> & z.core.$ZodTypeDiscriminable)[],
];

/** What a load test can name by `type:`. */
export interface LoadTestSchemas {
  readonly generators: Schemas<RegisteredGenerator>;
  readonly metrics: Schemas<RegisteredMetrics>;
  readonly acceptedRuns: Schemas<RegisteredAcceptedRuns>;
}

const DAY = 86_400_000;

/** A limit of which only some comparators and units make sense. */
function limitOf(
  description: string,
  example: string,
  comparators: readonly Comparator[],
  units: readonly LimitUnit[],
) {
  return limit(description, [example]).superRefine((written: WrittenLimit, context) => {
    if (comparators.includes(written.comparator) && units.includes(written.unit)) return;
    context.addIssue(flawed({ expected: `a limit such as '${example}'`, fix: `write it like '${example}'` }));
  });
}

const MOST = ['<=', '<'] as const;

function percent(description: string, standard: number) {
  return z
    .number()
    .min(0)
    .max(100)
    .meta({ examples: [standard] })
    .describe(description);
}

const RATE = /^\s*(\d+(?:\.\d+)?)\s*(?:rps|\/s|requests\/s)\s*$/;

const rate = z
  .string()
  .meta({ pattern: RATE.source, examples: ['42 rps'] })
  .transform((text, context): number => {
    const amount = Number(RATE.exec(text)?.[1] ?? Number.NaN);
    if (amount > 0) return amount;
    context.addIssue(flawed({ expected: 'a rate above 0 such as 42 rps', fix: 'write it like `42 rps`' }));
    return z.NEVER;
  });

const normal = z.union([
  rate,
  z.strictObject({
    query: z
      .string()
      .min(1)
      .meta({ examples: ['sum(rate(http_requests_total[5m]))'] })
      .describe('What the metrics provider is asked: requests a second, as one series.'),
    over: duration({
      description: 'Over how long, up to now.',
      example: '7d',
      min: 1_000,
      max: 90 * DAY,
    }).prefault('7d'),
    take: z.enum(FOLDS).prefault('mean').describe('Which of the values counts as normal.'),
  }),
]);

const VERSION =
  'expected a map with `url`, or `report`, or `off`; write `version: off` where nobody is to be asked';

const version = z.union(
  [
    z
      .strictObject({
        url: webUrl().describe('What is asked before, during and after the load.'),
        field: z
          .string()
          .min(1)
          .optional()
          .meta({ examples: ['version'] })
          .describe('Where the version stands in the JSON of the answer: `version`, `/build/version`.'),
        header: z.string().min(1).optional().describe('The header that holds the version.'),
      })
      .superRefine(({ field, header }, context) => {
        if ((field === undefined) !== (header === undefined)) return;
        const seen = field === undefined ? 'neither' : 'both';
        context.addIssue(flawed({ expected: '`field` or `header`', seen, fix: 'name one of the two' }));
      }),
    z.enum(['report', 'off']),
  ],
  VERSION,
);

const QUANTILE = /^p\d{1,2}(\.\d{1,3})?$/;

const latency = z
  .record(
    z.string().refine((text) => QUANTILE.test(text) && Number(text.slice(1)) > 0, {
      params: { expected: 'a percentile such as p95', fix: 'write it like `p95`' },
    }),
    limitOf('Limit of that percentile.', '<= 500 ms', MOST, ['ms', 's', 'm']),
  )
  .prefault({ p95: '<= 500 ms' })
  .describe('Limits of latency, by percentile, such as `p95`. Judged at their worst.');

const resource = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(60)
    .meta({ examples: ['Database connections'] })
    .describe('Name for people; its id is made of it.'),
  query: z
    .string()
    .min(1)
    .meta({ examples: ['max(db_connections_used_ratio)'] })
    .describe(
      'What the metrics provider is asked, for the time of the load. A share is a number from 0 to 1.',
    ),
  limit: limitOf('Where it must stay. `%` is for a share.', '<= 80 %', ['<=', '<', '>=', '>'], ['%', '']),
  take: z.enum(FOLDS).prefault('max').describe('Which of the values counts; of several series, the worst.'),
});

const regression = z
  .strictObject({
    latency: percent('How many percent each percentile may be higher.', 20).prefault(20),
    throughput: percent('How many percent the rate may be lower.', 10).prefault(10),
    errors: percent('How many points the share of errors may be higher.', 0.5).prefault(0.5),
  })
  .describe(
    'Against the last accepted run. A run is accepted when everything is green, without waivers and warnings.',
  );

const omission = z
  .strictObject({
    tolerance: percent('How many percent of what was due may have gone unsent.', 5).prefault(5),
    severity: z.enum(['block', 'warn']).prefault('block').describe('`warn` lets the gate open, and says so.'),
  })
  .prefault({})
  .describe('Coordinated omission: requests that waited for slow answers and hide how slow those were.');

function loadTestShape({ generators, metrics, acceptedRuns }: LoadTestSchemas) {
  return z
    .strictObject({
      generate: z
        .discriminatedUnion('type', generators)
        .optional()
        .describe('What makes the load. Left out, only reports are read.'),
      reports: z
        .array(
          z
            .string()
            .min(1)
            .meta({ examples: ['load/*.json'] }),
        )
        .min(1)
        .max(20)
        .optional()
        .describe('Where reports of load tests lie, each a path or a pattern. Each pattern must match.'),
      'max-age': duration({
        description: 'How long ago the load of a report may have ended.',
        example: '1h',
        min: 1_000,
      }).prefault('1h'),
      metrics: z
        .discriminatedUnion('type', metrics)
        .optional()
        .describe('Who answers `normal` and `resources`. Default: that of the environment of the same name.'),
      normal: normal.describe(
        'Normal traffic: a rate such as `42 rps`, or a question to the metrics provider.',
      ),
      times: z
        .number()
        .gt(0)
        .max(1_000)
        .prefault(10)
        .describe('How many times normal traffic must be borne.'),
      hold: duration({ description: 'For how long without a break.', example: '5m', min: 1_000 }).prefault(
        '5m',
      ),
      dip: percent('How many percent the rate may fall below for a twentieth of the hold.', 5).prefault(5),
      version: version.describe('Who says which version was under load; `off` does not ask.'),
      latency,
      errors: limitOf('Of all requests.', '<= 1 %', MOST, ['%']).prefault('<= 1 %'),
      checks: limitOf(
        'How often each check of the script must hold.',
        '>= 99 %',
        ['>=', '>'],
        ['%'],
      ).optional(),
      'min-requests': z.int().min(1).prefault(1_000).describe('Fewer requests prove nothing.'),
      'coordinated-omission': omission,
      resources: z
        .array(resource)
        .max(30)
        .prefault([])
        .describe('What the system may use while it is under load.'),
      accepted: z
        .discriminatedUnion('type', acceptedRuns)
        .optional()
        .describe('Where accepted runs are kept. Needed with `regression`.'),
      regression: regression.optional(),
    })
    .describe('One load test.');
}

export function loadTestsShape(schemas: LoadTestSchemas) {
  return z
    .record(name('a name of a load test', 'staging', NAME_PATTERN), loadTestShape(schemas))
    .describe(
      'Load that must be borne before a change goes on, by name; the default is the name of the environment.',
    );
}

export type LoadTestShape = z.output<ReturnType<typeof loadTestsShape>>[string];

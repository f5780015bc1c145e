import { z } from 'zod';
import { OTHER_FINDINGS } from '../core/e2e/evaluate.ts';
import type { TestPattern } from '../core/e2e/pattern.ts';
import type { E2eSuite, FlakyBudget } from '../core/e2e/suite.ts';
import { expiry } from './checklist-shape.ts';
import { duration, KEBAB_PATTERN, NAME_PATTERN, name, program, reason, variable } from './fields.ts';
import { flawed, type Telling } from './telling.ts';
import { readTestPattern } from './test-pattern.ts';

const DAY = 86_400_000;

const pattern = z
  .string()
  .min(1)
  .max(300)
  .meta({
    examples: ['Customer booking *', 'file:e2e/payments/*', 'tag:@booking', '/pays? (by|with) card/i'],
  })
  .transform((text, context): TestPattern => {
    const read = readTestPattern(text);
    if (read.ok) return read.pattern;
    context.addIssue(flawed({ expected: read.expected, fix: read.fix }));
    return z.NEVER;
  });

const flowId = name('the id of a flow', 'customer-booking', KEBAB_PATTERN).refine(
  (text) => !OTHER_FINDINGS.some((taken) => taken === text),
  {
    params: {
      expected: `an id that is not one of ${OTHER_FINDINGS.join(', ')}, which the gate uses itself`,
      fix: 'rename the flow',
    } satisfies Telling,
  },
);

const flow = z
  .strictObject({
    title: z.string().min(1).max(80).optional().describe('Name for people. Default: the id in words.'),
    tests: z
      .array(pattern)
      .min(1)
      .max(50)
      .describe(
        'Which tests are of this flow: names, suites, whole names with ` › ` between their parts, files or tags, with `*` for anything, or a regular expression of RE2 between slashes. `name:`, `suite:`, `file:` and `tag:` narrow a pattern to that. Each pattern must match a test.',
      ),
    'min-tests': z.number().int().min(1).max(10_000).prefault(1).describe('How many of them must have run.'),
  })
  .describe('A way through the product that must be proven.');

const BUDGET = /^(\d{1,4})$|^(\d{1,2}(?:\.\d{1,2})?)\s*%$/;

const BUDGET_FIX = "write a count such as 3, or a part of the tests that ran such as '2 %'";

const budget = z
  .union([z.number(), z.string()], `expected a number of tests, or a percentage; ${BUDGET_FIX}`)
  .meta({ examples: [0, 3, '2 %'] })
  .transform((written, context): FlakyBudget => {
    const [, count, percent] = BUDGET.exec(String(written).trim()) ?? [];
    if (count !== undefined) return { kind: 'count', most: Number(count) };
    if (percent !== undefined) return { kind: 'percent', most: Number(percent) };
    context.addIssue(flawed({ expected: 'a number of tests, or a percentage', fix: BUDGET_FIX }));
    return z.NEVER;
  });

const quarantine = z
  .strictObject({
    tests: pattern.describe('Which tests, as in a flow.'),
    owner: z.string().min(2).max(100).describe('Who repairs them.'),
    reason,
    expires: expiry.describe(
      'The last day on which it holds, in UTC, or a time with its zone. After it the gate fails and says so.',
    ),
  })
  .describe('Tests that may fail for a while. They are shown, and stand for no flow.');

const runner = {
  run: program()
    .optional()
    .describe(
      'Program and arguments that run the tests first. No shell reads them. DEPLOY_CANARY_SHA, DEPLOY_CANARY_VERSION, DEPLOY_CANARY_ENVIRONMENT and DEPLOY_CANARY_SERVICE tell it what it is about. Left out, the reports are those of another step.',
    ),
  env: z
    .record(variable, z.string())
    .prefault({})
    .describe('Environment of the program. PATH, HOME and CI are handed on.'),
  'env-from': z
    .array(variable)
    .prefault([])
    .describe('Names of variables to hand on from the environment of this run, secrets for example.'),
  'working-directory': z.string().min(1).prefault('.').describe('Where the program runs.'),
  timeout: duration({
    description:
      'How long the program may run. It and all that it started are ended then, and the gate fails.',
    example: '30m',
    min: 1_000,
  }).prefault('30m'),
};

const glob = z
  .string()
  .min(1)
  .meta({ examples: ['test-results/*.xml'] });

const suite = z
  .strictObject({
    ...runner,
    reports: z
      .union([glob.transform((one) => [one]), z.array(glob).min(1).max(50)])
      .describe(
        'Globs of the reports, from the root of the workspace; each must match. JUnit XML, JSON of Playwright, Jest, Vitest or CTRF, or TAP: what a report is shows in its content.',
      ),
    flows: z
      .record(flowId, flow)
      .refine((flows) => Object.keys(flows).length > 0, {
        params: { expected: 'at least one flow', fix: 'name what must not break' } satisfies Telling,
      })
      .describe(
        'What must be proven, by id. A flow passes when at least one of its tests ran and none failed.',
      ),
    'other-tests': z
      .enum(['fail', 'warn', 'ignore'])
      .prefault('fail')
      .describe('What a failing test outside of every flow does to the gate.'),
    'flaky-budget': budget
      .prefault(0)
      .describe('How many tests may pass only when tried again: a count, or a part of the tests that ran.'),
    quarantine: z.array(quarantine).max(100).prefault([]).describe('Tests that are set aside for a while.'),
    'min-reports': z
      .number()
      .int()
      .min(1)
      .max(2_000)
      .prefault(1)
      .describe('How many report files there must be.'),
    'max-age': duration({
      description: 'How old a report may be, by what it says or else by its file. Any age when left out.',
      example: '24h',
      min: 1_000,
      max: 366 * DAY,
    }).optional(),
  })
  .describe('What E2E tests must prove.');

export const e2eShape = z
  .record(name('a suite name', 'staging', NAME_PATTERN), suite)
  .describe('E2E gates, by name; the one that is named like the environment is meant where none is named.');

type E2eShape = z.output<typeof suite>;

/** The suites in the engine's own words, by name. */
export function toE2eSuites(suites: z.output<typeof e2eShape>): Record<string, E2eSuite> {
  return Object.fromEntries(Object.entries(suites).map(([name, shape]) => [name, toE2eSuite(shape)]));
}

function toE2eSuite(shape: E2eShape): E2eSuite {
  const { run, env, timeout, reports, flows } = shape;
  const cwd = shape['working-directory'];
  return {
    reports,
    program: run === undefined ? null : { argv: run, cwd, env, envFrom: shape['env-from'], timeout },
    flows: Object.entries(flows).map(([id, { title, tests, 'min-tests': minTests }]) => ({
      id,
      title: title ?? titleOf(id),
      tests,
      minTests,
    })),
    otherTests: shape['other-tests'],
    flakyBudget: shape['flaky-budget'],
    quarantine: shape.quarantine,
    minReports: shape['min-reports'],
    maxAge: shape['max-age'] ?? null,
  };
}

function titleOf(id: string): string {
  const words = id.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

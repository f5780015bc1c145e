import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type CiFacts, type CiRequirement, decideCiStatus } from '../../../src/core/checks/ci-status.ts';
import type { CheckRun, CommitStatus } from '../../../src/core/checks/forge-facts.ts';
import { vectors } from '../../support/vectors.ts';

const row = z.strictObject({
  what: z.string(),
  runs: z
    .array(
      z.strictObject({
        name: z.string(),
        id: z.number().optional(),
        app: z.number().default(15368),
        status: z.string().default('completed'),
        conclusion: z.string().nullable().default('success'),
        workflowRun: z.number().nullable().default(null),
      }),
    )
    .default([]),
  statuses: z
    .array(z.strictObject({ context: z.string(), state: z.string(), id: z.number().optional() }))
    .default([]),
  require: z.array(z.string()).optional(),
  required: z.array(z.strictObject({ name: z.string(), app: z.number().nullable() })).optional(),
  ignore: z.array(z.string()).default([]),
  allowNone: z.boolean().default(false),
  asker: z
    .strictObject({
      checkRunId: z.number().nullable().default(null),
      runId: z.number().nullable().default(null),
      job: z.string().default(''),
    })
    .default({ checkRunId: null, runId: null, job: '' }),
  status: z.string(),
  code: z.string(),
  observed: z.string(),
});

type Row = z.output<typeof row>;

function factsOf({ runs, statuses, asker }: Row): CiFacts {
  return {
    asker,
    runs: runs.map((run, at) => ({ ...run, id: run.id ?? at + 1, url: null })),
    statuses: statuses.map((status, at) => ({ ...blank, ...status, id: status.id ?? at + 1 })),
  };
}

const blank = { description: '', url: null, creator: 'ci', at: 0 };

function requirementOf({ require, required }: Row): CiRequirement {
  if (required !== undefined) return { kind: 'required', checks: required, branch: 'main' };
  return require === undefined ? { kind: 'all' } : { kind: 'named', names: require };
}

describe('the rollup of checks and statuses at a commit', () => {
  it.each(vectors('ci-status', row))('$what', (one) => {
    const rules = { require: requirementOf(one), ignore: one.ignore, allowNone: one.allowNone };
    const { status, code, observed } = decideCiStatus(factsOf(one), rules);
    expect({ status, code, observed }).toEqual({
      status: one.status,
      code: one.code,
      observed: one.observed,
    });
  });
});

const name = fc.constantFrom('unit', 'e2e', 'lint', 'deploy-canary/e2e-gate');
const run: fc.Arbitrary<CheckRun> = fc.record({
  id: fc.integer({ min: 1, max: 50 }),
  name,
  app: fc.integer({ min: 1, max: 2 }),
  status: fc.constantFrom('completed', 'completed', 'queued', 'in_progress'),
  conclusion: fc.constantFrom('success', 'success', 'skipped', 'failure', 'cancelled', null),
  url: fc.constant(null),
  workflowRun: fc.constantFrom(null, 90),
});
const status: fc.Arbitrary<CommitStatus> = fc.record({
  id: fc.integer({ min: 1, max: 50 }),
  context: name,
  state: fc.constantFrom('success', 'success', 'pending', 'failure', 'error'),
  description: fc.constant(''),
  url: fc.constant(null),
  creator: fc.constant('ci'),
  at: fc.constant(0),
});
const required = fc.record({ name, app: fc.constantFrom(null, 1, 2) });
const requirement: fc.Arbitrary<CiRequirement> = fc.oneof(
  fc.constant({ kind: 'all' } as const),
  fc.record({ kind: fc.constant('named' as const), names: fc.array(name, { minLength: 1, maxLength: 3 }) }),
  fc.record({
    kind: fc.constant('required' as const),
    checks: fc.array(required, { maxLength: 3 }),
    branch: fc.constant('main'),
  }),
);
const history = fc.record({
  runs: fc.uniqueArray(run, { selector: ({ id }) => id, maxLength: 8 }),
  statuses: fc.uniqueArray(status, { selector: ({ id }) => id, maxLength: 5 }),
  require: requirement,
  allowNone: fc.boolean(),
  checkRunId: fc.constantFrom(null, 3),
});

describe('over random histories', () => {
  const NEWEST = 1_000;
  const decide = (given: typeof history extends fc.Arbitrary<infer T> ? T : never) => {
    const asker = { checkRunId: given.checkRunId, runId: 90, job: 'unit' };
    return decideCiStatus({ ...given, asker }, { ...given, ignore: [] }).status;
  };

  it('one more required check that is not green never turns a no into a yes', () => {
    fc.assert(
      fc.property(history, required, (given, more) => {
        if (given.require.kind !== 'required' || decide(given) === 'pass') return;
        const alone = { ...given, require: { ...given.require, checks: [more] }, allowNone: false };
        if (decide(alone) === 'pass') return;
        const require = { ...given.require, checks: [...given.require.checks, more] };
        expect(decide({ ...given, require })).not.toBe('pass');
      }),
      { numRuns: 1_000 },
    );
  });

  it('one more failing check never turns a no into a yes', () => {
    fc.assert(
      fc.property(history, run, (given, more) => {
        if (decide(given) === 'pass') return;
        const failing = { ...more, id: NEWEST, status: 'completed', conclusion: 'failure' };
        expect(decide({ ...given, runs: [...given.runs, failing] })).not.toBe('pass');
      }),
      { numRuns: 500 },
    );
  });

  it('one more failing required check always makes a no', () => {
    fc.assert(
      fc.property(history, run, (given, more) => {
        const failing = {
          ...more,
          id: NEWEST,
          workflowRun: null,
          status: 'completed',
          conclusion: 'failure',
        };
        const checks = given.require.kind === 'required' ? given.require.checks : [];
        const asked = [...checks, { name: more.name, app: more.app }];
        const require = { kind: 'required', checks: asked, branch: 'main' } as const;
        expect(decide({ ...given, require, runs: [...given.runs, failing] })).toBe('fail');
      }),
      { numRuns: 500 },
    );
  });

  it('asking for one more check never turns a no into a yes', () => {
    fc.assert(
      fc.property(history, required, (given, more) => {
        const { require } = given;
        if (!(require.kind === 'required' && require.checks.length > 0 && decide(given) !== 'pass')) return;
        if (require.kind !== 'required') return;
        const checks = [...require.checks, more];
        expect(decide({ ...given, require: { ...require, checks } })).not.toBe('pass');
      }),
      { numRuns: 500 },
    );
  });

  it('taking a report away never turns a no by a missing one into a yes', () => {
    fc.assert(
      fc.property(history, fc.nat(), (given, at) => {
        if (!(given.require.kind === 'named' && given.runs.length > 0)) return;
        const gone = given.runs[at % given.runs.length];
        const left = given.runs.filter(({ name: one }) => one !== gone?.name);
        const statuses = given.statuses.filter(({ context }) => context !== gone?.name);
        const isNamed = given.require.kind === 'named' && given.require.names.includes(gone?.name ?? '');
        if (isNamed) expect(decide({ ...given, runs: left, statuses })).not.toBe('pass');
      }),
      { numRuns: 500 },
    );
  });

  it('the order in which reports are told does not matter', () => {
    fc.assert(
      fc.property(history, (given) => {
        const turned = { ...given, runs: given.runs.toReversed(), statuses: given.statuses.toReversed() };
        expect(decide(turned)).toBe(decide(given));
      }),
    );
  });
});

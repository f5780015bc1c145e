import { z } from 'zod';
import type { AnalysisState, KpiState, PolicyState } from '../../core/analysis/state.ts';
import { DEFAULT_RECORD_BUDGET, type Plan } from '../../core/rollout/plan.ts';
import type { Owner, Phase, Placement, Rollout, ServiceRecord } from '../../core/rollout/record.ts';
import type { LedgerEntry } from '../../ports/ledger.ts';
import { comparisonProgress } from './comparison-schema.ts';
import { finding, reason } from './finding-schema.ts';
import { judgeProgress } from './judge-schema.ts';

/*
 * The one shape in which a record is written, for every kind of ledger. Unknown fields are refused: a record
 * written by a newer release must not lose half of what it says by being read and written back.
 */

const count = z.number().int().nonnegative();
const span = z.number().nonnegative();
const epoch = z.number();
const percent = z.number().min(0).max(100);
const version = z.string().min(1);

const placement = z.strictObject({ slot: z.enum(['a', 'b']), version }) satisfies z.ZodType<Placement>;

const owner = z.strictObject({
  id: z.string().min(1),
  kind: z.enum(['process', 'github-run']),
  runId: z.string().min(1),
  host: z.string(),
  pid: z.number().int(),
  processStart: z.string(),
  name: z.string(),
  url: z.string().exactOptional(),
}) satisfies z.ZodType<Owner>;

const findings = z.array(finding).readonly();

const plan = z.strictObject({
  steps: z
    .array(
      z.strictObject({
        weight: percent,
        bake: span,
        maxBake: span,
        require: z.literal('non-inferior').exactOptional(),
        promoteEarly: span.exactOptional(),
      }),
    )
    .readonly(),
  tick: span,
  checkpoint: span,
  budgets: z.strictObject({
    deploy: span,
    shift: span,
    verify: span,
    abort: span,
    hold: span,
    record: span.default(DEFAULT_RECORD_BUDGET),
  }),
  onInconclusive: z.enum(['abort', 'promote']),
  parking: z.strictObject({ watch: span, grace: span }).exactOptional(),
}) satisfies z.ZodType<Plan>;

const atStep = { step: count };
const phase = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('deploying') }),
  z.strictObject({ name: z.literal('shifting'), ...atStep }),
  z.strictObject({ name: z.literal('baking'), ...atStep }),
  z.strictObject({ name: z.literal('parked'), ...atStep, since: epoch, wakeAt: epoch, until: epoch }),
  z.strictObject({ name: z.literal('catching-up'), ...atStep, since: epoch }),
  z.strictObject({ name: z.literal('settling') }),
  z.strictObject({ name: z.literal('verifying') }),
  z.strictObject({ name: z.literal('aborting') }),
  z.strictObject({ name: z.literal('confirming') }),
  z.strictObject({ name: z.literal('promoted') }),
  z.strictObject({ name: z.literal('restored') }),
  z.strictObject({ name: z.literal('aborted') }),
]) satisfies z.ZodType<Phase>;

const numbers = z.array(z.number()).readonly();
const bothCounts = { bad: z.number(), total: z.number(), stableBad: z.number(), stableTotal: z.number() };
const windowEntry = z.tuple([span, z.number(), z.number(), numbers.exactOptional()]).readonly();
const trailEntry = z.tuple([span, z.number(), z.number(), z.number(), z.number()]).readonly();
const perArm = <T extends z.ZodType>(value: T) => z.strictObject({ canary: value, stable: value });

const measurement = {
  ms: span,
  ...bothCounts,
  offTarget: z.number(),
  erred: z.boolean(),
};
const policyState = z.strictObject({
  current: z.strictObject(measurement),
  counters: z.strictObject({
    measured: count,
    failures: count,
    inconclusive: count,
    consecutiveErrors: count,
    consecutiveSuccesses: count,
  }),
  last: z
    .strictObject({
      ...measurement,
      outcome: z.enum(['success', 'failure', 'inconclusive', 'error']),
      value: z.number().nullable(),
    })
    .nullable(),
}) satisfies z.ZodType<PolicyState>;

const kpiState = z.strictObject({
  ...perArm(z.array(windowEntry).readonly()).shape,
  bounds: perArm(numbers.nullable()),
  run: z.strictObject({ ms: span, ...bothCounts, ticks: count, since: span }).nullable(),
  trail: z.array(trailEntry).readonly(),
  silentMs: span,
  erringMs: span,
  sinceEvent: perArm(span.nullable()),
  step: z.strictObject(bothCounts),
  latest: perArm(z.number().nullable()),
  policy: policyState.exactOptional(),
}) satisfies z.ZodType<KpiState>;

const analysis = z.strictObject({
  step: z.number().int().min(-1),
  shifted: z.boolean(),
  watchedMs: span,
  kpis: z.record(z.string(), kpiState),
  traffic: z.strictObject({ canary: z.number(), stable: z.number(), apart: z.number() }),
  // Records of before the comparison have none.
  comparison: comparisonProgress.nullable().default(null),
  // Records of before the judge have none.
  judge: judgeProgress.nullable().default(null),
  exposed: z.strictObject({ requests: z.number(), bad: z.number() }),
}) satisfies z.ZodType<AnalysisState>;

const stepProgress = z.strictObject({
  weight: percent,
  servedMs: span,
  savedMs: span,
  heldMs: span,
  findings,
});

const rollout = z.strictObject({
  id: z.string().min(1),
  kind: z.enum(['canary', 'first', 'rollback']),
  canary: placement,
  stable: placement.nullable(),
  plan,
  startedAt: epoch,
  endedAt: epoch.nullable(),
  owner,
  phase,
  steps: z.array(stepProgress).readonly(),
  analysis,
  leaseLapses: count,
  reason: reason.nullable(),
  verification: z.strictObject({ outcome: z.enum(['pass', 'fail', 'not-done']), findings }).nullable(),
  requestedBy: z.string().nullable(),
  told: z
    .array(z.enum(['end', 'not-home']))
    .readonly()
    .exactOptional(),
}) satisfies z.ZodType<Rollout>;

export const serviceRecordSchema = z.strictObject({
  schema: z.literal(1),
  service: z.string(),
  environment: z.string(),
  stable: placement.nullable(),
  previous: placement.nullable(),
  promoted: z.array(version).readonly(),
  rejected: z.array(version).readonly(),
  rollout: rollout.nullable(),
}) satisfies z.ZodType<ServiceRecord>;

export const ledgerEntrySchema = z.strictObject({
  revision: z.number().int().positive(),
  at: epoch,
  note: z.string(),
  record: serviceRecordSchema,
}) satisfies z.ZodType<LedgerEntry>;

import { z } from 'zod';
import type { AnalysisState, KpiState } from '../../core/analysis/state.ts';
import { FINDING_CODES } from '../../core/checks/code.ts';
import type { Finding } from '../../core/checks/finding.ts';
import type { Plan } from '../../core/rollout/plan.ts';
import { REASON_CODES, type Reason } from '../../core/rollout/reason.ts';
import type { Owner, Phase, Placement, Rollout, ServiceRecord } from '../../core/rollout/record.ts';
import type { LedgerEntry } from '../../ports/ledger.ts';
import { comparisonProgress } from './comparison-schema.ts';

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

const reason = z.strictObject({
  code: z.enum(REASON_CODES),
  message: z.string(),
  kpi: z.string().exactOptional(),
}) satisfies z.ZodType<Reason>;

const finding = z.strictObject({
  check: z.string(),
  title: z.string(),
  status: z.enum(['pass', 'fail', 'warn', 'no-data', 'error', 'skipped', 'waived']),
  observed: z.string(),
  expected: z.string(),
  detail: z.string().exactOptional(),
  code: z.enum(FINDING_CODES).exactOptional(),
  fix: z.string().exactOptional(),
  evidence: z
    .array(z.strictObject({ label: z.string(), url: z.string().exactOptional() }))
    .readonly()
    .exactOptional(),
  durationMs: span.exactOptional(),
}) satisfies z.ZodType<Finding>;

const findings = z.array(finding).readonly();

const plan = z.strictObject({
  steps: z.array(z.strictObject({ weight: percent, bake: span, maxBake: span })).readonly(),
  tick: span,
  checkpoint: span,
  budgets: z.strictObject({ deploy: span, shift: span, verify: span, abort: span, hold: span }),
  onInconclusive: z.enum(['abort', 'promote']),
}) satisfies z.ZodType<Plan>;

const atStep = { step: count };
const phase = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('deploying') }),
  z.strictObject({ name: z.literal('shifting'), ...atStep }),
  z.strictObject({ name: z.literal('baking'), ...atStep }),
  z.strictObject({ name: z.literal('settling') }),
  z.strictObject({ name: z.literal('verifying') }),
  z.strictObject({ name: z.literal('aborting') }),
  z.strictObject({ name: z.literal('confirming') }),
  z.strictObject({ name: z.literal('promoted') }),
  z.strictObject({ name: z.literal('restored') }),
  z.strictObject({ name: z.literal('aborted') }),
]) satisfies z.ZodType<Phase>;

const numbers = z.array(z.number()).readonly();
const oneArm = { ms: span, bad: z.number(), total: z.number() };
const bothCounts = { bad: z.number(), total: z.number(), stableBad: z.number(), stableTotal: z.number() };
const bothArms = { ms: span, ...bothCounts };
const perArm = <T extends z.ZodType>(value: T) => z.strictObject({ canary: value, stable: value });

const kpiState = z.strictObject({
  ...perArm(z.array(z.strictObject({ ...oneArm, counts: numbers.exactOptional() })).readonly()).shape,
  bounds: perArm(numbers.nullable()),
  run: z.strictObject({ ...bothArms, ticks: count, since: span }).nullable(),
  trail: z.array(z.strictObject(bothArms)).readonly(),
  silentMs: span,
  erringMs: span,
  sinceEvent: perArm(span.nullable()),
  step: z.strictObject(bothCounts),
  latest: perArm(z.number().nullable()),
}) satisfies z.ZodType<KpiState>;

const analysis = z.strictObject({
  step: z.number().int().min(-1),
  shifted: z.boolean(),
  watchedMs: span,
  kpis: z.record(z.string(), kpiState),
  traffic: z.strictObject({ canary: z.number(), stable: z.number(), apart: z.number() }),
  // Records of before the comparison have none.
  comparison: comparisonProgress.nullable().default(null),
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

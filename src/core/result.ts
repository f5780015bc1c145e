import type { Finding, Verdict } from './checks/finding.ts';
import type { ReasonCode } from './rollout/reason.ts';
import type {
  PhaseName,
  Placement,
  Rollout,
  RolloutKind,
  ServiceRecord,
  Verification,
  Version,
} from './rollout/record.ts';
import { isTerminal } from './rollout/record.ts';
import type { EpochMs, Milliseconds, Percent } from './units.ts';

export type Operation = 'canary' | 'rollback' | 'reconcile';

/** What every action and command answers with: versioned, machine-readable, the same for all of them. */
export interface Result {
  readonly schemaVersion: 1;
  readonly operation: Operation;
  readonly verdict: Verdict;
  readonly reasonCode: ReasonCode;
  readonly message: string;
  readonly kpi: string | null;
  readonly service: string;
  readonly environment: string;
  readonly rolloutId: string | null;
  readonly kind: RolloutKind | null;
  readonly state: PhaseName | 'none';
  /** Share of traffic on the version that was on trial, as the router last said; null when it could not be asked. */
  readonly weight: Percent | null;
  readonly version: Version | null;
  readonly stableVersion: Version | null;
  /** The version that takes all traffic now, if one does. */
  readonly serving: Version | null;
  readonly previous: Placement | null;
  readonly startedAt: EpochMs | null;
  readonly endedAt: EpochMs | null;
  readonly steps: readonly {
    readonly weight: Percent;
    readonly servedMs: Milliseconds;
    readonly bakeMs: Milliseconds;
  }[];
  readonly findings: readonly Finding[];
  readonly verification: Verification | null;
  readonly exposed: { readonly requests: number; readonly bad: number };
  /** Anything that people must know although it did not decide: traffic that may not be home, a record not written. */
  readonly warnings: readonly string[];
}

export interface Outcome {
  readonly operation: Operation;
  readonly verdict: Verdict;
  readonly reasonCode: ReasonCode;
  readonly message: string;
  readonly weight: Percent | null;
  readonly warnings: readonly string[];
}

/** Tells a record and how it came out as a Result. */
export function toResult(record: ServiceRecord, outcome: Outcome): Result {
  const { rollout } = record;
  return {
    schemaVersion: 1,
    operation: outcome.operation,
    verdict: outcome.verdict,
    reasonCode: outcome.reasonCode,
    message: outcome.message,
    kpi: rollout?.reason?.kpi ?? null,
    service: record.service,
    environment: record.environment,
    rolloutId: rollout?.id ?? null,
    kind: rollout?.kind ?? null,
    state: rollout?.phase.name ?? 'none',
    weight: outcome.weight,
    version: rollout?.canary.version ?? null,
    stableVersion: rollout?.stable?.version ?? null,
    serving: servingVersion(record, outcome.weight),
    previous: record.previous,
    startedAt: rollout?.startedAt ?? null,
    endedAt: rollout?.endedAt ?? null,
    steps: rollout === null ? [] : stepsOf(rollout),
    findings: rollout?.steps.findLast((step) => step.findings.length > 0)?.findings ?? [],
    verification: rollout?.verification ?? null,
    exposed: rollout?.analysis.exposed ?? { requests: 0, bad: 0 },
    warnings: outcome.warnings,
  };
}

function stepsOf(rollout: Rollout): Result['steps'] {
  return rollout.steps.map((step, index) => ({
    weight: step.weight,
    servedMs: step.servedMs,
    bakeMs: rollout.plan.steps[index]?.bake ?? 0,
  }));
}

function servingVersion(record: ServiceRecord, weight: Percent | null): Version | null {
  const { rollout } = record;
  if (rollout === null || weight === null) return null;
  if (weight === 100) return rollout.canary.version;
  if (weight === 0) return rollout.stable?.version ?? null;
  return isTerminal(rollout.phase) ? (record.stable?.version ?? null) : null;
}

import type { AnalysisState } from '../analysis/state.ts';
import type { Finding } from '../checks/finding.ts';
import type { EpochMs, Milliseconds, Percent } from '../units.ts';
import type { Plan } from './plan.ts';
import type { Reason } from './reason.ts';

/** One of two places where a version can run. Roles move between slots; nothing is copied at promotion. */
export type Slot = 'a' | 'b';
/** A commit SHA, or a SemVer tag where there is one. */
export type Version = string;

export function otherSlot(slot: Slot): Slot {
  return slot === 'a' ? 'b' : 'a';
}

/** A version in its place. */
export interface Placement {
  readonly slot: Slot;
  readonly version: Version;
}

/** Who drives a rollout: one run of one program. Two attempts of one workflow run are two owners. */
export interface Owner {
  /** Unique for each process: run, attempt and a random part. */
  readonly id: string;
  readonly kind: 'process' | 'github-run';
  /** The workflow run, shared by every job and attempt of it; for a process, the same as `id`. */
  readonly runId: string;
  readonly host: string;
  readonly pid: number;
  /** When the process began, as its kernel tells it, so that a recycled pid is not mistaken for it. */
  readonly processStart: string;
  /** For people: a user name or `actor`. */
  readonly name: string;
  readonly url?: string;
}

export type RolloutKind = 'canary' | 'first' | 'rollback';

export type Phase =
  | { readonly name: 'deploying' }
  | { readonly name: 'shifting'; readonly step: number }
  | { readonly name: 'baking'; readonly step: number }
  /** The bake goes on while nobody watches, because its owner went away on purpose. */
  | {
      readonly name: 'parked';
      readonly step: number;
      /** Up to here it was watched. */
      readonly since: EpochMs;
      /** When the bake will be over. */
      readonly wakeAt: EpochMs;
      /** When nobody has come by then, traffic belongs home. */
      readonly until: EpochMs;
    }
  /** What happened since then is being looked at in hindsight. */
  | { readonly name: 'catching-up'; readonly step: number; readonly since: EpochMs }
  /** Every step has passed: the canary gets all traffic for good, with no lease. */
  | { readonly name: 'settling' }
  /** All traffic is on the new version; its health and KPIs are checked once more. */
  | { readonly name: 'verifying' }
  /** Traffic must go back to stable. */
  | { readonly name: 'aborting' }
  /** Traffic is back; what serves is checked once more. */
  | { readonly name: 'confirming' }
  | { readonly name: 'promoted' }
  | { readonly name: 'restored' }
  | { readonly name: 'aborted' };

export type PhaseName = Phase['name'];

/** How far one step has come. Served bake counts only time that was really watched. */
export interface StepProgress {
  readonly weight: Percent;
  readonly servedMs: Milliseconds;
  /** Served and held time when the ledger last learned of it. */
  readonly savedMs: Milliseconds;
  /** Time spent waiting for an environment that was ill itself. */
  readonly heldMs: Milliseconds;
  readonly findings: readonly Finding[];
}

export interface Verification {
  readonly outcome: 'pass' | 'fail' | 'not-done';
  readonly findings: readonly Finding[];
}

/** What the notifiers have said of a rollout: how it ended, or that its traffic could not be brought home. */
export type Told = 'end' | 'not-home';

export interface Rollout {
  readonly id: string;
  readonly kind: RolloutKind;
  /** What is on trial (or brought back), and where. */
  readonly canary: Placement;
  /** What serves until the end, and takes everything back on abort; null at the very first deployment. */
  readonly stable: Placement | null;
  readonly plan: Plan;
  readonly startedAt: EpochMs;
  readonly endedAt: EpochMs | null;
  readonly owner: Owner;
  readonly phase: Phase;
  readonly steps: readonly StepProgress[];
  readonly analysis: AnalysisState;
  /** How often the router's lease ran out under a living owner. */
  readonly leaseLapses: number;
  readonly reason: Reason | null;
  readonly verification: Verification | null;
  /** For a rollback: who asked, and why. */
  readonly requestedBy: string | null;
  /** What people were told, so that they are told it once; absent until they are. */
  readonly told?: readonly Told[];
}

/** Everything the ledger knows about one service in one environment. */
export interface ServiceRecord {
  readonly schema: 1;
  readonly service: string;
  readonly environment: string;
  readonly stable: Placement | null;
  /** What the other slot still runs, ready to take traffic back. */
  readonly previous: Placement | null;
  /** Versions that were promoted here, newest first. */
  readonly promoted: readonly Version[];
  /** Versions that were aborted or rolled back, newest first. */
  readonly rejected: readonly Version[];
  /** The rollout in progress, or the last one. */
  readonly rollout: Rollout | null;
}

export function emptyRecord(service: string, environment: string): ServiceRecord {
  return {
    schema: 1,
    service,
    environment,
    stable: null,
    previous: null,
    promoted: [],
    rejected: [],
    rollout: null,
  };
}

export function isTerminal(phase: Phase): boolean {
  return phase.name === 'promoted' || phase.name === 'restored' || phase.name === 'aborted';
}

/** Traffic is on its way back to stable, or back already. */
export function leadsHome(phase: Phase): boolean {
  return phase.name === 'aborting' || phase.name === 'confirming';
}

/** The slot that should have all traffic by the record's word; null while an owner is moving it step by step. */
export function whereTrafficRests(record: ServiceRecord): Slot | null {
  const { rollout } = record;
  if (rollout === null || isTerminal(rollout.phase)) return record.stable?.slot ?? null;
  switch (rollout.phase.name) {
    case 'shifting':
    case 'baking':
    case 'parked':
    case 'catching-up':
      return null;
    case 'settling':
      return rollout.kind === 'rollback' ? rollout.canary.slot : null;
    case 'verifying':
      return rollout.canary.slot;
    case 'deploying':
    case 'aborting':
    case 'confirming':
    case 'promoted':
    case 'restored':
    case 'aborted':
      return rollout.stable?.slot ?? null;
  }
}

/** The rollout that has not ended, if there is one. */
export function openRollout(record: ServiceRecord | null): Rollout | null {
  const rollout = record?.rollout ?? null;
  return rollout !== null && !isTerminal(rollout.phase) ? rollout : null;
}

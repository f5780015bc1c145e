import type { AnalysisState } from '../analysis/state.ts';
import type { TickVerdict } from '../analysis/verdict.ts';
import type { Finding } from '../checks/finding.ts';
import type { EpochMs, Milliseconds } from '../units.ts';
import type { Plan } from './plan.ts';
import type { Reason } from './reason.ts';
import type { Owner, Placement, RolloutKind, Slot, Told, Verification, Version } from './record.ts';

interface From {
  readonly at: EpochMs;
  /** Who says so. Only an abort is heard from somebody who does not own the rollout. */
  readonly by: Owner;
}

export type RolloutEvent = From &
  (
    | {
        readonly type: 'started';
        readonly id: string;
        readonly version: Version;
        readonly plan: Plan;
        /** Why a version that was rejected before may be tried again; null for any other. */
        readonly readmit: string | null;
      }
    | {
        readonly type: 'rollback-started';
        readonly id: string;
        /** Where to go back to; its slot may hold another version now and is then deployed again. */
        readonly to: Placement;
        readonly plan: Plan;
        readonly reason: Reason;
        readonly requestedBy: string;
      }
    /** A new owner goes on with a rollout whose owner is gone, or has parked it. */
    | { readonly type: 'resumed'; readonly rollout: string }
    | { readonly type: 'deployed' }
    | { readonly type: 'deploy-failed'; readonly reason: Reason; readonly findings: readonly Finding[] }
    /** The router was asked and says that the step's weight is what it is. */
    | { readonly type: 'shifted'; readonly step: number }
    | { readonly type: 'shift-failed'; readonly reason: Reason }
    | {
        readonly type: 'ticked';
        readonly step: number;
        /** Watched time since the tick before. */
        readonly elapsed: Milliseconds;
        readonly analysis: AnalysisState;
        readonly verdict: TickVerdict;
        readonly findings: readonly Finding[];
      }
    /** The owner goes away on purpose, having asked the router to keep the weight until then. */
    | { readonly type: 'parked'; readonly wakeAt: EpochMs; readonly until: EpochMs }
    /** Whatever nobody watched has been looked at. */
    | { readonly type: 'caught-up' }
    /** The router let the lease run out while its owner lives: traffic is already home. */
    | { readonly type: 'lease-lapsed' }
    /** Names the rollout that it means, so that it can never hit the one that came after. */
    | { readonly type: 'abort-requested'; readonly rollout: string; readonly reason: Reason }
    /** The router says that stable has all traffic. */
    | { readonly type: 'came-home' }
    /** The router says that the new version has all traffic, and holds no lease. */
    | { readonly type: 'settled' }
    | { readonly type: 'verified'; readonly verification: Verification }
    /** People have heard of it, and need not hear it again from whoever comes next. */
    | { readonly type: 'told'; readonly rollout: string; readonly what: Told }
  );

export type RolloutEventType = RolloutEvent['type'];

/** What the world must be made to look like next. Each can be done twice without harm. */
export type Effect =
  | { readonly type: 'deploy'; readonly placement: Placement }
  | { readonly type: 'shift'; readonly step: number; readonly canary: Slot; readonly stable: Slot }
  | { readonly type: 'watch'; readonly step: number }
  | { readonly type: 'catch-up'; readonly step: number; readonly since: EpochMs }
  | { readonly type: 'settle'; readonly slot: Slot }
  | { readonly type: 'come-home'; readonly slot: Slot | null }
  | { readonly type: 'verify'; readonly placement: Placement | null; readonly kind: RolloutKind }
  | { readonly type: 'stop' };

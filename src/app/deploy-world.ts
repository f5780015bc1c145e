import type { Subject } from '../core/checks/gate-result.ts';
import type { Owner } from '../core/rollout/record.ts';
import type { CheckContext } from '../ports/check.ts';
import type { DeployPlan } from '../ports/deploy-service.ts';
import type { Migrations } from '../ports/migrations.ts';
import type { OwnerProbe } from '../ports/owner-probe.ts';
import type { PhaseLog } from '../ports/phase-log.ts';

/** Everything outside that a deployment touches. */
export interface DeployWorld {
  readonly context: CheckContext;
  readonly plan: DeployPlan;
  /** How the migrations of a service are judged; null when nobody said how. */
  readonly migrations: (service: string) => Migrations | null;
  /** The commit that a version means; null when it means none here. */
  readonly commitOf: (version: string, signal: AbortSignal) => Promise<string | null>;
  readonly owner: Owner;
  readonly probe: OwnerProbe;
  readonly log: PhaseLog;
  /** Where the log of this run is; null where nobody knows. */
  readonly logUrl: string | null;
}

export interface DeployRequest {
  readonly subject: Subject;
  /** The one service that is meant; null for all. */
  readonly only: string | null;
  /** Why an older version may take the place of a newer one; null when it may not. */
  readonly allowDowngrade: string | null;
  /** Does everything anew, although it is done. */
  readonly force: boolean;
}

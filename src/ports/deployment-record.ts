import type { Owner } from '../core/rollout/record.ts';
import type { EpochMs } from '../core/units.ts';
import type { AdapterContext } from './adapter-context.ts';

export type DeploymentState = 'in_progress' | 'success' | 'failure' | 'inactive';

export interface NewDeployment {
  readonly version: string;
  /** The commit, 40 hex digits. */
  readonly sha: string;
  /** Digest of the migrations that this deployment runs; null where there are none. */
  readonly migrations: string | null;
  /** Whose it is; its id is the key under which the deployment is found again when an answer was lost. */
  readonly owner: Owner;
}

export interface RecordedDeployment extends NewDeployment {
  readonly id: string;
  readonly state: DeploymentState;
  readonly at: EpochMs;
  readonly url: string | null;
}

export interface DeploymentStatus {
  readonly state: DeploymentState;
  /** At most 140 characters. */
  readonly description: string;
}

/**
 * What was deployed of one service to one environment. Failures are AdapterErrors. Not a lock: two that begin at the
 * same time both stand in it.
 */
export interface DeploymentRecord {
  readonly name: string;
  /** Newest first, back to the newest one that has succeeded, and no more than ten. */
  history(signal: AbortSignal): Promise<readonly RecordedDeployment[]>;
  /** Its id. Never makes two for one owner, not even when the answer is lost. */
  begin(deployment: NewDeployment, signal: AbortSignal): Promise<string>;
  mark(id: string, status: DeploymentStatus, signal: AbortSignal): Promise<void>;
}

/** Where the service is reached, and where the log of this run is; null where nobody knows. */
export interface DeploymentLinks {
  readonly environment: string | null;
  readonly log: string | null;
}

/** How the config names a record. */
export interface RegisteredRecord {
  readonly type: string;
  readonly create: (context: AdapterContext, links: DeploymentLinks) => DeploymentRecord;
}

import type { GateResult } from '../checks/gate-result.ts';

/** What became of one service. */
export interface DeployedService {
  readonly name: string;
  readonly version: string;
  /** What ran before; null when nothing did, or nobody can tell. */
  readonly previousVersion: string | null;
  /** Null when it was never recorded. */
  readonly deploymentId: string | null;
  /** Digest of the migrations of this commit; null where there are none. */
  readonly migrations: string | null;
  readonly url: string | null;
  /** `already`: it answered and was recorded before, so that nothing was done. */
  readonly outcome: 'deployed' | 'already' | 'failed' | 'not-begun';
}

/** What `deploy` answers with. */
export interface DeployResult extends GateResult {
  readonly services: readonly DeployedService[];
}

import type { ToDo } from '../core/deploy/decision.ts';
import type { DeployService } from '../ports/deploy-service.ts';
import type { DeploymentRecord, RecordedDeployment } from '../ports/deployment-record.ts';
import type { Phases } from './deploy-phases.ts';
import type { DeployRequest, DeployWorld } from './deploy-world.ts';

/** What is there before anything is touched. */
export interface Seen {
  readonly history: readonly RecordedDeployment[];
  /** The version that answers; null when none says. */
  readonly running: string | null;
  /** What was deployed last with success; null for nothing. */
  readonly recorded: RecordedDeployment | null;
  /** Whether this very version answers, healthy; null where nothing can be asked. */
  readonly answers: boolean | null;
  /** Digest of the commit's migrations; null where there are none. */
  readonly migrations: string | null;
  /** The commit of what runs; null when nothing does, or nobody knows. */
  readonly runningCommit: string | null;
}

/** One service that is deployed, with what was seen of it on the way. */
export interface Course {
  readonly world: DeployWorld;
  readonly service: DeployService;
  readonly request: DeployRequest;
  readonly record: DeploymentRecord;
  readonly phases: Phases;
  readonly signal: AbortSignal;
  seen: Seen;
  toDo: ToDo;
  /** Its id in the record; null before it is begun. */
  deployment: string | null;
  /** How far the migrations came. */
  migrated: 'not run' | 'done' | 'failed';
}

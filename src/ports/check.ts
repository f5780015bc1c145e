import type { Answer } from '../core/checks/answer.ts';
import type { Severity } from '../core/checks/checklist.ts';
import type { Subject } from '../core/checks/gate-result.ts';
import type { Milliseconds } from '../core/units.ts';
import type { AdapterContext } from './adapter-context.ts';
import type { DeploymentRecord } from './deployment-record.ts';
import type { ForgeFacts, RecordWrite } from './forge-facts.ts';
import type { Ledger } from './ledger.ts';
import type { Migrations } from './migrations.ts';
import type { TrafficRouter } from './traffic-router.ts';

/** What a check may ask. What is null was not configured; a check that needs it says so. */
export interface CheckContext extends AdapterContext {
  /** Throws an AdapterError where no repository or no token is known. */
  readonly facts: () => ForgeFacts;
  /** The record of the environment that is deployed to. */
  readonly ledger: (() => Ledger) | null;
  readonly router: (() => TrafficRouter) | null;
  /** What a rollback of the environment writes to GitHub; nothing, when left out. */
  readonly writes?: readonly RecordWrite[];
  /** What the configuration says of deployments and migrations; absent where no configuration was read. */
  readonly deploying?: DeployFacts;
}

export interface DeployFacts {
  /** Null when the configuration says nothing of the migrations of that service. */
  readonly migrations: (service: string) => Migrations | null;
  /** Services whose migrations are known. */
  readonly services: readonly string[];
  /** Null when nothing is deployed there by the configuration. */
  readonly record: (environment: string, service: string) => DeploymentRecord | null;
  /** The commit that a version means; null when it means none here. */
  readonly commitOf: (version: string, signal: AbortSignal) => Promise<string | null>;
}

/** What an entry of a checklist in the config ends in. */
export interface RegisteredCheck {
  /** The `check:` of the config. */
  readonly type: string;
  /** Unique in its checklist. */
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly timeout: Milliseconds;
  /** Rejects with an AdapterError when the world could not be asked: that is never a pass. */
  readonly run: (context: CheckContext, subject: Subject, signal: AbortSignal) => Promise<Answer>;
}

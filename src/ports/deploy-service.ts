import type { Answer } from '../core/checks/answer.ts';
import type { Subject } from '../core/checks/gate-result.ts';
import type { CheckContext, RegisteredCheck } from './check.ts';
import type { RegisteredRecord } from './deployment-record.ts';

/** Something that is done, and what came of it. Rejects with an AdapterError when it could not be tried. */
export interface Step {
  /** What it is, in a few words: the program. */
  readonly title: string;
  readonly run: (context: CheckContext, subject: Subject, signal: AbortSignal) => Promise<Answer>;
}

export interface MigrateSteps {
  /** Says what would be done, and changes nothing; null where the tool cannot. */
  readonly dryRun: Step | null;
  readonly run: Step;
  /** Says in which state the database is; null where nobody can. */
  readonly state: Step | null;
}

/** One answer of many that a verification gives. */
export interface Verified {
  /** Kebab-case, unique in the service: `health`, `version`, `assets`. */
  readonly check: string;
  readonly title: string;
  readonly answer: Answer;
}

/** How to see that exactly this version answers, and as it should. */
export interface Verification {
  readonly kind: 'health' | 'served';
  /** Whether it does so already; one look. */
  readonly answers: (context: CheckContext, subject: Subject, signal: AbortSignal) => Promise<boolean>;
  /** Which version answers now, healthy or not; null when none says. */
  readonly running: (context: CheckContext, subject: Subject, signal: AbortSignal) => Promise<string | null>;
  readonly check: (
    context: CheckContext,
    subject: Subject,
    signal: AbortSignal,
  ) => Promise<readonly Verified[]>;
}

/** One of the things that are deployed together, with the phases that it has. */
export interface DeployService {
  readonly name: string;
  /** Where people reach it; null for the place of the whole environment. */
  readonly url: string | null;
  readonly migrate: MigrateSteps | null;
  /** One after the other; none for a service that is only handed on. */
  readonly deploy: readonly Step[];
  /** Hands a version on to others: an app store's internal track. */
  readonly track: readonly Step[];
  readonly verify: readonly Verification[];
  readonly smoke: readonly RegisteredCheck[];
}

/** What is deployed to one environment. */
export interface DeployPlan {
  readonly url: string | null;
  readonly record: RegisteredRecord;
  /** In the order in which they are deployed. */
  readonly services: readonly DeployService[];
}

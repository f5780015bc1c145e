/** Which job's machine is lost and when, and which version must have all traffic when everything is over. */
export interface StepLoss {
  readonly job: string;
  /** The step that runs when it is lost, as act announces it; and what must be true of traffic besides. */
  readonly step: string;
  readonly share?: number;
  readonly fault?: 'errors';
  readonly serves: 'first' | 'next';
}

/** While a job of the pipeline is at work. */
export const STEP_LOSSES: readonly StepLoss[] = [
  { job: 'preflight-staging', step: './actions/preflight', serves: 'first' },
  { job: 'deploy-staging', step: './actions/deploy', serves: 'first' },
  { job: 'e2e', step: './actions/e2e-gate', serves: 'first' },
  { job: 'load-test', step: './actions/load-test', serves: 'first' },
  { job: 'preflight-production', step: './actions/preflight', serves: 'first' },
  { job: 'canary', step: './actions/canary', serves: 'first' },
  { job: 'canary', step: './actions/canary', share: 40, serves: 'first' },
  { job: 'canary', step: './actions/canary', share: 100, serves: 'first' },
  { job: 'verify', step: './actions/preflight', serves: 'next' },
  { job: 'store-listings', step: './actions/task', serves: 'next' },
  { job: 'safety-net', step: './actions/reconcile', fault: 'errors', serves: 'first' },
];

/** Of a job that takes traffic home: before and after each thing that it does. */
export type Moment = 'before its record' | 'before the order' | 'before the answer' | 'after the record';

/** A machine that is lost while it takes traffic home, and what ends what it began. */
export interface WayHomeLoss {
  readonly job: 'safety-net' | 'rollback' | 'reconcile';
  /** What sent it on its way. */
  readonly because: 'a dead canary' | 'a red checklist' | 'the red button';
  readonly moment: Moment;
  readonly endedBy: 'reconcile when the run has ended' | 'reconcile on schedule' | 'the button again';
}

const ENDED = 'reconcile when the run has ended';
const SCHEDULE = 'reconcile on schedule';
const AGAIN = 'the button again';

export const WAY_HOME_LOSSES: readonly WayHomeLoss[] = [
  { job: 'rollback', because: 'the red button', moment: 'before its record', endedBy: AGAIN },
  { job: 'rollback', because: 'the red button', moment: 'before the order', endedBy: ENDED },
  { job: 'rollback', because: 'the red button', moment: 'before the order', endedBy: AGAIN },
  { job: 'rollback', because: 'the red button', moment: 'before the answer', endedBy: SCHEDULE },
  { job: 'rollback', because: 'the red button', moment: 'after the record', endedBy: SCHEDULE },
  { job: 'reconcile', because: 'a dead canary', moment: 'before the order', endedBy: SCHEDULE },
  { job: 'reconcile', because: 'a dead canary', moment: 'before the answer', endedBy: SCHEDULE },
  { job: 'reconcile', because: 'a dead canary', moment: 'after the record', endedBy: SCHEDULE },
  { job: 'safety-net', because: 'a dead canary', moment: 'before the order', endedBy: ENDED },
  { job: 'safety-net', because: 'a dead canary', moment: 'before the answer', endedBy: ENDED },
  { job: 'safety-net', because: 'a dead canary', moment: 'after the record', endedBy: ENDED },
  { job: 'safety-net', because: 'a red checklist', moment: 'before the order', endedBy: ENDED },
  { job: 'safety-net', because: 'a red checklist', moment: 'before the answer', endedBy: ENDED },
];

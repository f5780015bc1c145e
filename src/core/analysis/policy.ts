import type { Milliseconds } from '../units.ts';

/** What one measurement of a KPI said. */
export type MeasurementOutcome = 'success' | 'failure' | 'inconclusive' | 'error';

/**
 * Limits on how often a KPI may be measured beyond where it should be, as Argo Rollouts' AnalysisTemplates have
 * them (there: failureLimit, inconclusiveLimit, consecutiveErrorLimit, consecutiveSuccessLimit, count). They
 * count within a step.
 */
export interface LimitPolicy {
  /** Null when failures alone never end the rollout; successes in a row are then needed. */
  readonly failuresAllowed: number | null;
  readonly inconclusiveAllowed: number;
  readonly consecutiveErrorsAllowed: number;
  /** Null when none are needed. */
  readonly consecutiveSuccessesNeeded: number | null;
  /** Measurements in a step, errors left out; null to measure as long as the step lasts. */
  readonly count: number | null;
  /** How long one measurement lasts. */
  readonly interval: Milliseconds;
  /** Time of a step before the first measurement begins. */
  readonly initialDelay: Milliseconds;
}

/** Argo's counters of one metric. An error is not among the measured. */
export interface PolicyCounters {
  readonly measured: number;
  readonly failures: number;
  readonly inconclusive: number;
  readonly consecutiveErrors: number;
  readonly consecutiveSuccesses: number;
}

export const UNMEASURED: PolicyCounters = {
  measured: 0,
  failures: 0,
  inconclusive: 0,
  consecutiveErrors: 0,
  consecutiveSuccesses: 0,
};

export type PolicyStanding = 'running' | 'successful' | 'failed' | 'inconclusive' | 'errored';

export function counted(before: PolicyCounters, outcome: MeasurementOutcome): PolicyCounters {
  if (outcome === 'error') {
    return { ...before, consecutiveErrors: before.consecutiveErrors + 1, consecutiveSuccesses: 0 };
  }
  return {
    measured: before.measured + 1,
    failures: before.failures + (outcome === 'failure' ? 1 : 0),
    inconclusive: before.inconclusive + (outcome === 'inconclusive' ? 1 : 0),
    consecutiveErrors: 0,
    consecutiveSuccesses: outcome === 'success' ? before.consecutiveSuccesses + 1 : 0,
  };
}

/** Limits are exceeded by more than what is allowed. Of several, the worst counts: failed, errored, inconclusive. */
export function policyStanding(policy: LimitPolicy, counters: PolicyCounters): PolicyStanding {
  const { failuresAllowed, consecutiveSuccessesNeeded: needed, count } = policy;
  if (failuresAllowed !== null && counters.failures > failuresAllowed) return 'failed';
  if (counters.consecutiveErrors > policy.consecutiveErrorsAllowed) return 'errored';
  if (counters.inconclusive > policy.inconclusiveAllowed) return 'inconclusive';
  if (needed !== null && counters.consecutiveSuccesses >= needed) return 'successful';
  if (count === null || counters.measured < count) return 'running';
  if (needed === null) return 'successful';
  return failuresAllowed === null ? 'failed' : 'inconclusive';
}

/** Whether the KPI is measured no more in this step: it has its successes, or all its measurements. */
export function isMeasured(policy: LimitPolicy, counters: PolicyCounters): boolean {
  if (policy.count !== null && counters.measured >= policy.count) return true;
  return policyStanding(policy, counters) === 'successful';
}

/**
 * Whether a bake may pass on it. Without a `count` and needed successes it runs as long as the step, and one
 * measurement is the least: what was never measured has not succeeded.
 */
export function isContent(policy: LimitPolicy, counters: PolicyCounters): boolean {
  const standing = policyStanding(policy, counters);
  if (standing !== 'running') return standing === 'successful';
  const isOpenEnded = policy.count === null && policy.consecutiveSuccessesNeeded === null;
  return isOpenEnded && counters.measured > 0;
}

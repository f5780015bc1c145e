import {
  counted,
  type LimitPolicy,
  type MeasurementOutcome,
  policyStanding,
  UNMEASURED,
} from '../../../../src/core/analysis/policy.ts';
import type { Recorded } from '../recorded.ts';
import { type Minute, minutesOf } from './minutes.ts';

/** A metric of an AnalysisTemplate: whether its successCondition holds; null when the query answers nothing. */
type Metric = (minute: Minute) => boolean | null;

const successRate =
  (least: number): Metric =>
  ({ requests, errors }) =>
    requests === 0 ? null : 1 - errors / requests >= least;

const errorRate =
  (most: number): Metric =>
  ({ requests, errors }) =>
    requests === 0 ? null : errors / requests <= most;

const latency =
  (quantile: number, most: number): Metric =>
  (minute) => {
    const value = minute.latency(quantile);
    return value === null ? null : value <= most;
  };

/** Argo's defaults but for the failureLimit of 3 that its examples have. */
const LIMITS: LimitPolicy = {
  failuresAllowed: 3,
  inconclusiveAllowed: 0,
  consecutiveErrorsAllowed: 4,
  consecutiveSuccessesNeeded: null,
  count: null,
  interval: 60_000,
  initialDelay: 0,
};

export const ARGO_POLICIES = {
  'argo-0.95': [successRate(0.95)],
  'argo-kpi': [errorRate(0.02), latency(0.95, 800)],
} as const satisfies Readonly<Record<string, readonly Metric[]>>;

/** The tick at which a background analysis of Argo Rollouts would end the rollout; null when it would not. */
export function decideAsArgo(rollout: Recorded, metrics: readonly Metric[]): number | null {
  const ends = metrics.map((metric) => endOf(minutesOf(rollout), metric)).filter((tick) => tick !== null);
  return ends.length === 0 ? null : Math.min(...ends);
}

/** Its counters go on from step to step, and no metric waits for another. */
function endOf(minutes: readonly Minute[], metric: Metric): number | null {
  let counters = UNMEASURED;
  for (const minute of minutes) {
    counters = counted(counters, outcomeOf(metric(minute)));
    if (policyStanding(LIMITS, counters) !== 'running') return minute.tick;
  }
  return null;
}

function outcomeOf(holds: boolean | null): MeasurementOutcome {
  if (holds === null) return 'error';
  return holds ? 'success' : 'failure';
}

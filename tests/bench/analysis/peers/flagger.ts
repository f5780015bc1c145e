import type { Recorded } from '../recorded.ts';
import { type Minute, minutesOf } from './minutes.ts';

/** A check of Flagger's: whether it passes. No answer is a failed check. */
type Check = (minute: Minute) => boolean;

const THRESHOLD = 5;

const successRate =
  (leastPercent: number): Check =>
  ({ requests, errors }) =>
    requests > 0 && ((requests - errors) / requests) * 100 >= leastPercent;

const errorRate =
  (most: number): Check =>
  ({ requests, errors }) =>
    requests > 0 && errors / requests <= most;

/** Flagger cuts a duration down to whole milliseconds before it compares: 500.99 ms is not above 500 ms. */
const duration =
  (quantile: number, mostMs: number): Check =>
  (minute) => {
    const value = minute.latency(quantile);
    return value !== null && Math.trunc(value) <= mostMs;
  };

export const FLAGGER_POLICIES = {
  'flagger-default': [successRate(99), duration(0.99, 500)],
  'flagger-kpi': [errorRate(0.02), duration(0.95, 800)],
} as const satisfies Readonly<Record<string, readonly Check[]>>;

/**
 * The tick at which Flagger would roll back; null when it would not. The first failed check ends a minute's look
 * and is counted; the count never falls; the rollback comes one look after the count has reached its threshold.
 */
export function decideAsFlagger(rollout: Recorded, checks: readonly Check[]): number | null {
  let failed = 0;
  for (const minute of minutesOf(rollout)) {
    if (failed >= THRESHOLD) return minute.tick;
    if (!checks.every((check) => check(minute))) failed += 1;
  }
  return null;
}

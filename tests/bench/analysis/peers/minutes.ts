import { quantileOf } from '../../../../src/core/analysis/quantile.ts';
import type { Recorded } from '../recorded.ts';

const SECONDS = 60;

/** What a query over the last minute would answer about the canary. */
export interface Minute {
  /** The recorded tick with which it ends. */
  readonly tick: number;
  readonly requests: number;
  readonly errors: number;
  /** Milliseconds, interpolated as Prometheus does; null without requests. */
  readonly latency: (quantile: number) => number | null;
}

/** The peers ask once a minute, about that minute; what is left of a last one that is not full is not asked about. */
export function minutesOf({ canary, latencyBoundsMs, tickSeconds }: Recorded): Minute[] {
  const ticks = Math.round(SECONDS / tickSeconds);
  const full = Math.floor(canary.requests.length / ticks);
  return Array.from({ length: full }, (_, minute) => {
    const from = minute * ticks;
    const until = from + ticks;
    const counts = canary.latency.map((bucket) => sum(bucket, from, until));
    return {
      tick: until - 1,
      requests: sum(canary.requests, from, until),
      errors: sum(canary.errors, from, until),
      latency: (quantile) => quantileOf(latencyBoundsMs, counts, quantile)?.value ?? null,
    };
  });
}

function sum(values: readonly number[], from: number, until: number): number {
  return values.slice(from, until).reduce((total, value) => total + value, 0);
}

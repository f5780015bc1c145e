import type { EpochMs, Milliseconds } from '../core/units.ts';

export interface Clock {
  /** What the wall says; may jump. Only for records. */
  now(): EpochMs;
  /** Never goes back; only differences mean anything. */
  monotonic(): Milliseconds;
  /** Resolves after `ms`, or at once when the signal aborts. Never rejects. */
  sleep(ms: Milliseconds, signal: AbortSignal): Promise<void>;
}

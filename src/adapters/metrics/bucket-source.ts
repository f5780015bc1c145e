import type { EpochMs, Milliseconds } from '../../core/units.ts';
import type { BucketRead, Span } from './bucket-series.ts';

export interface BucketAnswer {
  readonly reads: readonly BucketRead[];
  /** When it was answered, by the server's own clock in whole seconds; null when it does not say. */
  readonly date: EpochMs | null;
}

/** A service that keeps numbers and adds them up in buckets of time. */
export interface BucketSource {
  /** What people call it: `Datadog`. */
  readonly name: string;
  /** Where it is asked, for people. */
  readonly place: string;
  /** Of the span, every bucket that has something in it. Rejects with a message for people. */
  readonly read: (span: Span, signal: AbortSignal) => Promise<BucketAnswer>;
}

export interface BucketPace {
  /** Length of a bucket. */
  readonly period: Milliseconds;
  /** How long after its end a bucket is looked at, so that what is late has arrived. */
  readonly delay: Milliseconds;
}

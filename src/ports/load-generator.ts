import type { UnreadableLoadReport } from '../core/load/load-reading.ts';
import type { LoadRun } from '../core/load/load-run.ts';
import type { EpochMs, Milliseconds } from '../core/units.ts';
import type { Registered } from './adapter-context.ts';

export interface LoadOrder {
  /** Requests a second that must be borne; null while nobody knows. What is configured comes first. */
  readonly required: number | null;
}

/** `runs` is what the generator itself told of its load. */
export type Generated =
  | { readonly kind: 'done'; readonly startedAt: EpochMs; readonly runs: readonly LoadRun[] }
  | { readonly kind: 'unreadable'; readonly startedAt: EpochMs; readonly report: UnreadableLoadReport }
  /** It began and did not end as it should. */
  | { readonly kind: 'failed'; readonly why: string; readonly fix: string }
  /** It could not begin. */
  | { readonly kind: 'unable'; readonly why: string; readonly fix: string };

/** Makes load, and comes back when all of it is over; on abort at once, with everything that it started. */
export interface LoadGenerator {
  readonly name: string;
  run(order: LoadOrder, signal: AbortSignal): Promise<Generated>;
}

export interface RegisteredGenerator extends Registered<LoadGenerator> {
  /** How long the load lasts that counts; null where a script decides it. */
  readonly duration: Milliseconds | null;
}

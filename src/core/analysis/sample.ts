import type { EpochMs, Milliseconds } from '../units.ts';

/** What happened in one tick on one arm. Counts are increments of the tick, never running totals. */
export type Observation =
  | { readonly type: 'events'; readonly bad: number; readonly total: number }
  | {
      readonly type: 'histogram';
      /** Upper bounds in the KPI's unit, ascending, without +Inf. */
      readonly bounds: readonly number[];
      /** Events per bucket, not cumulative; one more than bounds, the last one above every bound. */
      readonly counts: readonly number[];
    }
  | { readonly type: 'value'; readonly value: number };

/** No data is not an error, an error is not no data, and neither is health. */
export type Reading =
  | { readonly kind: 'data'; readonly observation: Observation }
  | { readonly kind: 'no-data'; readonly why: string }
  | { readonly kind: 'error'; readonly why: string };

export interface ArmReadings {
  readonly canary: Reading;
  /** Null when no stable arm is watched: a shared KPI, or no stable version. */
  readonly stable: Reading | null;
}

/** Requests served in the tick by each arm, as the source of truth for the share really observed. */
export interface Traffic {
  readonly canary: number;
  readonly stable: number;
}

export interface Sample {
  readonly at: EpochMs;
  /** Watched time that the increments cover. */
  readonly elapsed: Milliseconds;
  readonly kpis: Readonly<Record<string, ArmReadings>>;
  readonly traffic: Traffic | null;
}

import type { Slot } from '../../core/rollout/record.ts';
import type { HistogramTally } from './buckets.ts';
import type { Counted } from './increments.ts';
import type { Series } from './series.ts';

/** One side of the rollout, or `shared` for everything together. */
export type ArmKey = Slot | 'shared';

/** A native histogram with what it gained, in its own unit; null when this look only sets its base line. */
export interface CountedNative {
  readonly series: Series;
  readonly gained: HistogramTally | null;
}

/** What one endpoint or scrape target shows of an arm. */
export interface Instance {
  readonly address: string;
  readonly gauges: readonly Series[];
  readonly counted: readonly Counted[];
  readonly natives: readonly CountedNative[];
}

/** What this tick shows of an arm. */
export interface ArmView {
  readonly arm: ArmKey;
  readonly instances: readonly Instance[];
  /** What could not be read of this arm. */
  readonly failures: readonly { readonly why: string }[];
  /** Where its series were looked for, for people. */
  readonly place: string;
}

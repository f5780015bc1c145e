import type { Milliseconds, Ratio } from '../../units.ts';
import type { HistoryState } from './history.ts';
import type { TrackEvent, TrackState } from './track.ts';

/** All evidence of the comparisons. Plain JSON of fixed size: what comes back from JSON goes on bit for bit. */
export interface ComparisonState {
  /** Watched time since the canary's first event, divided by the pace; null before it. */
  readonly age: Milliseconds | null;
  readonly tracks: readonly TrackState[];
  readonly histories: readonly HistoryState[];
  /** Highest log evidence so far. */
  readonly peak: number;
}

export interface StreamEvidence {
  readonly id: string;
  readonly kpi: string;
  /** Log of the stream's e-process. */
  readonly log: number;
  /** Share of alpha. */
  readonly weight: number;
  /** What the log evidence of this tick was divided by. */
  readonly dispersion: number;
}

/** Who carries the evidence, and in which counts it shows. */
export interface Culprit {
  readonly stream: string;
  readonly kpi: string;
  readonly event: TrackEvent;
  /** Events since the evidence began to grow. For a canary that serves alone, `stable` is null. */
  readonly canary: { readonly bad: number; readonly total: number };
  readonly stable: { readonly bad: number; readonly total: number } | null;
  /** For a canary that serves alone: the highest bad share that would not be blamed. */
  readonly limit: Ratio | null;
  /** Watched time in which these events came; null for a canary that serves alone. */
  readonly watched: Milliseconds | null;
  readonly chance: Ratio;
}

export interface ComparisonEvidence {
  /** Log of the weighted average of all streams. */
  readonly log: number;
  /** Log of 1/alpha: reaching it convicts. */
  readonly threshold: number;
  readonly convicts: boolean;
  /** Chance of ever seeing as much evidence against a canary that is no worse than tolerated. */
  readonly chance: Ratio;
  readonly streams: readonly StreamEvidence[];
  /** The stream with the largest share of the evidence, once there is some. */
  readonly culprit: Culprit | null;
  /** Every margin has once been proven, at the design's beta. False when no KPI has a margin. */
  readonly nonInferior: boolean;
}

import type { EpochMs, Milliseconds } from '../core/units.ts';

export interface FigureQuestion {
  /** In the provider's own language. */
  readonly expression: string;
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly step: Milliseconds;
}

/** Values at the times of the steps; times without a number are left out. */
export interface FigureSeries {
  /** As the provider names it, for people. */
  readonly name: string;
  readonly points: readonly { readonly at: EpochMs; readonly value: number }[];
}

/** Answers an expression of the user's over a span of the past. Rejects with an AdapterError. */
export interface FigureSource {
  readonly name: string;
  /** How often there is a new value. */
  readonly interval: Milliseconds;
  /** How long after an instant its values have arrived. */
  readonly lag: Milliseconds;
  read(question: FigureQuestion, signal: AbortSignal): Promise<readonly FigureSeries[]>;
}

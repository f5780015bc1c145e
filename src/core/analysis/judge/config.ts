export type Direction = 'increase' | 'decrease' | 'either';

/** How much of a shift matters, as a ratio of means or as the chance that a canary value is the higher one. */
export interface EffectRules {
  readonly measure: 'mean-ratio' | 'cles';
  readonly allowedIncrease: number;
  readonly allowedDecrease: number;
  readonly criticalIncrease: number;
  readonly criticalDecrease: number;
}

/** What Kayenta's canary config says of one metric. */
export interface JudgedMetric {
  readonly name: string;
  readonly groups: readonly string[];
  readonly direction: Direction;
  /** What becomes of an interval without a value: it is left out, or counts as 0. */
  readonly missing: 'remove' | 'replace';
  /** Values so many interquartile ranges off are left out; null when all are kept. */
  readonly outlierFactor: number | null;
  /** Fails the canary on its own. */
  readonly critical: boolean;
  readonly mustHaveData: boolean;
  /** Told, and not counted. */
  readonly muted: boolean;
  readonly effect: EffectRules;
}

/** Scores from 0 to 100. */
export interface ScoreThresholds {
  readonly pass: number;
  readonly marginal: number;
}

/** The part of Kayenta's canary config that its judge reads. */
export interface JudgeConfig<M extends JudgedMetric = JudgedMetric> {
  readonly metrics: readonly M[];
  /** Points of 100; groups that are not named share what is left. */
  readonly groupWeights: Readonly<Record<string, number>>;
  readonly thresholds: ScoreThresholds;
}

/** Values per interval; NaN where there was none. The two arms are not paired. */
export interface ArmSamples {
  readonly canary: readonly number[];
  readonly stable: readonly number[];
}

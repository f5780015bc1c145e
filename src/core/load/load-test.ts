import type { Limit } from '../analysis/kpi.ts';
import type { Severity } from '../checks/checklist.ts';
import type { EpochMs, Milliseconds, Ratio } from '../units.ts';
import type { UnreadableLoadReport } from './load-reading.ts';
import type { LoadRun } from './load-run.ts';

/** What a load test must prove. */
export interface LoadTestRules {
  /** How many times normal traffic must be borne. */
  readonly times: number;
  /** For how long without a break. */
  readonly hold: Milliseconds;
  /** How far a single bin of the hold may fall below the rate. */
  readonly dip: Ratio;
  readonly latency: readonly LatencyRule[];
  /** Of all requests, as a ratio. */
  readonly errors: Limit;
  /** Share of the script's assertions that must hold; null when they are not asked about. */
  readonly checks: Limit | null;
  readonly minRequests: number;
  /** How much of what was due may have gone unsent, and how far a closed loop may have slowed down. */
  readonly omission: { readonly tolerance: Ratio; readonly severity: Severity };
  readonly resources: readonly ResourceRule[];
  readonly regression: RegressionRule | null;
  readonly version: VersionRule;
  /** A report that ended longer ago is of another time. */
  readonly maxAge: Milliseconds;
}

export interface LatencyRule {
  readonly quantile: Ratio;
  /** In milliseconds. */
  readonly limit: Limit;
}

export const FOLDS = ['max', 'p95', 'mean'] as const;
/** How many values of a series are made one. */
export type Fold = (typeof FOLDS)[number];

export interface ResourceRule {
  readonly name: string;
  readonly limit: Limit;
  readonly unit: 'ratio' | 'number';
  readonly fold: Fold;
}

/** How much worse than the last accepted run; null for what is not compared. */
export interface RegressionRule {
  /** Relative: 0.2 lets each quantile rise by a fifth. */
  readonly latency: Ratio | null;
  readonly rate: Ratio | null;
  /** Absolute: 0.005 lets the share of errors rise by half a point. */
  readonly errors: Ratio | null;
}

/** Who says which version was under load: the service itself, the reports, or nobody. */
export type VersionRule = 'service' | 'report' | 'off';

/** What was found out, for the rules to judge. */
export interface LoadFacts {
  readonly now: EpochMs;
  /** Where reports were looked for and none was. */
  readonly unmatched: readonly string[];
  readonly found: readonly FoundRun[];
  readonly unreadable: readonly UnreadableLoadReport[];
  readonly generator: GeneratorEnd | null;
  readonly normal: NormalTraffic;
  readonly versions: readonly SeenVersion[];
  /** What counts as the right version: its name, and its commit. */
  readonly expectedVersions: readonly string[];
  readonly resources: readonly ResourceReading[];
  readonly baseline: Baseline;
}

export interface FoundRun {
  readonly run: LoadRun;
  /** When the report was written, for one that does not say when the load was. */
  readonly writtenAt: EpochMs;
}

export type GeneratorEnd =
  | { readonly kind: 'done'; readonly startedAt: EpochMs }
  | { readonly kind: 'failed'; readonly why: string; readonly fix: string }
  | { readonly kind: 'unable'; readonly why: string; readonly fix: string };

/** Requests a second. */
export type NormalTraffic =
  | { readonly kind: 'known'; readonly rate: number; readonly source: string }
  | { readonly kind: 'no-data'; readonly why: string }
  | { readonly kind: 'error'; readonly why: string };

export interface SeenVersion {
  readonly at: EpochMs;
  /** Null when the service did not say. */
  readonly version: string | null;
  readonly why: string;
}

export type ResourceReading = { readonly name: string } & (
  | { readonly kind: 'value'; readonly value: number }
  | { readonly kind: 'no-data'; readonly why: string }
  | { readonly kind: 'error'; readonly why: string }
);

/** What is kept of a run that passed, for the next one to be held against. */
export interface AcceptedRun {
  readonly at: EpochMs;
  readonly version: string;
  readonly sha: string;
  /** Requests a second that had to be borne. */
  readonly required: number;
  readonly rate: number;
  readonly errorRate: Ratio;
  readonly requests: number;
  /** In milliseconds. */
  readonly quantiles: readonly { readonly quantile: Ratio; readonly ms: Milliseconds }[];
}

export type Baseline =
  | { readonly kind: 'none' }
  | { readonly kind: 'found'; readonly run: AcceptedRun }
  | { readonly kind: 'error'; readonly why: string };

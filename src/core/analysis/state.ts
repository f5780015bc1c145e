import type { Milliseconds } from '../units.ts';
import type { ComparisonProgress } from './comparison/progress.ts';
import type { JudgeProgress } from './judge/progress.ts';
import type { MeasurementOutcome, PolicyCounters } from './policy.ts';

/**
 * What some time of watching showed on one arm; a row and not an object, since a state holds hundreds of them.
 * `counts` are those of a quantile: events per bucket, for the bounds that the KPI's state holds.
 */
export type WindowEntry = readonly [ms: Milliseconds, bad: number, total: number, counts?: readonly number[]];

/** What some time of watching showed on both arms. For a gauge the counts are milliseconds beyond, and read. */
export type TrailEntry = readonly [
  ms: Milliseconds,
  bad: number,
  total: number,
  stableBad: number,
  stableTotal: number,
];

/** Counts of both arms over some time. For a gauge they are milliseconds. */
export interface Stretch {
  readonly ms: Milliseconds;
  readonly bad: number;
  readonly total: number;
  readonly stableBad: number;
  readonly stableTotal: number;
}

/** What was gathered while a KPI has stayed beyond its limit. */
export interface BreachRun extends Stretch {
  readonly ticks: number;
  /** Watched time of the step when the run began. */
  readonly since: Milliseconds;
}

/** What was seen of a KPI with a policy since its last measurement. A gauge counts its newest reading as one event. */
export interface Measurement {
  readonly ms: Milliseconds;
  readonly bad: number;
  readonly total: number;
  /** For a quantile and a gauge: events that missed the target. */
  readonly offTarget: number;
  readonly stableBad: number;
  readonly stableTotal: number;
  /** The provider failed meanwhile. */
  readonly erred: boolean;
}

/** How a KPI with a policy was measured in this step. */
export interface PolicyState {
  readonly current: Measurement;
  readonly counters: PolicyCounters;
  /** The newest measurement that ended, with the canary's value then; null before the first. */
  readonly last:
    | (Measurement & { readonly outcome: MeasurementOutcome; readonly value: number | null })
    | null;
}

export interface KpiState {
  /** The trailing window, oldest first. For `never` it is as long as its `for`. */
  readonly canary: readonly WindowEntry[];
  readonly stable: readonly WindowEntry[];
  /** For a quantile: the bucket bounds that the windows were counted with; versions may differ. */
  readonly bounds: { readonly canary: readonly number[] | null; readonly stable: readonly number[] | null };
  readonly run: BreachRun | null;
  /**
   * The trailing `for`, oldest first, longer while it holds fewer than the KPI's samples. Unlike the run it
   * does not depend on when the breach began, so more bad events can never make it look better.
   */
  readonly trail: readonly TrailEntry[];
  /** How long the KPI has said nothing, without a break. */
  readonly silentMs: Milliseconds;
  /** How long its provider has failed, without a break. */
  readonly erringMs: Milliseconds;
  /** For `never` KPIs: watched time since the last event, per arm. */
  readonly sinceEvent: { readonly canary: Milliseconds | null; readonly stable: Milliseconds | null };
  /** Everything judged in this step, its warm-up left out. A gauge counts readings. */
  readonly step: {
    readonly bad: number;
    readonly total: number;
    readonly stableBad: number;
    readonly stableTotal: number;
  };
  /** The newest values, for people. */
  readonly latest: { readonly canary: number | null; readonly stable: number | null };
  /** Only for a KPI with a policy. */
  readonly policy?: PolicyState;
}

/** Evidence so far: plain JSON of bounded size, so that a resumed rollout loses none of it. */
export interface AnalysisState {
  /** The step that the per-step counts belong to; -1 before the first. */
  readonly step: number;
  /** True until the first tick after a shift: what that tick counts may stem from before the shift. */
  readonly shifted: boolean;
  /** Watched time in this step. */
  readonly watchedMs: Milliseconds;
  readonly kpis: Readonly<Record<string, KpiState>>;
  /** Requests seen in this step, and for how many ticks they have shown another share than the router was set to. */
  readonly traffic: { readonly canary: number; readonly stable: number; readonly apart: number };
  /** Evidence of the comparison with stable, over all steps; null before its first tick. */
  readonly comparison: ComparisonProgress | null;
  /** What the judge has gathered in this step, and said; null while there is nothing. */
  readonly judge: JudgeProgress | null;
  /** Requests served by the canary in the whole rollout, and how many of them were bad: who was exposed. */
  readonly exposed: { readonly requests: number; readonly bad: number };
}

export function initialAnalysis(): AnalysisState {
  return {
    step: -1,
    shifted: true,
    watchedMs: 0,
    kpis: {},
    traffic: { canary: 0, stable: 0, apart: 0 },
    comparison: null,
    judge: null,
    exposed: { requests: 0, bad: 0 },
  };
}

export function initialKpiState(): KpiState {
  return {
    canary: [],
    stable: [],
    bounds: { canary: null, stable: null },
    run: null,
    trail: [],
    silentMs: 0,
    erringMs: 0,
    sinceEvent: { canary: null, stable: null },
    step: { bad: 0, total: 0, stableBad: 0, stableTotal: 0 },
    latest: { canary: null, stable: null },
  };
}

/**
 * To be called whenever traffic has been shifted. A new step starts its own counts, but the comparison goes on; coming back to the same
 * step goes on with what it had.
 */
export function enterStep(state: AnalysisState, step: number): AnalysisState {
  if (state.step === step) return { ...state, shifted: true };
  return { ...initialAnalysis(), step, comparison: state.comparison, exposed: state.exposed };
}

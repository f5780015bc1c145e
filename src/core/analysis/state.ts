import type { Milliseconds } from '../units.ts';

/** One tick's counts of the trailing window. */
export interface WindowEntry {
  readonly ms: Milliseconds;
  readonly bad: number;
  readonly total: number;
}

/** Counts gathered while a KPI has stayed beyond its limit. */
export interface BreachRun {
  readonly ms: Milliseconds;
  readonly bad: number;
  readonly total: number;
  /** What the other arm showed meanwhile. */
  readonly stableBad: number;
  readonly stableTotal: number;
  /** Watched time of the step when the run began. */
  readonly since: Milliseconds;
}

export interface KpiState {
  readonly canary: readonly WindowEntry[];
  readonly stable: readonly WindowEntry[];
  readonly run: BreachRun | null;
  /** How long the KPI has said nothing, without a break. */
  readonly silentMs: Milliseconds;
  /** How long its provider has failed, without a break. */
  readonly erringMs: Milliseconds;
  /** For `never` KPIs: watched time since the last event, per arm. */
  readonly sinceEvent: { readonly canary: Milliseconds | null; readonly stable: Milliseconds | null };
  /** Everything seen in this step. */
  readonly step: {
    readonly bad: number;
    readonly total: number;
    readonly stableBad: number;
    readonly stableTotal: number;
  };
  /** The newest values, for people. */
  readonly latest: { readonly canary: number | null; readonly stable: number | null };
}

/** Evidence so far: plain JSON of bounded size, so that a resumed rollout loses none of it. */
export interface AnalysisState {
  /** The step that the per-step counts belong to; -1 before the first. */
  readonly step: number;
  /** Watched time in this step. */
  readonly watchedMs: Milliseconds;
  readonly kpis: Readonly<Record<string, KpiState>>;
  /** Requests seen in this step. */
  readonly traffic: { readonly canary: number; readonly stable: number };
  /** Requests served by the canary in the whole rollout, and how many of them were bad: who was exposed. */
  readonly exposed: { readonly requests: number; readonly bad: number };
}

export function initialAnalysis(): AnalysisState {
  return {
    step: -1,
    watchedMs: 0,
    kpis: {},
    traffic: { canary: 0, stable: 0 },
    exposed: { requests: 0, bad: 0 },
  };
}

export function initialKpiState(): KpiState {
  return {
    canary: [],
    stable: [],
    run: null,
    silentMs: 0,
    erringMs: 0,
    sinceEvent: { canary: null, stable: null },
    step: { bad: 0, total: 0, stableBad: 0, stableTotal: 0 },
    latest: { canary: null, stable: null },
  };
}

/** A new step starts its own counts; coming back to the same step goes on with what it had. */
export function enterStep(state: AnalysisState, step: number): AnalysisState {
  if (state.step === step) return state;
  return { ...initialAnalysis(), step, exposed: state.exposed };
}

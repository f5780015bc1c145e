import type { Finding } from '../checks/finding.ts';
import type { Milliseconds, Percent } from '../units.ts';
import type { Advanced } from './advance.ts';
import type { Blame, Circumstances } from './attribution.ts';
import type { ComparisonRules } from './comparison/rules.ts';
import type { Judging } from './judge/settings.ts';
import type { Kpi } from './kpi.ts';
import type { Tally } from './observation.ts';
import type { Sample } from './sample.ts';
import type { AnalysisState, KpiState } from './state.ts';
import type { TickVerdict } from './verdict.ts';

/** How a KPI stands to its alert limit. */
export type Standing =
  | { readonly kind: 'calm' }
  /** Beyond its limit, but not for long enough; `clear` when it is no noise. */
  | { readonly kind: 'beyond'; readonly clear: boolean; readonly blame: Blame }
  /** The guardrail has fired. */
  | { readonly kind: 'fired'; readonly blame: Blame };

/** How far the share of requests really observed may lie from the weight. */
export interface ShareRule {
  /** In points of percent. */
  readonly tolerance: Percent;
  /** Requests of both arms before anything is said. */
  readonly minRequests: number;
}

/** One KPI in one tick: what was read, what is known since, and what to think of it. */
export interface KpiTick extends Circumstances {
  readonly kpi: Kpi;
  readonly canary: Tally;
  readonly stable: Tally | null;
  /** With this tick counted in. */
  readonly state: KpiState;
  readonly warming: Advanced['warming'];
  readonly standing: Standing;
}

/** One tick of a rollout, as every evaluator gets to see it. */
export interface Tick {
  readonly kpis: readonly KpiTick[];
  /** The KPIs as they were given. */
  readonly configured: readonly Kpi[];
  readonly sample: Sample;
  readonly weight: Percent;
  readonly share: ShareRule | null;
  readonly comparison: ComparisonRules | null;
  /** What the step asks for beyond that nothing objects. */
  readonly require: 'non-inferior' | null;
  readonly judging: Judging | null;
  readonly elapsed: Milliseconds;
  /** True for the first tick after a shift: what it counts may stem from before. */
  readonly shifted: boolean;
}

export interface Evaluation {
  readonly state: AnalysisState;
  readonly verdicts: readonly TickVerdict[];
  readonly findings: readonly Finding[];
}

/** One way to look at a tick. It may keep evidence of its own in the state, and says nothing when content. */
export type Evaluator = (tick: Tick, state: AnalysisState) => Evaluation;

/** What an evaluator answers that keeps no evidence of its own and leaves the findings to others. */
export function opinions(state: AnalysisState, verdicts: readonly TickVerdict[]): Evaluation {
  return { state, verdicts, findings: [] };
}

import type { Finding } from '../checks/finding.ts';
import type { Milliseconds, Percent } from '../units.ts';
import { advance } from './advance.ts';
import { outages, shortages, silence } from './budget.ts';
import { comparison } from './compared.ts';
import type { ComparisonRules } from './comparison/rules.ts';
import type { Evaluation, Evaluator, KpiTick, ShareRule, Tick } from './evaluator.ts';
import { kpiFinding } from './findings.ts';
import { guardrails, nevers, standing, unripe } from './guardrail.ts';
import type { Kpi } from './kpi.ts';
import { tally } from './observation.ts';
import type { ArmReadings, Sample } from './sample.ts';
import { trafficOf, trafficShare } from './share.ts';
import { type AnalysisState, initialKpiState } from './state.ts';
import { type TickVerdict, worstOf } from './verdict.ts';

export interface AnalysisInput {
  readonly kpis: readonly Kpi[];
  readonly state: AnalysisState;
  readonly sample: Sample;
  /** The canary's share of traffic in this step. */
  readonly weight: Percent;
  /** Null when the share of traffic really observed is not watched. */
  readonly share: ShareRule | null;
  /** Null when the canary is not compared with stable. The same at every tick of a rollout. */
  readonly comparison: ComparisonRules | null;
}

export interface Analysis {
  readonly state: AnalysisState;
  readonly verdict: TickVerdict;
  /** One for every KPI, one for the comparison and one for the share of traffic when they are on. */
  readonly findings: readonly Finding[];
}

/** Everything that may object to a tick. Of several that fail it, the first gives the reason; the findings tell of all. */
const EVALUATORS: readonly Evaluator[] = [
  nevers,
  guardrails,
  comparison,
  trafficShare,
  silence,
  outages,
  unripe,
  shortages,
];

/**
 * Judges one tick: a pure function of the evidence so far and of what the tick showed. The same inputs give
 * the same answer, also after the state has been through JSON.
 */
export function analyse(input: AnalysisInput): Analysis {
  const { tick, state } = watch(input);
  const start: Evaluation = { state, verdicts: [], findings: [] };
  const seen = EVALUATORS.reduce((before, evaluate) => {
    const { state, verdicts, findings } = evaluate(tick, before.state);
    return {
      state,
      verdicts: [...before.verdicts, ...verdicts],
      findings: [...before.findings, ...findings],
    };
  }, start);
  return {
    state: seen.state,
    verdict: worstOf(seen.verdicts),
    get findings() {
      return [...tick.kpis.map(kpiFinding), ...seen.findings];
    },
  };
}

function watch(input: AnalysisInput): { readonly tick: Tick; readonly state: AnalysisState } {
  const { state, sample, weight, share, comparison } = input;
  const elapsed = Number.isFinite(sample.elapsed) ? Math.max(0, sample.elapsed) : 0;
  const kpis = input.kpis.map((kpi) => watchKpi(kpi, input, elapsed));
  const configured = input.kpis;
  const { shifted } = state;
  const tick: Tick = { kpis, configured, sample, weight, share, comparison, elapsed, shifted };
  const next: AnalysisState = {
    ...state,
    shifted: false,
    watchedMs: state.watchedMs + elapsed,
    kpis: Object.fromEntries(kpis.map(({ kpi, state }) => [kpi.id, state])),
    exposed: exposure(tick, state.exposed),
  };
  return { tick, state: next };
}

function watchKpi(kpi: Kpi, { state, sample, weight }: AnalysisInput, elapsed: Milliseconds): KpiTick {
  const readings = readingsOf(sample, kpi.id);
  const canary = tally(kpi, readings.canary);
  const stable = readings.stable === null ? null : tally(kpi, readings.stable);
  const before = Object.hasOwn(state.kpis, kpi.id) ? state.kpis[kpi.id] : undefined;
  const heard = { canary, stable, elapsed, from: state.watchedMs };
  const advanced = advance(kpi, before ?? initialKpiState(), heard);
  const circumstances = { weight, watchedMs: state.watchedMs + elapsed };
  const { state: next, warming } = advanced;
  return {
    kpi,
    canary,
    stable,
    state: next,
    warming,
    standing: standing(kpi, advanced, circumstances),
    ...circumstances,
  };
}

function readingsOf(sample: Sample, id: string): ArmReadings {
  const readings = Object.hasOwn(sample.kpis, id) ? sample.kpis[id] : undefined;
  return readings ?? { canary: { kind: 'error', why: 'the provider gave no reading of it' }, stable: null };
}

/**
 * Who was exposed: requests as the traffic counter has them, or else the largest total of a ratio KPI; the bad
 * ones are those of the first ratio KPI, which is the error rate.
 */
function exposure({ kpis, sample }: Tick, before: AnalysisState['exposed']): AnalysisState['exposed'] {
  const ratios = kpis
    .filter(({ kpi }) => kpi.type === 'ratio' && kpi.scope === 'per-arm')
    .map(({ canary }) => (canary.kind === 'events' ? canary : { bad: 0, total: 0 }));
  const largest = Math.max(0, ...ratios.map(({ total }) => total));
  const requests = trafficOf(sample)?.canary ?? largest;
  return { requests: before.requests + requests, bad: before.bad + (ratios[0]?.bad ?? 0) };
}

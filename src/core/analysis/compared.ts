import type { Finding } from '../checks/finding.ts';
import { compareTick } from './comparison/compare.ts';
import { explainCulprit } from './comparison/culprit.ts';
import type { ComparisonEvidence, Culprit } from './comparison/evidence.ts';
import type { ArmObservations } from './comparison/observed.ts';
import { oddsAgainst } from './comparison/odds.ts';
import { designFor, isSuspected } from './comparison/progress.ts';
import { type Evaluator, type KpiTick, opinions, type Tick } from './evaluator.ts';
import type { Tally } from './observation.ts';
import type { Observation } from './sample.ts';
import type { TickVerdict } from './verdict.ts';

/** Holds the canary against stable, tick by tick, over the whole rollout: fails once chance is ruled out. */
export const comparison: Evaluator = (tick, state) => {
  const { comparison: rules } = tick;
  if (rules === null) return { state, verdicts: [], findings: [] };
  const kpis = Object.fromEntries(tick.kpis.map((one) => [one.kpi.id, observationsOf(one)]));
  const known = designFor(tick.configured, rules, state.comparison, kpis);
  const { design, bounds, streams } = known;
  const alone = tick.weight >= 100;
  const seen = compareTick(design, known.state, { elapsed: tick.elapsed, alone, kpis });
  const { log, threshold, culprit, nonInferior } = seen.evidence;
  const comparison = { bounds, streams, state: seen.state, log, threshold, suspect: culprit, nonInferior };
  const next = { ...state, comparison };
  const isOn = seen.state.age !== null && design.tracks.length > 0;
  return {
    state: next,
    verdicts: convictions(tick, seen.evidence),
    findings: [finding(tick, seen.evidence, isOn)],
  };
};

/**
 * Where a step asks for it, its bake does not pass before the canary is proven no worse than stable. What was
 * proven once stays so, also in later steps: the evidence is that of the whole rollout.
 */
export const proof: Evaluator = (tick, state) => {
  if (tick.require === null || state.comparison?.nonInferior === true) return opinions(state, []);
  const message = 'the canary is not yet proven no worse than stable, which this step requires';
  return opinions(state, [{ kind: 'short-of-samples', reason: { code: 'inconclusive', message } }]);
};

/** A KPI that warms up accuses nobody, and what cannot be true is no evidence. */
function observationsOf({ canary, stable, warming }: KpiTick): ArmObservations {
  if (warming) return { canary: null, stable: null };
  return { canary: observation(canary), stable: stable === null ? null : observation(stable) };
}

function observation(seen: Tally): Observation | null {
  if (seen.kind !== 'events') return null;
  const { bad, total, shape } = seen;
  if (shape === null) return { type: 'events', bad, total };
  return { type: 'histogram', bounds: shape.bounds, counts: shape.counts };
}

function convictions(tick: Tick, { convicts, culprit }: ComparisonEvidence): readonly TickVerdict[] {
  if (!convicts || culprit === null) return [];
  const message = sentence(tick, culprit);
  return [{ kind: 'fail', reason: { code: 'comparison-regressed', message, kpi: culprit.kpi } }];
}

function sentence(tick: Tick, culprit: Culprit): string {
  const blamed = tick.configured.find(({ id }) => id === culprit.kpi);
  return `${blamed?.title ?? culprit.kpi}: ${explainCulprit(culprit, blamed?.unit)}`;
}

function finding(tick: Tick, evidence: ComparisonEvidence, isOn: boolean): Finding {
  const { log, threshold, convicts, culprit } = evidence;
  const named = { check: 'comparison', title: 'Canary against stable' };
  const expected = `evidence below ${oddsAgainst(threshold)}`;
  if (!isOn) return { ...named, status: 'skipped', observed: 'nothing to compare yet', expected };
  const suspect = isSuspected(evidence);
  const accused = suspect && culprit !== null ? [sentence(tick, culprit)] : [];
  return {
    ...named,
    status: convicts ? 'fail' : suspect ? 'warn' : 'pass',
    observed: `evidence ${oddsAgainst(log)} that the canary is worse`,
    expected,
    detail: [...accused, evidence.nonInferior ? 'proven no worse' : 'not yet proven no worse'].join('; '),
  };
}

import { isSilent } from './advance.ts';
import { type Evaluator, type KpiTick, opinions } from './evaluator.ts';
import { isRequired, samplesToPass } from './kpi.ts';
import type { TickVerdict } from './verdict.ts';
import { outageMessage, shortMessage, silenceMessage } from './wording.ts';

/**
 * Silence is no health. A reading without data holds the tick; a KPI that is merely idle does not, until its
 * budget is used up. Then its policy decides.
 */
export const silence: Evaluator = (tick, state) => opinions(state, tick.kpis.flatMap(silent));

/** A provider that fails is given time, and then the rollout ends: nobody sees what the canary does. */
export const outages: Evaluator = (tick, state) => opinions(state, tick.kpis.flatMap(failing));

/** A bake may only pass on KPIs that have shown enough. */
export const shortages: Evaluator = (tick, state) => opinions(state, tick.kpis.flatMap(lacking));

function silent(tick: KpiTick): readonly TickVerdict[] {
  const { kpi, canary, state } = tick;
  if (!isRequired(kpi) || !isSilent(kpi, canary)) return [];
  const used = state.silentMs > kpi.noData.budget;
  if (!used && canary.kind !== 'no-data') return [];
  const reason = { code: 'no-data', message: silenceMessage(tick), kpi: kpi.id } as const;
  return [{ kind: used && kpi.noData.then === 'abort' ? 'fail' : 'hold', reason }];
}

function failing(tick: KpiTick): readonly TickVerdict[] {
  const { kpi, canary, state } = tick;
  if (canary.kind !== 'error') return [];
  const used = state.erringMs > kpi.errorBudget;
  if (!used && !isRequired(kpi)) return [];
  const reason = { code: 'metrics-unavailable', message: outageMessage(tick), kpi: kpi.id } as const;
  return [{ kind: used ? 'fail' : 'hold', reason }];
}

function lacking(tick: KpiTick): readonly TickVerdict[] {
  if (tick.state.step.total >= samplesToPass(tick.kpi)) return [];
  const reason = { code: 'insufficient-samples', message: shortMessage(tick), kpi: tick.kpi.id } as const;
  return [{ kind: 'short-of-samples', reason }];
}

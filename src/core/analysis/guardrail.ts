import type { Reason } from '../rollout/reason.ts';
import type { Advanced } from './advance.ts';
import { blame, type Circumstances } from './attribution.ts';
import { type Evaluator, type KpiTick, opinions, type Standing } from './evaluator.ts';
import { allowedShare, GAUGE_READINGS, type Kpi, samplesToAccuse } from './kpi.ts';
import { poissonTail } from './poisson.ts';
import type { KpiState } from './state.ts';
import type { TickVerdict } from './verdict.ts';
import { trailSum } from './window.ts';
import { breachMessage, environmentMessage, unripeMessage } from './wording.ts';

/** An excess is noise unless a service exactly at its limit would show it less often than this. */
export const NOISE = 0.01;

interface Counts {
  readonly bad: number;
  readonly total: number;
}

/**
 * A guardrail fires when its KPI was beyond the alert limit at every tick for all of `for`, over enough events,
 * and by more than noise; `never` fires at an event, and stays so for `for`. A KPI with a policy has no guardrail.
 */
export function standing(kpi: Kpi, advanced: Advanced, circumstances: Circumstances): Standing {
  if (kpi.policy !== undefined) return { kind: 'calm' };
  const { state, beyond } = advanced;
  const trail = trailSum(state.trail);
  const fired = kpi.type === 'never' ? hasEvent(kpi, state) : beyond === true && hasFired(kpi, state, trail);
  if (fired) return { kind: 'fired', blame: blame(kpi, state, trail, circumstances) };
  if (beyond !== true) return { kind: 'calm' };
  const whose = blame(kpi, state, state.run ?? trail, circumstances);
  return { kind: 'beyond', clear: isClear(kpi, state), blame: whose };
}

function hasEvent(kpi: Kpi, { sinceEvent }: KpiState): boolean {
  return sinceEvent.canary === 0 || (sinceEvent.canary !== null && sinceEvent.canary < kpi.for);
}

function hasFired(kpi: Kpi, { run }: KpiState, trail: Counts): boolean {
  if (run === null || run.ms < kpi.for) return false;
  if (kpi.type === 'gauge') return run.ticks >= GAUGE_READINGS;
  return run.total >= samplesToAccuse(kpi) && !isNoise(kpi, trail);
}

function isClear(kpi: Kpi, { run }: KpiState): boolean {
  if (run === null) return false;
  if (kpi.type === 'gauge') return run.ticks >= GAUGE_READINGS;
  return run.total >= samplesToAccuse(kpi) && !isNoise(kpi, run);
}

function isNoise(kpi: Kpi, { bad, total }: Counts): boolean {
  return poissonTail(bad, total * allowedShare(kpi)) > NOISE;
}

/** Events of which not one may happen. */
export const nevers: Evaluator = (tick, state) =>
  opinions(state, tick.kpis.filter(({ kpi }) => kpi.type === 'never').flatMap(firing));

/** Limits that were breached, in the order of the configuration. */
export const guardrails: Evaluator = (tick, state) =>
  opinions(state, tick.kpis.filter(({ kpi }) => kpi.type !== 'never').flatMap(firing));

/**
 * A bake does not end in a breach of the canary that is clear, only because its `for` has not run out when the bake
 * does; nor in one that has lasted for all of `for`, only because it may be noise. At 100 % there is nothing left to
 * raise, and a clear breach is found when what serves is verified: there the bake waits for the second kind alone.
 */
export const unripe: Evaluator = (tick, state) => opinions(state, tick.kpis.flatMap(ripening));

function firing(tick: KpiTick): readonly TickVerdict[] {
  if (tick.standing.kind !== 'fired') return [];
  const reason: Reason =
    tick.standing.blame === 'canary'
      ? { code: 'guardrail-breached', message: breachMessage(tick), kpi: tick.kpi.id }
      : { code: 'environment-unhealthy', message: environmentMessage(tick), kpi: tick.kpi.id };
  return [{ kind: tick.standing.blame === 'canary' ? 'fail' : 'hold', reason }];
}

function ripening(tick: KpiTick): readonly TickVerdict[] {
  const { kpi, standing, state, weight } = tick;
  if (standing.kind !== 'beyond' || standing.blame !== 'canary') return [];
  const lasts = state.run !== null && state.run.ms >= kpi.for;
  if (!lasts && (!standing.clear || weight >= 100)) return [];
  const reason: Reason = { code: 'guardrail-breached', message: unripeMessage(tick), kpi: kpi.id };
  return [{ kind: 'short-of-samples', reason }];
}

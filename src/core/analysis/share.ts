import type { Finding } from '../checks/finding.ts';
import type { Percent } from '../units.ts';
import type { Evaluation, Evaluator, ShareRule, Tick } from './evaluator.ts';
import { formatCount } from './kpi.ts';
import type { Traffic } from './sample.ts';
import type { AnalysisState } from './state.ts';

export const DEFAULT_SHARE: ShareRule = { tolerance: 5, minRequests: 200 };
/** Standard deviations of the binomial share that chance is given. */
export const SHARE_DEVIATIONS = 5;
/** Ticks in a row: one arm may be scraped a tick later than the other, and new series begin with a base line. */
export const SHARE_TICKS = 3;

type Counted = AnalysisState['traffic'];

/**
 * "We asked for 10 %" is not "it is 10 %": counts the requests of a step on both arms, and fails when they have
 * shown another share than the router was set to for SHARE_TICKS ticks. The first tick after a shift is left out.
 */
export const trafficShare: Evaluator = (tick, state) => {
  const next = { ...state, traffic: count(tick, state.traffic) };
  return tick.share === null ? { state: next, verdicts: [], findings: [] } : judge(tick, tick.share, next);
};

/** Requests of a tick that can be true; null otherwise. */
export function trafficOf(sample: Tick['sample']): Traffic | null {
  const { traffic } = sample;
  if (traffic === null) return null;
  return [traffic.canary, traffic.stable].every((n) => Number.isFinite(n) && n >= 0) ? traffic : null;
}

function count(tick: Tick, before: Counted): Counted {
  const traffic = trafficOf(tick.sample);
  if (traffic === null || tick.shifted || traffic.canary + traffic.stable === 0) return before;
  const canary = before.canary + traffic.canary;
  const stable = before.stable + traffic.stable;
  const apart = tick.share !== null && isApart({ canary, stable }, tick.weight, tick.share);
  return { canary, stable, apart: apart ? before.apart + 1 : 0 };
}

function isApart({ canary, stable }: Traffic, weight: Percent, rule: ShareRule): boolean {
  const total = canary + stable;
  if (total === 0 || total < rule.minRequests) return false;
  const asked = weight / 100;
  const difference = Math.abs(canary / total - asked);
  const deviation = Math.sqrt((asked * (1 - asked)) / total);
  return difference * 100 > rule.tolerance && difference > SHARE_DEVIATIONS * deviation;
}

function judge(tick: Tick, rule: ShareRule, state: AnalysisState): Evaluation {
  const { canary, stable, apart } = state.traffic;
  const total = canary + stable;
  const share = `${formatShare(total === 0 ? 0 : (canary / total) * 100)} of ${formatCount(total)} requests`;
  const diverged = apart >= SHARE_TICKS;
  const message = `the canary took ${share}, and the router is set to ${formatShare(tick.weight)} (tolerance ${rule.tolerance} points)`;
  const told: Pick<Finding, 'status' | 'observed' | 'detail'> = diverged
    ? { status: 'fail', observed: share }
    : progress(tick, rule, state, share);
  const expected = `${formatShare(tick.weight)} ± ${rule.tolerance} points`;
  return {
    state,
    verdicts: diverged ? [{ kind: 'fail', reason: { code: 'share-diverged', message } }] : [],
    findings: [{ check: 'traffic-share', title: 'Traffic share', expected, ...told }],
  };
}

function progress(
  tick: Tick,
  rule: ShareRule,
  { traffic: { canary, stable, apart } }: AnalysisState,
  share: string,
): Pick<Finding, 'status' | 'observed' | 'detail'> {
  const total = canary + stable;
  if (trafficOf(tick.sample) === null) return { status: 'no-data', observed: 'no count of requests' };
  if (apart > 0)
    return { status: 'warn', observed: share, detail: `apart for ${apart} of ${SHARE_TICKS} ticks` };
  if (total > 0 && total >= rule.minRequests) return { status: 'pass', observed: share };
  const detail = `${formatCount(total)} of the ${formatCount(rule.minRequests)} requests needed`;
  return { status: 'skipped', observed: share, detail };
}

function formatShare(percent: Percent): string {
  return `${Number(percent.toFixed(1))} %`;
}

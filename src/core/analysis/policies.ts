import type { FindingStatus } from '../checks/finding.ts';
import type { ReasonCode } from '../rollout/reason.ts';
import { formatDuration } from '../units.ts';
import { type Evaluator, type KpiTick, opinions } from './evaluator.ts';
import { formatCount, formatLimit, formatValue, samplesToAccuse } from './kpi.ts';
import { isFailure } from './measurement.ts';
import { isContent, type LimitPolicy, policyStanding } from './policy.ts';
import type { PolicyState } from './state.ts';
import type { TickVerdict } from './verdict.ts';
import { beyond, countWords, ratioWords, silenceOf, windowValue } from './wording.ts';

/** KPIs that are judged by how often they were measured beyond their limit. */
export const policies: Evaluator = (tick, state) => opinions(state, tick.kpis.flatMap(judged));

function judged(tick: KpiTick): readonly TickVerdict[] {
  const { kpi, canary, state } = tick;
  const { policy } = kpi;
  if (policy === undefined || state.policy === undefined) return [];
  const message = `${kpi.title} ${sentence(tick, policy, state.policy)}`;
  const says = (kind: 'fail' | 'short-of-samples', code: ReasonCode): TickVerdict[] => [
    { kind, reason: { code, message, kpi: kpi.id } },
  ];
  switch (policyStanding(policy, state.policy.counters)) {
    case 'failed':
      return says('fail', 'guardrail-breached');
    case 'errored':
      return says('fail', canary.kind === 'error' ? 'metrics-unavailable' : 'no-data');
    case 'inconclusive':
      return says('short-of-samples', 'inconclusive');
    case 'running':
      return isContent(policy, state.policy.counters) ? [] : says('short-of-samples', 'insufficient-samples');
    case 'successful':
      return [];
  }
}

/** What the newest measurement makes of the KPI's finding; null before the first. */
export function policyStatus({ state }: KpiTick, policy: LimitPolicy): FindingStatus | null {
  const { counters, last } = state.policy ?? { counters: null, last: null };
  if (counters === null || last === null) return null;
  const standing = policyStanding(policy, counters);
  if (standing === 'failed' || standing === 'errored') return 'fail';
  return standing === 'inconclusive' || last.outcome !== 'success' ? 'warn' : 'pass';
}

/** `3 measurements of 1m: 1 of 2 allowed failures, 0 of 0 allowed inconclusive` */
export function tallyWords(policy: LimitPolicy, { counters }: PolicyState): string {
  const { failuresAllowed, inconclusiveAllowed, consecutiveSuccessesNeeded: needed, count } = policy;
  const { measured, failures, inconclusive, consecutiveErrors, consecutiveSuccesses } = counters;
  const of = count === null ? '' : ` of ${count}`;
  const parts = [
    failuresAllowed === null ? `${failures} failed` : `${failures} of ${failuresAllowed} allowed failures`,
    `${inconclusive} of ${inconclusiveAllowed} allowed inconclusive`,
    needed === null ? null : `${consecutiveSuccesses} of ${needed} needed successes in a row`,
    consecutiveErrors === 0
      ? null
      : `${consecutiveErrors} of ${policy.consecutiveErrorsAllowed} allowed errors in a row`,
  ].filter((part) => part !== null);
  const noun = measured === 1 && count === null ? 'measurement' : 'measurements';
  return `${measured}${of} ${noun} of ${formatDuration(policy.interval)}: ${parts.join(', ')}`;
}

function sentence(tick: KpiTick, policy: LimitPolicy, state: PolicyState): string {
  const seen = `has ${tallyWords(policy, state)}`;
  return state.last === null ? seen : `${seen}; the newest ${newest(tick, state.last)}`;
}

type Last = NonNullable<PolicyState['last']>;

function newest(tick: KpiTick, last: Last): string {
  if (last.outcome === 'error') return `could not be had: ${silenceOf(tick.canary) ?? 'nothing was counted'}`;
  const value = `was ${valueWords(tick, last)}`;
  if (last.outcome === 'success') return value;
  const { kpi } = tick;
  if (!isFailure(kpi, last)) {
    const target = kpi.target === null ? '' : formatLimit(kpi.target, kpi.unit);
    return `${value}, between its target (${target}) and its limit (${formatLimit(kpi.alert, kpi.unit)})`;
  }
  return `${value}, ${beyond(kpi)}${last.outcome === 'failure' ? aside(tick, last) : excuse(tick, last)}`;
}

function valueWords({ kpi, state }: KpiTick, last: Last): string {
  const value = last.value === null ? 'no value' : formatValue(last.value, kpi.unit);
  if (kpi.type === 'gauge') return value;
  const counts = countWords(kpi, state, 'canary', last);
  return `${kpi.type === 'ratio' ? ratioWords(kpi, last) : value} (${counts})`;
}

function aside(tick: KpiTick, last: Last): string {
  const { kpi, weight } = tick;
  if (kpi.scope === 'shared' || weight >= 100) return '';
  return last.stableTotal === 0
    ? '; stable had nothing to compare with'
    : `; stable had ${stableWords(tick, last)}`;
}

function excuse(tick: KpiTick, last: Last): string {
  const { kpi } = tick;
  const need = samplesToAccuse(kpi);
  if (last.total < need) return `, but over fewer events than the ${formatCount(need)} that may accuse it`;
  if (kpi.scope === 'shared') return ', but too late to be put down to the shift';
  return `, but stable had ${stableWords(tick, last)}; the canary is not blamed`;
}

function stableWords({ kpi, state }: KpiTick, last: Last): string {
  if (kpi.type === 'gauge') return windowValue(kpi, state, 'stable');
  const counts = { bad: last.stableBad, total: last.stableTotal };
  const words = countWords(kpi, state, 'stable', counts);
  return kpi.type === 'ratio' ? `${ratioWords(kpi, counts)} (${words})` : words;
}

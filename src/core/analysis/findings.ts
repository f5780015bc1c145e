import type { Finding, FindingStatus } from '../checks/finding.ts';
import { isSilent } from './advance.ts';
import type { KpiTick } from './evaluator.ts';
import { formatCount, formatLimit, isBeyond, isRequired, type Kpi, samplesToPass } from './kpi.ts';
import { policyStatus, tallyWords } from './policies.ts';
import { bucketNote, silenceOf, spentOf, windowValue, windowWords, within } from './wording.ts';

/** What one tick says of one KPI, for people. */
export function kpiFinding(tick: KpiTick): Finding {
  const { kpi } = tick;
  const status = statusOf(tick);
  const detail = details(tick).join('; ');
  const finding = {
    check: kpi.id,
    title: kpi.title,
    status,
    observed: observed(tick),
    expected: expected(kpi),
  };
  return detail === '' ? finding : { ...finding, detail };
}

function statusOf(tick: KpiTick): FindingStatus {
  const { kpi, canary, state, standing } = tick;
  if (standing.kind === 'fired') return standing.blame === 'canary' ? 'fail' : 'warn';
  if (canary.kind === 'error') return 'error';
  if (hasNothing(tick)) return isRequired(kpi) ? 'no-data' : 'warn';
  if (tick.warming) return 'skipped';
  const measured = kpi.policy === undefined ? null : policyStatus(tick, kpi.policy);
  if (measured === 'fail' || measured === 'warn') return measured;
  if (standing.kind === 'beyond' || isOffTarget(tick)) return 'warn';
  return state.step.total < samplesToPass(kpi) ? 'skipped' : 'pass';
}

/** No data now, or nothing but silence in the window. */
function hasNothing({ kpi, canary, state }: KpiTick): boolean {
  return canary.kind === 'no-data' || (isSilent(kpi, canary) && state.latest.canary === null);
}

/** A target says where the value should be: `<= 500 ms` is met by 500 ms. */
function isOffTarget({ kpi, state }: KpiTick): boolean {
  const value = state.latest.canary;
  return kpi.target !== null && value !== null && !isBeyond(value, kpi.target);
}

function observed(tick: KpiTick): string {
  const { kpi, canary, state } = tick;
  if (canary.kind === 'error') return 'could not be read';
  return hasNothing(tick) ? 'no data' : windowValue(kpi, state, 'canary');
}

function expected(kpi: Kpi): string {
  if (kpi.type === 'never') return `none${within(kpi)}`;
  const alert = formatLimit(kpi.alert, kpi.unit);
  return kpi.target === null ? `not ${alert}` : `${formatLimit(kpi.target, kpi.unit)} (alert ${alert})`;
}

function details(tick: KpiTick): readonly string[] {
  const { kpi, state } = tick;
  const parts = tick.canary.kind === 'error' || hasNothing(tick) ? [] : [windowWords(kpi, state, 'canary')];
  return [
    ...parts,
    breach(tick),
    kpi.policy === undefined || state.policy === undefined ? null : tallyWords(kpi.policy, state.policy),
    stable(tick),
    quiet(tick),
    tick.warming ? `warming up: ${spentOf(tick.watchedMs, kpi.warmUp)}` : shortage(tick),
    bucketNote(kpi, state),
  ].filter((part) => part !== null);
}

function breach({ kpi, state, standing }: KpiTick): string | null {
  if (standing.kind === 'calm') return null;
  const excuse = standing.blame === 'environment' ? ', and the canary is not to blame' : '';
  if (kpi.type === 'never') return excuse === '' ? null : `stable had such events too${excuse}`;
  const run = spentOf(state.run?.ms ?? 0, kpi.for);
  const noise = standing.kind === 'beyond' && !standing.clear ? ', which may be noise' : '';
  return `beyond its limit for ${run}${noise}${excuse}`;
}

function stable({ kpi, state, stable: arm }: KpiTick): string | null {
  if (arm === null) return null;
  const why = silenceOf(arm);
  if (why !== null) return `stable: ${why}, so nothing excuses the canary`;
  if (state.latest.stable === null) return 'stable idle';
  const counts = windowWords(kpi, state, 'stable');
  return `stable ${windowValue(kpi, state, 'stable')}${counts === null ? '' : ` (${counts})`}`;
}

function quiet({ kpi, canary, state }: KpiTick): string | null {
  if (canary.kind === 'error') {
    return `${silenceOf(canary)}, for ${spentOf(state.erringMs, kpi.errorBudget)}`;
  }
  if (!isSilent(kpi, canary)) return null;
  const why = silenceOf(canary) ?? 'idle';
  return `${why}, for ${spentOf(state.silentMs, kpi.noData.budget)}`;
}

function shortage({ kpi, state }: KpiTick): string | null {
  const need = samplesToPass(kpi);
  if (state.step.total >= need) return null;
  return `${formatCount(state.step.total)} of the ${formatCount(need)} needed in this step`;
}

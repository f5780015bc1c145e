import type { Finding, FindingStatus } from '../checks/finding.ts';
import type { Reason } from '../rollout/reason.ts';
import type { Evaluator, Tick } from './evaluator.ts';
import { gather, type Intervals, newIntervals, type SeenKpi } from './judge/intervals.ts';
import { type Judgement, judge } from './judge/judge.ts';
import type { Told } from './judge/progress.ts';
import type { Bake, JudgedKpi, JudgeSettings, Judging } from './judge/settings.ts';
import { blamed, judgementWords } from './judge/words.ts';
import type { TickVerdict } from './verdict.ts';

/** Intervals in which both arms must have a value: with fewer the rank test is nearly blind. */
export const FEWEST_INTERVALS = 10;

const NAMED = { check: 'judge', title: 'Judge' } as const;

/**
 * Gathers one value per interval, and judges them when the bake is served in full: once, because a judge that is
 * asked at every tick finds something sooner or later. Where it could not pass the canary, it is asked once more
 * at the very end of the extension. Where there is no stable arm there is nothing to judge.
 */
export const theJudge: Evaluator = (tick, state) => {
  const { judging } = tick;
  if (judging === null) return { state, verdicts: [], findings: [] };
  const { settings, bake } = judging;
  const expected = `a score of at least ${settings.thresholds.pass}`;
  if (tick.weight >= 100) {
    const finding: Finding = {
      ...NAMED,
      status: 'skipped',
      observed: 'no stable arm to compare with',
      expected,
    };
    return { state, verdicts: [], findings: [finding] };
  }
  const before = state.judge ?? { intervals: newIntervals(settings.interval), told: null };
  const intervals = gather(before.intervals, seenBy(tick, settings), state.watchedMs);
  const told = isDue(bake, before.told) ? tell(tick, judging, intervals) : before.told;
  const waiting: Finding = {
    ...NAMED,
    status: 'skipped',
    observed: 'judges when the bake is served',
    expected,
  };
  return {
    state: { ...state, judge: { intervals, told } },
    verdicts: told === null ? [] : [told.verdict],
    findings: [told?.finding ?? waiting],
  };
};

function isDue({ served, of, most }: Bake, told: Told | null): boolean {
  if (told === null) return served >= of;
  return told.verdict.kind !== 'pass' && !told.last && served >= most;
}

/** A KPI that warms up accuses nobody. */
function seenBy({ kpis }: Tick, { metrics }: JudgeSettings): SeenKpi[] {
  const wanted = new Set(metrics.map(({ kpi }) => kpi));
  return kpis
    .filter(({ kpi }) => wanted.has(kpi.id))
    .map(({ kpi, canary, stable, warming }) =>
      warming ? { kpi, canary: null, stable: null } : { kpi, canary, stable },
    );
}

function tell({ configured }: Tick, { settings, bake }: Judging, intervals: Intervals): Told {
  const expected = `a score of at least ${settings.thresholds.pass}`;
  const last = bake.served >= bake.most;
  if (intervals.count < FEWEST_INTERVALS) {
    const observed = `${intervals.count} of the ${FEWEST_INTERVALS} intervals needed`;
    const reason: Reason = { code: 'insufficient-samples', message: `the judge has ${observed}` };
    const finding: Finding = { ...NAMED, status: 'no-data', observed, expected };
    return { verdict: { kind: 'short-of-samples', reason }, finding, last };
  }
  const judgement = judge(settings, samplesOf(settings, intervals), FEWEST_INTERVALS);
  const { score, why } = judgementWords(judgement, settings, configured);
  const status = statusOf(judgement);
  const said: Finding = { ...NAMED, status, observed: score, expected };
  const finding = why === null ? said : { ...said, detail: why };
  const message = `the judge says: ${score}${why === null ? '' : `: ${why}`}`;
  return { verdict: verdictOf(judgement, status, message), finding, last };
}

function samplesOf({ metrics }: JudgeSettings, { kpis }: Intervals) {
  const numbers = (values: readonly (number | null)[] = []): number[] =>
    values.map((value) => value ?? Number.NaN);
  return Object.fromEntries(
    metrics.map(({ name, kpi }) => {
      const arms = Object.hasOwn(kpis, kpi) ? kpis[kpi] : undefined;
      return [name, { canary: numbers(arms?.canary.values), stable: numbers(arms?.stable.values) }];
    }),
  );
}

function statusOf(judgement: Judgement<JudgedKpi>): FindingStatus {
  if (judgement.cause === 'no-data') return 'no-data';
  if (judgement.classification === 'Fail') return 'fail';
  const isUnsure = blamed(judgement).some(({ classification }) => classification === 'Error');
  if (isUnsure) return 'error';
  return judgement.classification === 'Pass' ? 'pass' : 'warn';
}

/** Too little data, or a score between the thresholds, ends no rollout at once, and no bake either. */
function verdictOf(judgement: Judgement<JudgedKpi>, status: FindingStatus, message: string): TickVerdict {
  if (status === 'pass') return { kind: 'pass' };
  const kpi = blamed(judgement)[0]?.metric.kpi;
  const code = status === 'no-data' || status === 'error' ? 'insufficient-samples' : 'judge-failed';
  const reason: Reason = kpi === undefined ? { code, message } : { code, message, kpi };
  return { kind: status === 'fail' ? 'fail' : 'short-of-samples', reason };
}

import { formatValue } from '../analysis/kpi.ts';
import { type Answer, listed } from '../checks/answer.ts';
import type { EpochMs, Ratio } from '../units.ts';
import type { LoadFigures } from './figures.ts';
import type { AcceptedRun, Baseline, RegressionRule } from './load-test.ts';
import { formatRate, quantileName } from './load-words.ts';

interface Compared {
  readonly words: string;
  readonly isWorse: boolean;
}

/** This run beside the last one that was accepted in the same environment. The first has nothing beside it. */
export function regressionAnswer(
  rule: RegressionRule | null,
  baseline: Baseline,
  figures: LoadFigures,
): Answer {
  const expected = expectedWords(rule);
  if (baseline.kind === 'error') {
    const fix = 'see whether the place where accepted runs are kept can be read';
    return { status: 'error', code: 'unavailable', observed: baseline.why, expected, fix };
  }
  if (baseline.kind === 'none' || rule === null) {
    return { status: 'skipped', code: 'not-needed', observed: 'no accepted run to compare with', expected };
  }
  const { run } = baseline;
  const all = compare(rule, run, figures);
  const worse = all.filter(({ isWorse }) => isWorse);
  const detail = `against version ${run.version} of ${dateOf(run.at)}`;
  if (all.length === 0) {
    const observed = 'nothing that both runs tell';
    return { status: 'no-data', code: 'missing', observed, expected, detail };
  }
  if (worse.length === 0) {
    return { status: 'pass', code: 'met', observed: listed(all.map(({ words }) => words)), expected, detail };
  }
  const fix = 'find the change that made it worse; if it is meant to be so, waive this check for one run';
  return {
    status: 'fail',
    code: 'not-met',
    observed: listed(worse.map(({ words }) => words)),
    expected,
    detail,
    fix,
  };
}

function expectedWords(rule: RegressionRule | null): string {
  if (rule === null) return 'no worse';
  const { latency, rate, errors } = rule;
  return listed([
    ...(latency === null ? [] : [`latency at most ${formatValue(latency, 'ratio')} higher`]),
    ...(rate === null ? [] : [`throughput at most ${formatValue(rate, 'ratio')} lower`]),
    ...(errors === null ? [] : [`errors at most ${pointsOf(errors)} points higher`]),
  ]);
}

function compare(rule: RegressionRule, before: AcceptedRun, now: LoadFigures): Compared[] {
  return [
    ...(rule.latency === null ? [] : latencies(rule.latency, before, now)),
    ...(rule.rate === null ? [] : [throughput(rule.rate, before, now)]),
    ...(rule.errors === null ? [] : [errorRates(rule.errors, before, now)]),
  ];
}

/** At its worst where the tool's own figure is not to be had. */
function latencies(tolerance: Ratio, before: AcceptedRun, now: LoadFigures): Compared[] {
  return now.quantiles.flatMap(({ quantile, seen, atMost }) => {
    const old = before.quantiles.find((one) => one.quantile === quantile);
    const value = seen ?? atMost;
    if (old === undefined || value === null) return [];
    const words = `${quantileName(quantile)} ${formatValue(value, 'ms')} after ${formatValue(old.ms, 'ms')}`;
    return [{ words, isWorse: value > old.ms * (1 + tolerance) + 1e-9 }];
  });
}

/** Per request a second that had to be borne: where less is asked for, less is no regression. */
function throughput(tolerance: Ratio, before: AcceptedRun, now: LoadFigures): Compared {
  const asked =
    now.required === null || before.required <= 0 ? 1 : Math.min(1, now.required / before.required);
  const words = `${formatRate(now.rate)} after ${formatRate(before.rate)}`;
  return { words, isWorse: now.rate < before.rate * asked * (1 - tolerance) - 1e-9 };
}

function errorRates(tolerance: Ratio, before: AcceptedRun, now: LoadFigures): Compared {
  const words = `errors ${formatValue(now.errorRate, 'ratio')} after ${formatValue(before.errorRate, 'ratio')}`;
  return { words, isWorse: now.errorRate > before.errorRate + tolerance + 1e-12 };
}

function pointsOf(share: Ratio): string {
  return String(Number((share * 100).toFixed(3)));
}

function dateOf(at: EpochMs): string {
  return Math.abs(at) <= 8.64e15 ? new Date(at).toISOString().slice(0, 10) : 'an unknown day';
}

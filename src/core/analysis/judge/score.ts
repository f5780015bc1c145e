import type { MetricResult } from './classify.ts';
import type { JudgeConfig, ScoreThresholds } from './config.ts';

export interface GroupScore {
  readonly name: string;
  /** Percent of its metrics that passed, of those with data; null when none had any. */
  readonly score: number | null;
  /** Points of 100. */
  readonly weight: number;
}

export interface Scored {
  readonly classification: 'Pass' | 'Marginal' | 'Fail';
  /** 0 to 100, with two decimals. */
  readonly score: number;
  /** Why the score is 0 whatever the groups say; null when it is their weighted sum. */
  readonly cause: 'critical' | 'no-data' | null;
  readonly groups: readonly GroupScore[];
}

/** Percent of metrics without data from which on nothing can be said. */
const TOO_MANY_WITHOUT_DATA = 50;

/** What the metrics come to. Muted ones do not count; one in several groups counts in each. */
export function scoreAll(
  metrics: readonly MetricResult[],
  { groupWeights, thresholds }: Pick<JudgeConfig, 'groupWeights' | 'thresholds'>,
): Scored {
  const counted = metrics.filter(({ metric }) => !metric.muted);
  const groups = scoreGroups(counted, groupWeights);
  const cause = causeOf(counted);
  const score = cause === null ? total(groups) : 0;
  return { classification: standing(score, thresholds), score, cause, groups };
}

function causeOf(counted: readonly MetricResult[]): Scored['cause'] {
  if (counted.some(({ critical }) => critical)) return 'critical';
  const silent = counted.filter(({ classification }) => classification === 'Nodata').length;
  return (silent / counted.length) * 100 >= TOO_MANY_WITHOUT_DATA ? 'no-data' : null;
}

function scoreGroups(counted: readonly MetricResult[], weights: JudgeConfig['groupWeights']): GroupScore[] {
  const names = [...new Set(counted.flatMap(({ metric }) => metric.groups))];
  const unweighted = names.filter((name) => !Object.hasOwn(weights, name)).length;
  const given = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  return names.map((name) => ({
    name,
    score: passedOf(counted.filter(({ metric }) => metric.groups.includes(name))),
    weight: Object.hasOwn(weights, name) ? (weights[name] ?? 0) : (100 - given) / unweighted,
  }));
}

function passedOf(members: readonly MetricResult[]): number | null {
  const told = members.filter(
    ({ classification }) => classification !== 'Nodata' && classification !== 'Error',
  );
  const passed = told.filter(({ classification }) => classification === 'Pass');
  return told.length === 0 ? null : (passed.length / told.length) * 100;
}

/** A group without data is given the benefit of the doubt, as Kayenta gives it. */
function total(groups: readonly GroupScore[]): number {
  return roundHalfUp(groups.reduce((sum, { score, weight }) => sum + (score ?? 100) * (weight / 100), 0));
}

/** To two decimals, as the number is written: 1.005 is 1.01, though its binary value lies below. */
function roundHalfUp(value: number): number {
  return value < 1e-6 ? 0 : Math.round(Number(`${value}e2`)) / 100;
}

function standing(score: number, { pass, marginal }: ScoreThresholds): Scored['classification'] {
  if (score >= pass) return 'Pass';
  return score >= marginal ? 'Marginal' : 'Fail';
}

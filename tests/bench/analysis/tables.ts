import type { Score } from '../../../src/core/replay/score.ts';
import { upperBound } from './binomial.ts';
import type { Corpus, Judged } from './judged.ts';

/** Table 1: how many harmless rollouts of each family each policy rolled back. */
export function falseRollbacks({ judged }: Corpus): string {
  const families = judged[0]?.score.benign ?? [];
  const rows = families.map(({ family, rollouts }, at) => [
    family,
    String(rollouts),
    ...judged.map(({ score }) => percent((score.benign[at]?.rolledBack ?? 0) / rollouts)),
  ]);
  return table(['harmless rollouts: rolled back, %', 'of', ...namesOf(judged)], rows);
}

/** Table 2: median seconds from onset to decision, and in brackets the share found when that is not all. */
export function timesToDecision({ judged }: Corpus): string {
  const kinds = judged[0]?.score.regressions ?? [];
  const rows = kinds.map(({ family, rps, rollouts }, at) => [
    family,
    String(rps),
    String(rollouts),
    ...judged.map(({ score }) => found(score, at)),
  ]);
  return table(['regressions: median seconds to the decision', 'rps', 'of', ...namesOf(judged)], rows);
}

export function totals({ judged }: Corpus): string {
  const rows = judged.map(({ name, score, milliseconds }) => [
    name,
    score.falseRollbacks === null ? '–' : `${percent(score.falseRollbacks)} (${atMost(score)})`,
    score.worstFamily === null ? '–' : percent(score.worstFamily.rolledBack / score.worstFamily.rollouts),
    score.detected === null ? '–' : percent(score.detected),
    Math.round(score.harm).toLocaleString('en-US'),
    Number.isNaN(milliseconds) ? '–' : milliseconds.toFixed(1),
  ]);
  const head = [
    'policy',
    'false rollbacks, %',
    'worst family, %',
    'detected, %',
    'bad requests served',
    'ms',
  ];
  return table(head, rows);
}

/** With 97.5 % confidence. */
function atMost({ benign }: Score): string {
  const sum = (of: (one: Score['benign'][number]) => number): number =>
    benign.reduce((total, one) => total + of(one), 0);
  const bound = upperBound(
    sum((one) => one.rolledBack),
    sum((one) => one.rollouts),
  );
  return `at most ${percent(bound)}`;
}

function found({ regressions }: Score, at: number): string {
  const { medianSeconds = null, detected = 0 } = regressions[at] ?? {};
  if (medianSeconds === null) return '–';
  return detected < 1 ? `${medianSeconds} (${Math.round(100 * detected)} %)` : String(medianSeconds);
}

function namesOf(judged: readonly Judged[]): string[] {
  return judged.map(({ name }) => name);
}

function percent(share: number): string {
  return String(Number((100 * share).toFixed(share < 0.1 ? 2 : 1)));
}

/** A markdown table that is a table in a terminal as well. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, at) => Math.max(cell.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

import type { Score } from '../replay/score.ts';
import type { Ratio } from '../units.ts';
import { formatCount } from './words.ts';

/** A table of words for any surface. */
export interface ScoreTable {
  readonly title: string;
  readonly columns: readonly { readonly name: string; readonly side: 'left' | 'right' }[];
  readonly rows: readonly (readonly string[])[];
  readonly total: readonly string[];
}

/** The two tables: false rollbacks by family, and how soon regressions are found. One that would be empty is left out. */
export function scoreTables(score: Score): ScoreTable[] {
  return [benignTable(score), regressionTable(score)].filter((table) => table.rows.length > 0);
}

function benignTable({ benign, falseRollbacks }: Score): ScoreTable {
  const all = {
    rollouts: benign.reduce((sum, one) => sum + one.rollouts, 0),
    rolledBack: benign.reduce((sum, one) => sum + one.rolledBack, 0),
  };
  return {
    title: 'False rollbacks of harmless rollouts',
    columns: [
      { name: 'Family', side: 'left' },
      { name: 'Rollouts', side: 'right' },
      { name: 'Rolled back', side: 'right' },
      { name: 'Share', side: 'right' },
    ],
    rows: benign.map(({ family, rollouts, rolledBack }) => [
      family,
      formatCount(rollouts),
      formatCount(rolledBack),
      percent(rolledBack / rollouts, 2),
    ]),
    total: ['All', formatCount(all.rollouts), formatCount(all.rolledBack), percent(falseRollbacks ?? 0, 2)],
  };
}

function regressionTable({ regressions, detected, harm }: Score): ScoreTable {
  return {
    title: 'Regressions: seconds from onset to decision',
    columns: [
      { name: 'Regression', side: 'left' },
      { name: 'Requests/s', side: 'right' },
      { name: 'Detected', side: 'right' },
      { name: 'Median', side: 'right' },
      { name: 'Harm', side: 'right' },
    ],
    rows: regressions.map((one) => [
      one.family,
      formatCount(one.rps),
      percent(one.detected, 0),
      one.medianSeconds === null ? '–' : `${formatCount(one.medianSeconds)} s`,
      one.harm.toFixed(1),
    ]),
    total: ['All (mean, and sum of harm)', '', percent(detected ?? 0, 1), '', formatCount(harm)],
  };
}

function percent(share: Ratio, digits: number): string {
  return `${(100 * share).toFixed(digits)} %`;
}

/** `0 of 288 harmless rollouts would have been rolled back, and 96.1 % of the regressions would have been found`. */
export function scoreWords({ benign, regressions, detected }: Score): string {
  const rollouts = benign.reduce((sum, one) => sum + one.rollouts, 0);
  const alarms = benign.reduce((sum, one) => sum + one.rolledBack, 0);
  const parts = [
    rollouts === 0
      ? null
      : `${formatCount(alarms)} of ${formatCount(rollouts)} harmless rollouts would have been rolled back`,
    regressions.length === 0 ? null : `${percent(detected ?? 0, 1)} of the regressions would have been found`,
  ];
  return parts.filter((part) => part !== null).join(', and ');
}

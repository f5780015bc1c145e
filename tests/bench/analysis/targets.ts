import type { Score } from '../../../src/core/replay/score.ts';
import { provenAfter } from '../../../src/core/replay/score.ts';
import type { Figure } from '../figure.ts';
import type { Corpus, Judged } from './judged.ts';

/** Median seconds to the decision that the comparison has to reach, by the corpus's names. */
const TIMES = [
  { family: 'error =100%', rps: 50, seconds: 20 },
  { family: 'error =5%', rps: 50, seconds: 90 },
  { family: 'error =5%', rps: 5, seconds: 450 },
  { family: 'error 1->3%', rps: 500, seconds: 60 },
  { family: 'latency x1.3', rps: 50, seconds: 150 },
  { family: 'latency tail-only', rps: 500, seconds: 90 },
] as const;

/** What the statistics' reference served: bad requests, summed over the kinds of the open corpus. */
const REFERENCE_HARM = 13_642;
const MOST_HARM = 0.75 * REFERENCE_HARM;
/** Kinds of regression times levels of traffic in the open corpus: of fewer the sum says nothing. */
const KINDS = 51;
const REPLAY_MS = 20;

/** The figures of one policy beside what was asked of it. A family that the corpus has not is left out. */
export function targetsOf(corpus: Corpus, one: Judged): readonly Figure[] {
  const { score, milliseconds } = one;
  return [
    shareFigure('false rollbacks, all harmless rollouts', score.falseRollbacks, 0.002),
    shareFigure('false rollbacks, worst family', worstShare(score), 0.01),
    ...TIMES.map((asked) => timeFigure(score, asked)),
    provenFigure(corpus, one),
    score.regressions.length === KINDS
      ? {
          ...figure('bad requests served', Math.round(score.harm), Math.floor(MOST_HARM), ''),
          beside: [
            `the statistics' reference, on the open corpus: ${REFERENCE_HARM.toLocaleString('en-US')}`,
          ],
        }
      : null,
    figure('replay of a rollout to its end, median', Number(milliseconds.toFixed(1)), REPLAY_MS, ' ms'),
  ].filter((one) => one !== null);
}

function worstShare({ worstFamily }: Score): number | null {
  return worstFamily === null ? null : worstFamily.rolledBack / worstFamily.rollouts;
}

function shareFigure(what: string, share: number | null, most: number): Figure | null {
  if (share === null) return null;
  return figure(what, Number((100 * share).toFixed(2)), 100 * most, ' %');
}

function timeFigure({ regressions }: Score, { family, rps, seconds }: (typeof TIMES)[number]): Figure | null {
  const kind = regressions.find((one) => one.family === family && one.rps === rps);
  if (kind === undefined) return null;
  return figure(
    `${family} at ${rps} requests a second, median`,
    kind.medianSeconds ?? Number.NaN,
    seconds,
    ' s',
  );
}

function provenFigure({ rollouts }: Corpus, { decisions }: Judged): Figure | null {
  const seconds = provenAfter(rollouts, decisions, { family: 'A/A plain', rps: 500 });
  return seconds === null
    ? null
    : figure('proven no worse at 500 requests a second, median', seconds, 120, ' s');
}

function figure(what: string, value: number, most: number, unit: string): Figure {
  const write = (one: number): string => `${one.toLocaleString('en-US')}${unit}`;
  return { what, ours: write(value), target: `<= ${write(most)}`, met: value <= most, beside: [] };
}

import type { Culprit } from '../analysis/comparison/evidence.ts';
import type { ComparisonProgress } from '../analysis/comparison/progress.ts';
import type { EpochMs } from '../units.ts';
import { appended, type Point } from './thin-out.ts';

/** What a tick knew of the comparison; null when nothing is compared. */
export type TickEvidence = Pick<ComparisonProgress, 'log' | 'threshold' | 'suspect'>;

/** A stretch of ticks in which one stream accused the canary more than any other. */
export interface Suspicion {
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** When the evidence was strongest in this stretch, its logarithm then, and its counts. */
  readonly peakAt: EpochMs;
  readonly log: number;
  readonly culprit: Culprit;
}

/** How the evidence against the canary went, and who carried it: plain JSON of bounded size. */
export interface EvidenceSeries {
  /** Logarithm of the evidence that the canary is worse, tick by tick. */
  readonly line: readonly Point[];
  /** Logarithm of 1/alpha: reaching it aborts. */
  readonly threshold: number;
  readonly suspicions: readonly Suspicion[];
}

const MOST_SUSPICIONS = 100;
/** Beyond e^700 a number is none any more. */
const MOST_LOG = 700;

/** Adds what a tick knew. Nothing known, or no number, is a gap. */
export function withEvidence(
  series: EvidenceSeries | null,
  at: EpochMs,
  seen: TickEvidence | null,
  keep: EpochMs | null,
): EvidenceSeries | null {
  if (seen === null && series === null) return null;
  const { line, threshold, suspicions } = series ?? { line: [], threshold: 0, suspicions: [] };
  const log = seen === null || Number.isNaN(seen.log) ? null : clamped(seen.log);
  return {
    line: appended(line, { at, value: log }, keep),
    threshold: seen?.threshold ?? threshold,
    suspicions: log === null ? suspicions : suspected(suspicions, at, log, seen?.suspect ?? null),
  };
}

function clamped(log: number): number {
  return Math.min(MOST_LOG, Math.max(-MOST_LOG, log));
}

function suspected(
  before: readonly Suspicion[],
  at: EpochMs,
  log: number,
  culprit: Culprit | null,
): readonly Suspicion[] {
  if (culprit === null) return before;
  const last = before.at(-1);
  if (last?.culprit.stream !== culprit.stream) {
    const next = [...before, { from: at, to: at, peakAt: at, log, culprit }];
    return next.length <= MOST_SUSPICIONS ? next : withoutWeakest(next);
  }
  const stronger = log >= last.log ? { peakAt: at, log, culprit } : {};
  return [...before.slice(0, -1), { ...last, to: at, ...stronger }];
}

function withoutWeakest(list: readonly Suspicion[]): readonly Suspicion[] {
  const weakest = list.slice(0, -1).reduce((least, one) => (one.log < least.log ? one : least));
  return list.filter((one) => one !== weakest);
}

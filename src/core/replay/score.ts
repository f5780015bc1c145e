import type { Milliseconds, Ratio } from '../units.ts';
import type { RecordedTruth } from './recording.ts';

/** A recorded rollout of which the truth is known. */
export interface KnownRollout {
  readonly id: string;
  readonly tick: Milliseconds;
  readonly truth: RecordedTruth;
}

/** What some policy made of a rollout: the index of the recorded tick after which it decided so. */
export interface Decided {
  readonly abortedAt: number | null;
  /** Null when the canary was never proven no worse, or the policy cannot prove it. */
  readonly nonInferiorAt: number | null;
}

/** How many harmless rollouts of one family were rolled back. */
export interface FalseAlarms {
  readonly family: string;
  readonly rollouts: number;
  readonly rolledBack: number;
}

/** How one kind of regression fared at one level of traffic. */
export interface Detection {
  readonly family: string;
  readonly rps: number;
  readonly rollouts: number;
  /** Share of them that was aborted at or after the onset. */
  readonly detected: Ratio;
  /** From the onset to the decision, median of the detected ones; null when none was. */
  readonly medianSeconds: number | null;
  /** Mean of the requests expected to have been made worse until the decision. */
  readonly harm: number;
}

/** Decisions measured against the truth, as the tables of the statistics' section 5 have it. */
export interface Score {
  /** Rollouts without a decision. They count as promoted. */
  readonly missing: number;
  /** By family, in the order of the recordings. */
  readonly benign: readonly FalseAlarms[];
  /** Share of all harmless rollouts that was rolled back; null when there are none. */
  readonly falseRollbacks: Ratio | null;
  /** The family with the largest share of false rollbacks; null when nothing is harmless. */
  readonly worstFamily: FalseAlarms | null;
  readonly regressions: readonly Detection[];
  /** Mean over `regressions`; null when there are none. */
  readonly detected: Ratio | null;
  /** Sum over `regressions`. */
  readonly harm: number;
}

/** Scores decisions, by the id of the rollout, on rollouts of which the truth is known. Ambiguous ones do not count. */
export function score(
  rollouts: readonly KnownRollout[],
  decisions: Readonly<Record<string, Decided>>,
): Score {
  const benign = alarmsOf(rollouts, decisions);
  const regressions = detectionsOf(rollouts, decisions);
  const harmless = sumOf(benign, (one) => one.rollouts);
  return {
    missing: rollouts.filter(({ id }) => !Object.hasOwn(decisions, id)).length,
    benign,
    falseRollbacks: harmless === 0 ? null : sumOf(benign, (one) => one.rolledBack) / harmless,
    worstFamily: worstOf(benign),
    regressions,
    detected:
      regressions.length === 0 ? null : sumOf(regressions, (one) => one.detected) / regressions.length,
    harm: sumOf(regressions, (one) => one.harm),
  };
}

/** Median seconds until a canary of this family was proven no worse; null when none was. */
export function provenAfter(
  rollouts: readonly KnownRollout[],
  decisions: Readonly<Record<string, Decided>>,
  { family, rps }: Pick<RecordedTruth, 'family' | 'rps'>,
): number | null {
  const chosen = rollouts.filter(({ truth }) => truth.family === family && truth.rps === rps);
  return medianOf(
    chosen.flatMap((rollout) => {
      const at = decisionOn(rollout, decisions).nonInferiorAt;
      return at === null ? [] : [secondsOf(rollout, at + 1)];
    }),
  );
}

function alarmsOf(
  rollouts: readonly KnownRollout[],
  decisions: Readonly<Record<string, Decided>>,
): FalseAlarms[] {
  const families = grouped(
    rollouts.filter(({ truth }) => truth.truth === 'benign'),
    ({ truth }) => truth.family,
  );
  return families.map(([family, group]) => {
    const rolledBack = group.filter((one) => decisionOn(one, decisions).abortedAt !== null).length;
    return { family, rollouts: group.length, rolledBack };
  });
}

function detectionsOf(
  rollouts: readonly KnownRollout[],
  decisions: Readonly<Record<string, Decided>>,
): Detection[] {
  const kinds = grouped(
    rollouts.filter(({ truth }) => truth.truth === 'regression'),
    ({ truth }) => JSON.stringify([truth.family, truth.rps]),
  );
  return kinds.flatMap(([, group]) => {
    const first = group[0];
    return first === undefined ? [] : [detectionOf(first.truth, group, decisions)];
  });
}

function detectionOf(
  { family, rps }: RecordedTruth,
  group: readonly KnownRollout[],
  decisions: Readonly<Record<string, Decided>>,
): Detection {
  const seconds = group.flatMap((one) => {
    const at = decisionOn(one, decisions).abortedAt;
    return at === null || at < one.truth.onsetTick ? [] : [secondsOf(one, at + 1 - one.truth.onsetTick)];
  });
  const harm = sumOf(group, (one) => harmUntil(one.truth, decisionOn(one, decisions).abortedAt));
  return {
    family,
    rps,
    rollouts: group.length,
    detected: seconds.length / group.length,
    medianSeconds: medianOf(seconds),
    harm: harm / group.length,
  };
}

const PROMOTED: Decided = { abortedAt: null, nonInferiorAt: null };

function decisionOn({ id }: KnownRollout, decisions: Readonly<Record<string, Decided>>): Decided {
  return (Object.hasOwn(decisions, id) ? decisions[id] : undefined) ?? PROMOTED;
}

/** Of what the deciding tick showed, all had happened by then. */
function harmUntil({ expectedExcessBad }: RecordedTruth, abortedAt: number | null): number {
  const until = abortedAt === null ? expectedExcessBad.length : abortedAt + 1;
  return sumOf(expectedExcessBad.slice(0, until), (bad) => bad);
}

function secondsOf({ tick }: KnownRollout, ticks: number): number {
  return (ticks * tick) / 1_000;
}

/** Of families equally bad the last in the alphabet, so that the answer does not depend on the order. */
function worstOf(families: readonly FalseAlarms[]): FalseAlarms | null {
  const share = (one: FalseAlarms): number => one.rolledBack / one.rollouts;
  const ranked = families.toSorted(
    (one, other) => share(other) - share(one) || (one.family < other.family ? 1 : -1),
  );
  return ranked[0] ?? null;
}

function grouped<T>(list: readonly T[], keyOf: (one: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const one of list) {
    const group = groups.get(keyOf(one));
    if (group === undefined) groups.set(keyOf(one), [one]);
    else group.push(one);
  }
  return [...groups];
}

/** The middle of values in any order, or the mean of the middle two; null of none. */
export function medianOf(values: readonly number[]): number | null {
  const sorted = values.toSorted((one, other) => one - other);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}

function sumOf<T>(list: readonly T[], of: (one: T) => number): number {
  return list.reduce((sum, one) => sum + of(one), 0);
}

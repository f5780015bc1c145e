import type { Milliseconds } from '../../units.ts';
import { culpritOf } from './culprit.ts';
import type { ComparisonDesign, HistoryDesign } from './design.ts';
import type { ComparisonEvidence, ComparisonState, StreamEvidence } from './evidence.ts';
import type { HistoryState } from './history.ts';
import { learnHistory, logHistory, newHistory, tickHistory } from './history.ts';
import type { ArmObservations } from './observed.ts';
import { armCounts, countsOf } from './observed.ts';
import { isSound } from './tick-evidence.ts';
import type { TrackDesign, TrackReading } from './track.ts';
import { newTrack, readTrack, tickTrack } from './track.ts';
import { logAverage } from './wealth.ts';

export interface ComparisonTick {
  /** Watched time that the increments cover. */
  readonly elapsed: Milliseconds;
  /** The plan gives the canary all traffic: it is held to its history instead of a stable arm. */
  readonly alone: boolean;
  readonly kpis: Readonly<Record<string, ArmObservations | undefined>>;
}

export function newComparison(design: ComparisonDesign): ComparisonState {
  return {
    age: null,
    tracks: design.tracks.map(newTrack),
    histories: design.histories.map(newHistory),
    peak: 0,
  };
}

/** Takes one tick in. Pure: the same ticks give the same evidence, whoever resumes. */
export function compareTick(
  design: ComparisonDesign,
  state: ComparisonState,
  tick: ComparisonTick,
): { readonly state: ComparisonState; readonly evidence: ComparisonEvidence } {
  const elapsed = tick.elapsed / design.pace;
  const age = state.age ?? (hasCanaryEvents(design, tick) ? 0 : null);
  if (age === null || elapsed <= 0)
    return { state, evidence: weigh(design, state, readingsOf(design, state)) };
  const tracks = design.tracks.map((track, index) => {
    const had = state.tracks[index] ?? newTrack(track);
    return tickTrack(track, had, seenBy(track, tick, age), age, elapsed);
  });
  const histories = design.histories.map((history, index) =>
    tickOneHistory(history, state.histories[index] ?? newHistory(), tick),
  );
  const next: ComparisonState = {
    age: age + elapsed,
    tracks: tracks.map((one) => one.state),
    histories,
    peak: state.peak,
  };
  const evidence = weigh(design, next, tracks);
  return { state: { ...next, peak: Math.max(state.peak, evidence.log) }, evidence };
}

function readingsOf(design: ComparisonDesign, state: ComparisonState): TrackReading[] {
  return design.tracks.map((track, index) => readTrack(track, state.tracks[index] ?? newTrack(track)));
}

function hasCanaryEvents(design: ComparisonDesign, tick: ComparisonTick): boolean {
  return design.tracks.some((track) => {
    const canary = tick.kpis[track.kpi]?.canary;
    return canary ? (armCounts(track.event, canary, 1)?.total ?? 0) > 0 : false;
  });
}

function seenBy(track: TrackDesign, tick: ComparisonTick, age: Milliseconds) {
  const seen = tick.kpis[track.kpi];
  if (seen === undefined || tick.alone) return { counts: null, eased: null };
  const counts = countsOf(track.event, seen);
  if (track.start === null || age >= track.start.until) return { counts, eased: counts };
  const ease = 1 + (track.start.factor - 1) * (1 - age / track.start.until);
  return { counts, eased: countsOf(track.event, seen, ease) };
}

function tickOneHistory(design: HistoryDesign, state: HistoryState, tick: ComparisonTick): HistoryState {
  const seen = tick.kpis[design.kpi];
  if (seen === undefined) return state;
  if (!tick.alone) {
    const counts = countsOf(design.event, seen);
    return counts !== null && isSound(counts) && counts.stableTotal > 0 ? learnHistory(state, counts) : state;
  }
  const canary = armCounts(design.event, seen.canary, 1);
  if (canary === null) return state;
  const sound = isSound({ canaryBad: canary.bad, canaryTotal: canary.total, stableBad: 0, stableTotal: 0 });
  return sound ? tickHistory(design.rules, state, canary.bad, canary.total) : state;
}

function weigh(
  design: ComparisonDesign,
  state: ComparisonState,
  tracks: readonly TrackReading[],
): ComparisonEvidence {
  const log = logOfAll(design, state, tracks);
  const threshold = -Math.log(design.alpha);
  const chance = Math.exp(-Math.max(0, state.peak, log));
  return {
    log,
    threshold,
    convicts: log >= threshold,
    chance,
    get streams() {
      return streamsOf(design, state, tracks);
    },
    culprit: log > 0 ? culpritOf(design, state, streamsOf(design, state, tracks), chance) : null,
    nonInferior: isNonInferior(design, state),
  };
}

/** Log of the weighted average of all that counts. */
function logOfAll(design: ComparisonDesign, state: ComparisonState, tracks: readonly TrackReading[]): number {
  const logs: number[] = [];
  const weights: number[] = [];
  const add = (log: number, weight: number): void => {
    if (weight <= 0) return;
    logs.push(log);
    weights.push(weight);
  };
  for (const [at, track] of design.tracks.entries()) {
    for (const [index, { weight }] of track.bets.entries()) add(tracks[at]?.logs[index] ?? 0, weight);
  }
  for (const [at, { rules }] of design.histories.entries()) {
    const had = state.histories[at];
    add(had === undefined ? 0 : logHistory(had), rules.weight);
  }
  return logs.length === 0 ? 0 : logAverage(logs, weights);
}

function streamsOf(
  design: ComparisonDesign,
  state: ComparisonState,
  tracks: readonly TrackReading[],
): StreamEvidence[] {
  const compared = design.tracks.flatMap((track, at) => {
    const { logs = [], dispersion = 1 } = tracks[at] ?? {};
    return track.bets.map(({ id, weight }, index): StreamEvidence => {
      return { id, kpi: track.kpi, log: logs[index] ?? 0, weight, dispersion };
    });
  });
  const alone = design.histories.map((history, at): StreamEvidence => {
    const had = state.histories[at];
    const log = had === undefined ? 0 : logHistory(had);
    return { id: history.id, kpi: history.kpi, log, weight: history.rules.weight, dispersion: 1 };
  });
  return [...compared, ...alone];
}

function isNonInferior(design: ComparisonDesign, state: ComparisonState): boolean {
  const proof = -Math.log(design.beta);
  let margins = 0;
  for (const [at, track] of design.tracks.entries()) {
    if (!track.bets.some((one) => one.role === 'non-inferior')) continue;
    if ((state.tracks[at]?.safest ?? 0) < proof) return false;
    margins++;
  }
  return margins > 0;
}

import type { Milliseconds } from '../../units.ts';
import type { BetRules, BetState } from './bet.ts';
import { logBet, newBet, tickBet } from './bet.ts';
import type { Clumps } from './clumps.ts';
import { clumpFactor, isDense, learnClumps, noClumps, suspicionFactor } from './clumps.ts';
import type { Dispersion, Sums } from './dispersion.ts';
import {
  dispersionFactor,
  learnDispersion,
  NOTHING,
  noDispersion,
  shareFactor,
  shortened,
} from './dispersion.ts';
import type { StreamCounts } from './tick-evidence.ts';
import { isSound } from './tick-evidence.ts';

/**
 * - `regression`: worse than tolerated. `catastrophe`: much worse, from the first request on.
 * - `non-inferior`: proven no worse than the margin; never convicts.
 */
export type BetRole = 'regression' | 'catastrophe' | 'non-inferior';

export interface BetDesign {
  readonly id: string;
  readonly role: BetRole;
  /** Share of the rollout's alpha; 0 for what never convicts. */
  readonly weight: number;
  readonly rules: BetRules;
}

/** Which of a KPI's events count as bad. */
export type TrackEvent =
  | { readonly type: 'bad' }
  /** `bound` is an upper bound of the histogram, in the KPI's unit. */
  | { readonly type: 'slower'; readonly bound: number };

/** One kind of event, and all that is bet on it. */
export interface TrackDesign {
  readonly id: string;
  readonly kpi: string;
  readonly event: TrackEvent;
  /** Events that may come in clumps (a retrying client): evidence is tempered by what the stable arm shows of them. */
  readonly clumps: boolean;
  /** Before this age differences between the arms do not count as dispersion. */
  readonly settled: Milliseconds;
  /** How much slower than stable a starting canary may be, falling in a line from `factor` to 1 at `until`. */
  readonly start: { readonly factor: number; readonly until: Milliseconds } | null;
  readonly bets: readonly BetDesign[];
}

/** Events since the evidence began to grow, per arm. */
export interface SinceCounts {
  readonly counts: Sums;
  /** Lowest log wealth of the track's regression bets when counting began. */
  readonly low: number;
  /** Watched time of these events, divided by the pace. */
  readonly ms: Milliseconds;
}

export interface TrackState {
  readonly dispersion: Dispersion;
  /** Only where events may come in clumps. */
  readonly clumps?: Clumps;
  readonly since: SinceCounts;
  readonly bets: readonly BetState[];
  /** Highest log wealth of the bets on non-inferiority so far. */
  readonly safest: number;
}

/** What a track has to say after a tick. */
export interface TrackReading {
  readonly state: TrackState;
  /** Log wealth of each bet. */
  readonly logs: readonly number[];
  /** What the log evidence of the tick was divided by. */
  readonly dispersion: number;
}

/** What a tick showed of one track. `eased` counts stable events above a lower bound while a latency track is young. */
export interface TrackTick {
  readonly counts: StreamCounts | null;
  readonly eased: StreamCounts | null;
}

export function newTrack(design: TrackDesign): TrackState {
  const state = {
    dispersion: noDispersion(1),
    since: { counts: NOTHING, low: 0, ms: 0 },
    bets: design.bets.map((one) => newBet(one.rules)),
    safest: 0,
  };
  return design.clumps ? { ...state, clumps: noClumps() } : state;
}

/** While the canary serves alone nothing is learned, tick after tick. What a state says follows from it alone. */
const memory = new WeakMap<TrackState, { readonly design: TrackDesign; readonly reading: TrackReading }>();

export function readTrack(design: TrackDesign, state: TrackState): TrackReading {
  const had = memory.get(state);
  if (had?.design === design) return had.reading;
  const reading = { state, logs: logsOf(design, state.bets), dispersion: factorOf(state) };
  memory.set(state, { design, reading });
  return reading;
}

function logsOf(design: TrackDesign, bets: readonly BetState[]): number[] {
  return bets.map((bet, index) => {
    const rules = design.bets[index]?.rules;
    return rules === undefined ? 0 : logBet(rules, bet);
  });
}

/** Divisor of the track's log evidence in the next tick, 1 to 50. */
function factorOf(state: TrackState): number {
  if (state.clumps === undefined) return dispersionFactor(state.dispersion);
  return Math.max(shareFactor(state.dispersion), clumpFactor(state.clumps));
}

export function tickTrack(
  design: TrackDesign,
  state: TrackState,
  seen: TrackTick,
  age: Milliseconds,
  tick: Milliseconds,
): TrackReading {
  const counts = seen.counts !== null && isSound(seen.counts) ? seen.counts : null;
  if (counts === null) return readTrack(design, state);
  const eased = seen.eased === null || !isSound(seen.eased) ? null : seen.eased;
  const dispersion = factorOf(state);
  const suspicion = state.clumps === undefined ? 1 : suspicionFactor(state.clumps);
  const dense = state.clumps !== undefined && isDense(state.clumps);
  const bets = design.bets.map((one, index) => {
    const had = state.bets[index] ?? newBet(one.rules);
    const shown = one.role === 'regression' ? eased : counts;
    return tickBet(one.rules, had, { counts: shown, age, tick, dispersion, suspicion, dense });
  });
  const logs = logsOf(design, bets);
  const accusation = highest(design, logs, isAccusing) ?? 0;
  const learned = {
    dispersion: shortened(learnDispersion(state.dispersion, counts, tick, age >= design.settled)),
    since: countSince(state.since, counts, accusation, tick),
    bets,
    safest: Math.max(state.safest, highest(design, logs, isSafety) ?? 0),
  };
  if (state.clumps === undefined) return { state: learned, logs, dispersion };
  const clumps = learnClumps(state.clumps, counts, tick);
  return { state: { ...learned, clumps }, logs, dispersion };
}

const isAccusing = ({ weight }: BetDesign): boolean => weight > 0;
const isSafety = ({ role }: BetDesign): boolean => role === 'non-inferior';

function highest(
  design: TrackDesign,
  logs: readonly number[],
  counts: (bet: BetDesign) => boolean,
): number | null {
  let most: number | null = null;
  for (const [index, bet] of design.bets.entries()) {
    const log = logs[index] ?? 0;
    if (counts(bet) && (most === null || log > most)) most = log;
  }
  return most;
}

function countSince(since: SinceCounts, seen: StreamCounts, log: number, tick: Milliseconds): SinceCounts {
  if (log < since.low) return { counts: NOTHING, low: log, ms: 0 };
  const [a, b, c, d] = since.counts;
  return {
    counts: [a + seen.canaryBad, b + seen.canaryTotal, c + seen.stableBad, d + seen.stableTotal],
    low: since.low,
    ms: since.ms + tick,
  };
}

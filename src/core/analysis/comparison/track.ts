import type { Milliseconds } from '../../units.ts';
import type { BetRules, BetState } from './bet.ts';
import { newBet, tickBet } from './bet.ts';
import type { Clumps } from './clumps.ts';
import { clumpFactor, isDense, learnClumps, noClumps, suspicionFactor } from './clumps.ts';
import type { Dispersion } from './dispersion.ts';
import { dispersionFactor, learnDispersion, noDispersion, shareFactor } from './dispersion.ts';
import type { StreamCounts } from './tick-evidence.ts';
import { isSound } from './tick-evidence.ts';
import { logWealth } from './wealth.ts';

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
export interface SinceCounts extends StreamCounts {
  /** Lowest log wealth of the track's regression bets when counting began. */
  readonly low: number;
  /** Watched time of these events, divided by the pace. */
  readonly ms: Milliseconds;
}

export interface TrackState {
  readonly dispersion: Dispersion;
  readonly clumps: Clumps | null;
  readonly since: SinceCounts;
  readonly bets: readonly BetState[];
}

/** What a tick showed of one track. `eased` counts stable events above a lower bound while a latency track is young. */
export interface TrackTick {
  readonly counts: StreamCounts | null;
  readonly eased: StreamCounts | null;
}

const NONE: SinceCounts = { canaryBad: 0, canaryTotal: 0, stableBad: 0, stableTotal: 0, low: 0, ms: 0 };

export function newTrack(design: TrackDesign): TrackState {
  return {
    dispersion: noDispersion(1),
    clumps: design.clumps ? noClumps() : null,
    since: NONE,
    bets: design.bets.map((one) => newBet(one.rules)),
  };
}

/** Divisor of the track's log evidence in the next tick, 1 to 50. */
export function factorOf(state: TrackState): number {
  if (state.clumps === null) return dispersionFactor(state.dispersion);
  return Math.max(shareFactor(state.dispersion), clumpFactor(state.clumps));
}

export function tickTrack(
  design: TrackDesign,
  state: TrackState,
  seen: TrackTick,
  age: Milliseconds,
  tick: Milliseconds,
): TrackState {
  const counts = seen.counts !== null && isSound(seen.counts) ? seen.counts : null;
  const eased = counts === null || seen.eased === null || !isSound(seen.eased) ? null : seen.eased;
  const dispersion = factorOf(state);
  const suspicion = state.clumps === null ? 1 : suspicionFactor(state.clumps);
  const dense = state.clumps !== null && isDense(state.clumps);
  const bets = design.bets.map((one, index) => {
    const had = state.bets[index] ?? newBet(one.rules);
    const shown = one.role === 'regression' ? eased : counts;
    return tickBet(one.rules, had, { counts: shown, age, tick, dispersion, suspicion, dense });
  });
  if (counts === null) return { ...state, bets };
  return {
    dispersion: learnDispersion(state.dispersion, counts, tick, age >= design.settled),
    clumps: state.clumps === null ? null : learnClumps(state.clumps, counts, tick),
    since: countSince(state.since, counts, accusation(design, bets), tick),
    bets,
  };
}

function accusation(design: TrackDesign, bets: readonly BetState[]): number {
  const logs = bets
    .filter((_, index) => (design.bets[index]?.weight ?? 0) > 0)
    .map((one) => logWealth(one.wealth));
  return logs.length === 0 ? 0 : Math.max(...logs);
}

function countSince(since: SinceCounts, counts: StreamCounts, log: number, tick: Milliseconds): SinceCounts {
  if (log < since.low) return { ...NONE, low: log };
  return {
    canaryBad: since.canaryBad + counts.canaryBad,
    canaryTotal: since.canaryTotal + counts.canaryTotal,
    stableBad: since.stableBad + counts.stableBad,
    stableTotal: since.stableTotal + counts.stableTotal,
    low: since.low,
    ms: since.ms + tick,
  };
}

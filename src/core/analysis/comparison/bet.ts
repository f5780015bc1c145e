import type { Milliseconds } from '../../units.ts';
import type { Corroboration } from './corroboration.ts';
import { addRaw, addWon, noCorroboration, openSlot, room } from './corroboration.ts';
import type { StreamCounts, Tolerance } from './tick-evidence.ts';
import { logTickEvidence } from './tick-evidence.ts';
import type { Wealth } from './wealth.ts';
import { bet, invest, logWealth, UNTOUCHED } from './wealth.ts';

export interface Investment {
  /** Age of the canary at which the wealth is put in. */
  readonly at: Milliseconds;
  readonly amount: number;
}

/** What the canary may do in its first minute, and what is bet on meanwhile. */
export interface YoungRules {
  readonly until: Milliseconds;
  readonly tolerance: Tolerance;
  readonly alternatives: readonly number[];
}

/** How one e-process bets. Everything in it is fixed before the rollout. */
export interface BetRules {
  readonly tolerance: Tolerance;
  /** Rate ratios bet on, as multiples of the tolerance's ratio. Below 1: non-inferiority. */
  readonly alternatives: readonly number[];
  readonly young: YoungRules | null;
  /** In order of age. Their amounts sum to at most 1; what is left is never at risk. */
  readonly investments: readonly Investment[];
  /** Most nats that one tick may add: no single tick convicts. */
  readonly cap: number;
  /** Whether the gains of one minute are bounded by what earlier minutes showed. */
  readonly corroborated: boolean;
}

/** An e-process. Plain JSON of fixed size. */
export interface BetState {
  readonly wealth: Wealth;
  /** How many of the investments have been made. */
  readonly invested: number;
  readonly corroboration: Corroboration | null;
  /** Highest log wealth so far. */
  readonly peak: number;
}

/** One tick as a bet sees it. */
export interface BetTick {
  /** Null when there is nothing to learn from: an arm without events, or unsound counts. */
  readonly counts: StreamCounts | null;
  /** The canary's age when the tick began. */
  readonly age: Milliseconds;
  readonly tick: Milliseconds;
  /** Divisor of the log evidence, known before the tick. */
  readonly dispersion: number;
  /** Divisor of evidence that no earlier minute backs. */
  readonly suspicion: number;
  /** So many events that a clump is small among them. */
  readonly dense: boolean;
}

export function newBet(rules: BetRules): BetState {
  const corroboration = rules.corroborated ? noCorroboration(rules.alternatives.length) : null;
  return { wealth: UNTOUCHED, invested: 0, corroboration, peak: 0 };
}

export function tickBet(rules: BetRules, state: BetState, now: BetTick): BetState {
  const { wealth, invested } = investDue(rules, state, now.age);
  if (now.counts === null) return { ...state, wealth, invested };
  const gains = gainsOf(rules, now.counts, now);
  const backed =
    state.corroboration === null ? null : corroborate(rules, state.corroboration, now.counts, gains, now);
  const won = backed?.gains ?? gains;
  const after = bet(wealth, (index) => won[index] ?? 0);
  const corroboration =
    backed === null ? null : wealth.logs.length === 0 ? backed.state : addWon(backed.state, won);
  return { wealth: after, invested, corroboration, peak: Math.max(state.peak, logWealth(after)) };
}

function investDue(
  rules: BetRules,
  state: BetState,
  age: Milliseconds,
): { wealth: Wealth; invested: number } {
  let { wealth, invested } = state;
  for (;;) {
    const next = rules.investments[invested];
    if (next === undefined || next.at > age) return { wealth, invested };
    wealth = invest(wealth, next.amount, rules.alternatives.length);
    invested++;
  }
}

function gainsOf(rules: BetRules, counts: StreamCounts, now: BetTick): number[] {
  const young = rules.young !== null && now.age < rules.young.until ? rules.young : null;
  const { tolerance, alternatives } = young ?? rules;
  return alternatives.map((ratio) => {
    const raw = logTickEvidence(counts, tolerance, tolerance.ratio * ratio);
    return Math.min(rules.cap, raw / now.dispersion);
  });
}

function corroborate(
  rules: BetRules,
  state: Corroboration,
  counts: StreamCounts,
  gains: readonly number[],
  now: BetTick,
): { state: Corroboration; gains: number[] } {
  const { tolerance, alternatives } = rules;
  const raw = alternatives.map((ratio) => logTickEvidence(counts, tolerance, tolerance.ratio * ratio));
  const seen = addRaw(openSlot(state, now.age, now.tick), raw);
  const rooms = room(seen, Math.max(now.dispersion, now.suspicion), now.dense);
  return { state: seen, gains: gains.map((gain, index) => Math.min(gain, rooms[index] ?? 0)) };
}

import type { Milliseconds } from '../../units.ts';
import type { Corroboration } from './corroboration.ts';
import { addRaw, addWon, noCorroboration, openSlot, room } from './corroboration.ts';
import type { StreamCounts, Tolerance } from './tick-evidence.ts';
import { logTickEvidence } from './tick-evidence.ts';
import type { Wealth } from './wealth.ts';
import { bet, invest, leftOf, logWealth, UNTOUCHED } from './wealth.ts';

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
  /** Log of the wealth on each alternative; empty until something is invested. */
  readonly logs: readonly number[];
  /** How many of the investments have been made: the rest of the wealth is idle. */
  readonly invested: number;
  /** Only where gains need it. */
  readonly corroboration?: Corroboration;
}

/** Log wealth that does not come back. */
const LOST = -100;

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
  const bare = { logs: [], invested: 0 };
  return rules.corroborated ? { ...bare, corroboration: noCorroboration(rules.alternatives.length) } : bare;
}

/** Log of the e-process. */
export function logBet(rules: BetRules, state: BetState): number {
  return logWealth(wealthOf(rules, state));
}

export function tickBet(rules: BetRules, state: BetState, now: BetTick): BetState {
  const { logs, invested } = investDue(rules, state, now.age);
  if (now.counts === null) return { ...state, logs, invested };
  const gains = gainsOf(rules, now.counts, now);
  if (state.corroboration === undefined) return { logs: roundedDown(bet(logs, gains)), invested };
  const backed = corroborate(rules, state.corroboration, now.counts, gains, now);
  const corroboration = logs.length === 0 ? backed.state : addWon(backed.state, backed.gains);
  return { logs: roundedDown(bet(logs, backed.gains)), invested, corroboration };
}

/**
 * To 1e-7 nats, and to whole ones where all is lost but what is put in later, so that the state stays short: what is
 * less than an e-process is one as well.
 */
function roundedDown(logs: readonly number[]): readonly number[] {
  return logs.map((nats) => (nats < LOST ? Math.floor(nats) : Math.floor(nats * 1e7) / 1e7 + 0));
}

function investDue(
  rules: BetRules,
  state: BetState,
  age: Milliseconds,
): { logs: readonly number[]; invested: number } {
  let { invested } = state;
  let wealth: Wealth | null = null;
  for (;;) {
    const next = rules.investments[invested];
    if (next === undefined || next.at > age) return { logs: wealth?.logs ?? state.logs, invested };
    wealth = invest(wealth ?? wealthOf(rules, state), next.amount, rules.alternatives.length);
    invested++;
  }
}

function wealthOf(rules: BetRules, { logs, invested }: BetState): Wealth {
  let { idle } = UNTOUCHED;
  for (let made = 0; made < invested; made++) idle = leftOf(idle, rules.investments[made]?.amount ?? 0);
  return { logs, idle };
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

import type { Milliseconds } from '../../units.ts';
import type { Dispersion } from './dispersion.ts';
import { dispersionFactor, learnDispersion, noDispersion } from './dispersion.ts';
import type { StreamCounts, Tolerance } from './tick-evidence.ts';
import { isSound, logTickEvidence } from './tick-evidence.ts';
import type { Wealth } from './wealth.ts';
import { bet, invest, logWealth, UNTOUCHED } from './wealth.ts';

export interface Investment {
  /** Age of the canary at which the wealth is put in. */
  readonly at: Milliseconds;
  readonly amount: number;
}

/** How one e-process bets. Everything in it is fixed before the rollout. */
export interface StreamRules {
  /** What the canary may do once it is grown up. */
  readonly tolerance: Tolerance;
  /** What it may do before `until`; null when it is held to the same from its first request. */
  readonly young: { readonly until: Milliseconds; readonly tolerance: Tolerance } | null;
  /** Rate ratios bet on, as multiples of the tolerance's ratio. Below 1: non-inferiority. */
  readonly alternatives: readonly number[];
  readonly investments: readonly Investment[];
  /** No bets before this age. */
  readonly warmUp: Milliseconds;
  /** Before this age differences between the arms do not count as clumping. */
  readonly settled: Milliseconds;
  /** Most nats that one tick may add. */
  readonly cap: number;
  /** Dispersion believed in before anything is seen. */
  readonly dispersionPrior: number;
}

/** An e-process of fixed size. Plain JSON. */
export interface StreamState {
  readonly wealth: Wealth;
  readonly dispersion: Dispersion;
  /** How many of the investments have been made. */
  readonly invested: number;
  /** Highest log wealth so far. */
  readonly peak: number;
}

export interface StreamTick {
  readonly state: StreamState;
  readonly logWealth: number;
  /** What the log evidence of this tick was divided by. */
  readonly dispersion: number;
}

export function newStream(rules: StreamRules): StreamState {
  return { wealth: UNTOUCHED, dispersion: noDispersion(rules.dispersionPrior), invested: 0, peak: 0 };
}

/** Takes one tick in. `age` is the canary's age at the end of the tick before; unsound or one-armed counts are no evidence. */
export function tickStream(
  rules: StreamRules,
  state: StreamState,
  counts: StreamCounts,
  age: Milliseconds,
  tick: Milliseconds,
): StreamTick {
  const factor = dispersionFactor(state.dispersion);
  let { wealth, invested } = state;
  for (let next = rules.investments[invested]; next !== undefined && next.at <= age; next = rules.investments[invested]) {
    wealth = invest(wealth, next.amount, rules.alternatives.length);
    invested++;
  }
  const sound = isSound(counts);
  if (sound && age >= rules.warmUp) {
    const tolerance = rules.young !== null && age < rules.young.until ? rules.young.tolerance : rules.tolerance;
    wealth = bet(wealth, (index) => {
      const alternative = (rules.alternatives[index] ?? 1) * tolerance.ratio;
      return Math.min(rules.cap, logTickEvidence(counts, tolerance, alternative) / factor);
    });
  }
  const dispersion = sound
    ? learnDispersion(state.dispersion, counts, tick, age >= rules.settled)
    : state.dispersion;
  const now = logWealth(wealth);
  return {
    state: { wealth, dispersion, invested, peak: Math.max(state.peak, now) },
    logWealth: now,
    dispersion: factor,
  };
}

import type { Milliseconds, Ratio } from '../../units.ts';
import type { StreamCounts } from './tick-evidence.ts';

/**
 * A step without a stable arm. The canary is held to a limit that both arms' earlier ticks and the alert allow, by a
 * one-sample e-process that may start at any tick (an e-detector, weighted so that the whole of it is one e-process).
 */
export interface HistoryRules {
  readonly weight: number;
  /** Bad share that is never convicted. */
  readonly alert: Ratio;
  /** What the earlier rate may grow to: times `ratio`, plus `share`. */
  readonly ratio: number;
  readonly share: Ratio;
  /** No excursion up to this long convicts, whatever its height: there is no other arm to excuse it. */
  readonly excused: Milliseconds;
  /** Nats that one tick may add, as `excused` and the tick ask for. */
  readonly cap: number;
  /** Wealth is put in at this rate per tick, of what is left. */
  readonly hazard: number;
}

export interface HistoryState {
  /** Events of the ticks with two arms. */
  readonly earlier: StreamCounts;
  /** Events of the canary alone, since the evidence began. */
  readonly bad: number;
  readonly total: number;
  readonly wealth: readonly number[];
  readonly idle: number;
}

const ALTERNATIVES = [1.25, 1.6, 2.2, 4];
const HOUR: Milliseconds = 3_600_000;
/** One-sided 99.9 % bound of the earlier rates. */
const DEVIATIONS = 3.1;
const CEILING = 1e300;

export function historyRules(
  given: Pick<HistoryRules, 'weight' | 'alert' | 'excused'>,
  alpha: Ratio,
  tick: Milliseconds,
): HistoryRules {
  const hazard = 1 - Math.exp(-tick / HOUR);
  const ticks = Math.floor(given.excused / tick) + 1;
  return {
    ...given,
    ratio: 1.5,
    share: 0.005,
    hazard,
    cap: excusingCap(given.weight * hazard * alpha, ticks),
  };
}

/**
 * The largest cap with which so many ticks at the cap, begun at any time, stay below conviction, with a tenth of the
 * threshold left for what the other streams hold.
 */
function excusingCap(stake: number, ticks: number): number {
  let low = 0;
  let high = 40;
  for (let round = 0; round < 60; round++) {
    const cap = (low + high) / 2;
    let sum = 0;
    for (let tick = 1; tick <= ticks; tick++) sum += Math.exp(tick * cap);
    if (stake * sum < 0.9) low = cap;
    else high = cap;
  }
  return low;
}

export function newHistory(): HistoryState {
  return {
    earlier: { canaryBad: 0, canaryTotal: 0, stableBad: 0, stableTotal: 0 },
    bad: 0,
    total: 0,
    wealth: ALTERNATIVES.map(() => 0),
    idle: 1,
  };
}

/** Remembers a tick in which both arms served. */
export function learnHistory(state: HistoryState, counts: StreamCounts): HistoryState {
  const { earlier } = state;
  return {
    ...state,
    earlier: {
      canaryBad: earlier.canaryBad + counts.canaryBad,
      canaryTotal: earlier.canaryTotal + counts.canaryTotal,
      stableBad: earlier.stableBad + counts.stableBad,
      stableTotal: earlier.stableTotal + counts.stableTotal,
    },
  };
}

/** Judges a tick that the canary served alone. Without earlier ticks there is nothing to hold it to. */
export function tickHistory(
  rules: HistoryRules,
  state: HistoryState,
  bad: number,
  total: number,
): HistoryState {
  const { earlier } = state;
  if (total <= 0 || earlier.stableTotal <= 0) return state;
  const limit = limitOf(rules, earlier);
  const stake = state.idle * rules.hazard;
  const wealth = ALTERNATIVES.map((ratio, index) => {
    const gain = Math.min(rules.cap, bad * Math.log(ratio) - total * limit * (ratio - 1));
    return Math.min(CEILING, ((state.wealth[index] ?? 0) + stake) * Math.exp(gain));
  });
  const growing = wealth.some((now, index) => now > (state.wealth[index] ?? 0) + stake);
  return {
    earlier,
    bad: growing ? state.bad + bad : 0,
    total: growing ? state.total + total : 0,
    wealth,
    idle: state.idle - stake,
  };
}

/** Log of the e-process. */
export function logHistory(state: HistoryState): number {
  let sum = 0;
  for (const wealth of state.wealth) sum += wealth;
  return Math.log(state.idle + sum / state.wealth.length);
}

/** Highest bad share that a canary on its own is not blamed for. */
export function limitOf(rules: HistoryRules, earlier: StreamCounts): Ratio {
  const seen = Math.max(
    upperBound(earlier.canaryBad, earlier.canaryTotal),
    upperBound(earlier.stableBad, earlier.stableTotal),
  );
  return Math.min(1, Math.max(rules.alert, rules.ratio * seen + rules.share));
}

function upperBound(bad: number, total: number): Ratio {
  if (total <= 0) return 0;
  const half = (DEVIATIONS * DEVIATIONS) / 2;
  return (bad + half + DEVIATIONS * Math.sqrt(bad + half / 2)) / total;
}

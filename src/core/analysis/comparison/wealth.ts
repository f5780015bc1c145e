/** A bet spread over alternatives and over start times. Logs of wealth; plain JSON. */
export interface Wealth {
  /** One entry per alternative; empty until something is invested. */
  readonly logs: readonly number[];
  /** What is not invested yet: it neither wins nor loses. */
  readonly idle: number;
}

export const UNTOUCHED: Wealth = { logs: [], idle: 1 };

/** Puts `amount` of the idle wealth on every alternative alike. */
export function invest(wealth: Wealth, amount: number, alternatives: number): Wealth {
  const share = Math.min(amount, wealth.idle);
  if (share <= 0) return wealth;
  const log = Math.log(share);
  const logs =
    wealth.logs.length === 0
      ? new Array<number>(alternatives).fill(log)
      : wealth.logs.map((had) => logAdd(had, log));
  return { logs, idle: leftOf(wealth.idle, amount) };
}

/** What stays idle when so much is invested. */
export function leftOf(idle: number, amount: number): number {
  return Math.max(0, idle - Math.min(amount, idle));
}

/** Multiplies the wealth on each alternative by its capped, tempered one-tick evidence. All are logs. */
export function bet(logs: readonly number[], evidence: readonly number[]): readonly number[] {
  return logs.map((had, index) => had + (evidence[index] ?? 0));
}

/** Log of the whole wealth: an e-process that starts at 0. */
export function logWealth(wealth: Wealth): number {
  const idle = wealth.idle > 0 ? Math.log(wealth.idle) : Number.NEGATIVE_INFINITY;
  if (wealth.logs.length === 0) return idle;
  return logAdd(idle, logSum(wealth.logs) - Math.log(wealth.logs.length));
}

/** Log of a weighted average of e-values given as logs. Weights sum to 1. */
export function logAverage(logs: readonly number[], weights: readonly number[]): number {
  return logSum(logs.map((log, index) => log + Math.log(weights[index] ?? 0)));
}

function logAdd(a: number, b: number): number {
  const high = Math.max(a, b);
  return high === Number.NEGATIVE_INFINITY ? high : high + Math.log1p(Math.exp(Math.min(a, b) - high));
}

function logSum(logs: readonly number[]): number {
  let high = Number.NEGATIVE_INFINITY;
  for (const log of logs) if (log > high) high = log;
  if (high === Number.NEGATIVE_INFINITY) return high;
  let sum = 0;
  for (const log of logs) sum += Math.exp(log - high);
  return high + Math.log(sum);
}

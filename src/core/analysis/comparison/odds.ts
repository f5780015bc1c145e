import { formatCount } from '../kpi.ts';

const MOST = 1e9;

/** `0.4 to 1`, `4,000 to 1`: what a bet of 1 against the canary would be worth by now; `log` is its logarithm. */
export function oddsAgainst(log: number): string {
  if (log > Math.log(MOST)) return `over ${formatCount(MOST)} to 1`;
  const worth = Math.exp(log);
  if (worth < 0.01) return 'under 0.01 to 1';
  if (worth < 10) return `${Number(worth.toPrecision(2))} to 1`;
  return `${formatCount(Math.floor(worth + 1e-9))} to 1`;
}

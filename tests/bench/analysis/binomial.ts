/** One-sided 97.5 % upper bound of a binomial share, by bisection. */
export function upperBound(hits: number, runs: number): number {
  let low = hits / runs;
  let high = 1;
  for (let round = 0; round < 50; round++) {
    const middle = (low + high) / 2;
    if (atMost(hits, runs, middle) > 0.025) low = middle;
    else high = middle;
  }
  return high;
}

/** P(X <= hits). */
export function atMost(hits: number, runs: number, chance: number): number {
  if (chance >= 1) return hits >= runs ? 1 : 0;
  let log = runs * Math.log1p(-chance);
  let sum = 0;
  for (let k = 0; k <= hits; k++) {
    sum += Math.exp(log);
    log += Math.log(((runs - k) / (k + 1)) * (chance / (1 - chance)));
  }
  return sum;
}

export interface Ranked {
  /** Sum of the ranks of `first`, when both samples are ranked as one. */
  readonly firstSum: number;
  /** Sum of t³ − t over the groups of t equal values. */
  readonly ties: number;
}

/** Ranks two samples as one; equal values share the mean of their ranks. Exact up to some hundred thousand values. */
export function rankTogether(first: readonly number[], second: readonly number[]): Ranked {
  const values = Float64Array.from([...first, ...second]).sort();
  const ranks = new Map<number, number>();
  let ties = 0;
  for (let from = 0; from < values.length; ) {
    const value = values[from] ?? 0;
    let until = from + 1;
    while (values[until] === value) until += 1;
    const size = until - from;
    // -0 sorts before 0 and is equal to it.
    ranks.set(value, (from + until + 1) / 2);
    ties += size ** 3 - size;
    from = until;
  }
  return { firstSum: first.reduce((sum, value) => sum + (ranks.get(value) ?? 0), 0), ties };
}

/** Whole matrices, as CI runs them; the everyday run takes every third case of each, spread evenly. */
export const isExhaustive = process.env.EXHAUSTIVE === '1';

/** Whether a case is run today. `place` is its place in the matrix: neighbours fall on different thirds. */
export function isRun(place: number): boolean {
  return isExhaustive || place % 3 === 0;
}

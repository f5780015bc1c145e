/** Whole matrices, as CI runs them; the everyday run takes every sixth case of each, spread evenly. */
export const isExhaustive = process.env.EXHAUSTIVE === '1';

/** Whether a case is run today. `place` is its place in the matrix: neighbours fall on different sixths. */
export function isRun(place: number): boolean {
  return isExhaustive || place % 6 === 0;
}

import type { Milliseconds } from '../../units.ts';
import type { Investment } from './bet.ts';

const RESTART: Milliseconds = 300_000;

/**
 * When the wealth of an e-process is put in: first as given, and what that leaves in equal parts every five minutes of
 * the time in which there are two arms, so that a regression that begins late meets wealth that earlier ticks have not
 * burned. A time too short for restarts gets all of it at first.
 */
export function scheduleWealth(first: readonly Investment[], comparable: Milliseconds): Investment[] {
  const last = first[first.length - 1]?.at ?? 0;
  const marks: Milliseconds[] = [];
  for (let mark = RESTART; mark < comparable; mark += RESTART) {
    if (mark - last >= RESTART / 2) marks.push(mark);
  }
  const given = first.reduce((sum, one) => sum + one.amount, 0);
  if (marks.length === 0) return first.map((one) => ({ ...one, amount: one.amount / given }));
  return [...first, ...marks.map((mark) => ({ at: mark, amount: (1 - given) / marks.length }))];
}

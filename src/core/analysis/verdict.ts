import type { Reason } from '../rollout/reason.ts';

/** What one tick of the analysis asks for. */
export type TickVerdict =
  /** Nothing fired, and every required KPI has shown enough. */
  | { readonly kind: 'pass' }
  /**
   * Nothing fired, but a bake must not end on it: a required KPI has shown too few events to be believed, one is
   * clearly beyond its limit on the canary and its `for` has not run out, its measurements are inconclusive, or
   * what the step requires is not proven.
   */
  | { readonly kind: 'short-of-samples'; readonly reason: Reason }
  /** The environment is ill or silent: the tick does not count as served, and nobody is blamed yet. */
  | { readonly kind: 'hold'; readonly reason: Reason }
  | { readonly kind: 'fail'; readonly reason: Reason };

const SEVERITY: Readonly<Record<TickVerdict['kind'], number>> = {
  pass: 0,
  'short-of-samples': 1,
  hold: 2,
  fail: 3,
};

/** The most severe verdict, of equal ones the first; `pass` when nobody objects. */
export function worstOf(verdicts: readonly TickVerdict[]): TickVerdict {
  return verdicts.reduce<TickVerdict>(
    (worst, next) => (SEVERITY[next.kind] > SEVERITY[worst.kind] ? next : worst),
    { kind: 'pass' },
  );
}

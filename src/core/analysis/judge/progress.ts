import type { Finding } from '../../checks/finding.ts';
import type { TickVerdict } from '../verdict.ts';
import type { Intervals } from './intervals.ts';

/** What the judge said, to be said again until the bake is over. */
export interface Told {
  readonly verdict: TickVerdict;
  readonly finding: Finding;
  /** True when the bake cannot be extended after it. */
  readonly last: boolean;
}

/** The judge's state of a step. Plain JSON of bounded size. */
export interface JudgeProgress {
  readonly intervals: Intervals;
  readonly told: Told | null;
}

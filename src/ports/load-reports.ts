import type { UnreadableLoadReport } from '../core/load/load-reading.ts';
import type { FoundRun } from '../core/load/load-test.ts';

export interface ReadReports {
  readonly found: readonly FoundRun[];
  readonly unreadable: readonly UnreadableLoadReport[];
  /** Patterns that no file matches. */
  readonly unmatched: readonly string[];
}

/** Reads every report that lies where it was said to lie. */
export interface LoadReports {
  /** Where, in words. */
  readonly place: string;
  read(signal: AbortSignal): Promise<ReadReports>;
}

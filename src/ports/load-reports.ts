import type { FoundRun } from '../core/load/load-test.ts';
import type { UnreadableLoadReport } from '../core/load/load-reading.ts';

export interface ReadReports {
  readonly found: readonly FoundRun[];
  readonly unreadable: readonly UnreadableLoadReport[];
}

/** Reads every report that lies where it was said to lie. */
export interface LoadReports {
  /** Where, in words. */
  readonly place: string;
  read(signal: AbortSignal): Promise<ReadReports>;
}

import type { AcceptedRun } from '../core/load/load-test.ts';
import type { AdapterContext } from './adapter-context.ts';

export interface KeptRun {
  /** 1 for the first, one more for each. */
  readonly revision: number;
  readonly run: AcceptedRun;
}

/** `superseded`: somebody else kept a run since `expected` was read; nothing was changed. */
export type Kept = 'kept' | 'superseded';

/** The runs of one load test of one service in one environment that passed. Failures are AdapterErrors. */
export interface AcceptedRuns {
  newest(signal: AbortSignal): Promise<KeptRun | null>;
  /** Keeps a run only when the newest revision is still `expected` (0 for none). */
  keep(expected: number, run: AcceptedRun, signal: AbortSignal): Promise<Kept>;
}

/** What the `accepted:` of a load test ends in. */
export interface RegisteredAcceptedRuns {
  readonly type: string;
  readonly create: (context: AdapterContext, test: string) => AcceptedRuns;
}

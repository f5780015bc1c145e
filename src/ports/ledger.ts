import type { ServiceRecord } from '../core/rollout/record.ts';
import type { EpochMs } from '../core/units.ts';

export interface LedgerEntry {
  /** 1 for the first entry, one more for each. */
  readonly revision: number;
  readonly at: EpochMs;
  /** The event that made it, and by whom, for people. */
  readonly note: string;
  readonly record: ServiceRecord;
}

export type Append =
  | { readonly kind: 'appended'; readonly entry: LedgerEntry }
  /** Somebody else wrote first; nothing was changed. */
  | { readonly kind: 'conflict'; readonly newest: LedgerEntry };

/** The append-only, compare-and-set record of one service in one environment. Failures are AdapterErrors. */
export interface Ledger {
  readonly name: string;
  newest(signal: AbortSignal): Promise<LedgerEntry | null>;
  /** Succeeds only when the newest revision is still `expected` (0 for none). */
  append(expected: number, entry: Omit<LedgerEntry, 'revision'>, signal: AbortSignal): Promise<Append>;
  /** Newest first. */
  history(limit: number, signal: AbortSignal): Promise<readonly LedgerEntry[]>;
}

import type { FlagState } from '../../../core/checks/flags.ts';

/** Rejects with an AdapterError when the flag system could not be asked. */
export type FlagReader = (name: string, signal: AbortSignal) => Promise<FlagState>;

export interface FlagSource {
  /** For people. */
  readonly place: string;
  readonly read: FlagReader;
}

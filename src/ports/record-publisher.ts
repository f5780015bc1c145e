import type { ServiceRecord } from '../core/rollout/record.ts';

/**
 * Shows people what the ledger says, where they look for it. The record decides what is shown: showing it twice
 * shows it once, and what was missed is made up for by the next time. Failures are AdapterErrors.
 */
export interface RecordPublisher {
  readonly name: string;
  publish(record: ServiceRecord, signal: AbortSignal): Promise<void>;
}

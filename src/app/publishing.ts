import type { ServiceRecord } from '../core/rollout/record.ts';
import type { Milliseconds } from '../core/units.ts';
import { AdapterError, messageOf } from '../ports/adapter-error.ts';
import type { Clock } from '../ports/clock.ts';
import type { RecordPublisher } from '../ports/record-publisher.ts';

/** Beside the rollout, never in its way: nothing here is waited for before the end. */
export interface Publishing {
  /** Lets the record be shown soon. Returns at once; a record that comes meanwhile takes its place. */
  readonly take: (record: ServiceRecord) => void;
  /** Waits until everything is shown, for so long; null then, else why it is not. */
  readonly settle: (patience: Milliseconds) => Promise<string | null>;
}

const ONE_ATTEMPT: Milliseconds = 30_000;
const ATTEMPTS = 6;
const PAUSE: Milliseconds = 1_000;

export function startPublishing(publisher: RecordPublisher, clock: Clock): Publishing {
  const given = new AbortController();
  let next: ServiceRecord | null = null;
  let working: Promise<void> | null = null;
  let failure: string | null = null;

  async function work(): Promise<void> {
    for (let failed = 0; next !== null && !given.signal.aborted; ) {
      const record = next;
      next = null;
      const limit = AbortSignal.any([AbortSignal.timeout(ONE_ATTEMPT), given.signal]);
      const error = await publisher.publish(record, limit).then(
        () => null,
        (reason: unknown) => reason,
      );
      failure = error === null ? null : `${publisher.name} does not show the record yet: ${messageOf(error)}`;
      failed = error === null ? 0 : failed + 1;
      if (!(error instanceof AdapterError && error.retryable) || failed >= ATTEMPTS) continue;
      await clock.sleep(PAUSE * failed, given.signal);
      next ??= record;
    }
    working = null;
  }

  return {
    take: (record) => {
      next = record;
      working ??= work();
    },
    settle: async (patience) => {
      if (working === null) return failure;
      const over = new AbortController();
      const late = clock.sleep(patience, over.signal).then(() => given.abort());
      await Promise.race([working, late]);
      over.abort();
      if (given.signal.aborted && failure === null)
        return `${publisher.name} took too long to show the record`;
      return failure;
    },
  };
}

import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/adapters/runner/clock.ts';
import { startPublishing } from '../../src/app/publishing.ts';
import type { ServiceRecord } from '../../src/core/rollout/record.ts';
import { AdapterError } from '../../src/ports/adapter-error.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { RecordPublisher } from '../../src/ports/record-publisher.ts';
import { recordOf } from '../contract/ledger.ts';

interface Board extends RecordPublisher {
  /** Versions that were to be shown, in order. */
  readonly asked: string[];
}

/** Shows one record after the other, as `act` says. */
function boardThat(act: (record: ServiceRecord, signal: AbortSignal) => Promise<void>): Board {
  const asked: string[] = [];
  const publish: Board['publish'] = (record, signal) => {
    asked.push(record.stable?.version ?? '');
    return act(record, signal);
  };
  return { name: 'board', asked, publish };
}

/** A second of it is ten milliseconds. */
const quickClock: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 100, signal) };

const fails = (retryable: boolean): Promise<void> =>
  Promise.reject(new AdapterError('board', 'refused', 'no chalk', { retryable }));

describe('showing the record beside a rollout', () => {
  it('holds nobody up, and shows the newest when several come meanwhile', async () => {
    let finish = (): void => undefined;
    const first = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const board = boardThat(() => first);
    const publishing = startPublishing(board, systemClock);
    for (const version of ['v1', 'v2', 'v3', 'v4']) publishing.take(recordOf(version));
    expect(board.asked).toEqual(['v1']);
    finish();
    expect(await publishing.settle(5_000)).toBeNull();
    expect(board.asked).toEqual(['v1', 'v4']);
  });

  it('is tried again while that may help, and what failed is forgotten once it has worked', async () => {
    let left = 2;
    const board = boardThat(() => (left-- > 0 ? fails(true) : Promise.resolve()));
    const publishing = startPublishing(board, quickClock);
    publishing.take(recordOf('v1'));
    expect(await publishing.settle(5_000)).toBeNull();
    expect(board.asked).toEqual(['v1', 'v1', 'v1']);
  });

  it('is not tried again when that cannot help, and says so at the end', async () => {
    const board = boardThat(() => fails(false));
    const publishing = startPublishing(board, systemClock);
    publishing.take(recordOf('v1'));
    expect(await publishing.settle(5_000)).toBe('board does not show the record yet: board: no chalk');
    expect(board.asked).toEqual(['v1']);
  });

  it('is given up after a while, and taken up with the next record', async () => {
    let broken = true;
    const board = boardThat(() => (broken ? fails(true) : Promise.resolve()));
    const publishing = startPublishing(board, quickClock);
    publishing.take(recordOf('v1'));
    await systemClock.sleep(400, new AbortController().signal);
    const tried = board.asked.length;
    expect(tried).toBeGreaterThan(1);
    expect(tried).toBeLessThan(10);
    broken = false;
    publishing.take(recordOf('v2'));
    await systemClock.sleep(20, new AbortController().signal);
    expect(board.asked.slice(tried)).toEqual(['v2']);
  });

  it('that hangs ends with the patience of the job', async () => {
    let stopped = false;
    const board = boardThat((_, signal) => {
      signal.addEventListener('abort', () => {
        stopped = true;
      });
      return new Promise(() => undefined);
    });
    const publishing = startPublishing(board, systemClock);
    publishing.take(recordOf('v1'));
    expect(await publishing.settle(50)).toBe('board took too long to show the record');
    expect(stopped).toBe(true);
  });
});

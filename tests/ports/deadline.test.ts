import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { deadline } from '../../src/ports/deadline.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Node's garbage collector, which programs cannot call unless they ask for it. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc');
}

/** As most callers use it: nobody keeps the signal, something merely listens to it. */
function listen(fired: string[], ...others: readonly AbortSignal[]): void {
  deadline(200, ...others).addEventListener('abort', () => fired.push('fired'), { once: true });
}

describe('a deadline', () => {
  it('fires although garbage was collected meanwhile, alone and beside other signals', async () => {
    const collect = collector();
    const fired: string[] = [];
    const stop = new AbortController();
    const nested = deadline(60_000, stop.signal);
    for (let count = 0; count < 50; count += 1) {
      listen(fired);
      listen(fired, stop.signal);
      listen(fired, nested);
    }
    for (let count = 0; count < 4; count += 1) {
      collect();
      await pause(20);
    }
    await pause(400);
    expect(fired).toHaveLength(150);
  });

  it('fires at once with any of the others, and for a reason that tells which', async () => {
    const stop = new AbortController();
    const signal = deadline(50, stop.signal);
    stop.abort(new Error('cancelled by hand'));
    expect(signal.reason).toEqual(new Error('cancelled by hand'));
    const late = deadline(1);
    await pause(30);
    expect(late.reason).toMatchObject({ name: 'TimeoutError' });
  });
});

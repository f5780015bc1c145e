import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/adapters/runner/clock.ts';

describe('the machine clock', () => {
  it('tells the wall time in milliseconds', () => {
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(50);
  });

  it('sleeps as long as it was asked to, and never less', async () => {
    const before = systemClock.monotonic();
    await systemClock.sleep(60, new AbortController().signal);
    expect(systemClock.monotonic() - before).toBeGreaterThanOrEqual(60);
  });

  it('wakes at once when the signal aborts, without rejecting', async () => {
    const stop = new AbortController();
    const before = systemClock.monotonic();
    const asleep = systemClock.sleep(60_000, stop.signal);
    stop.abort();
    await asleep;
    expect(systemClock.monotonic() - before).toBeLessThan(1_000);
  });

  it('does not sleep when the signal was aborted before', async () => {
    const before = systemClock.monotonic();
    await systemClock.sleep(60_000, AbortSignal.abort());
    expect(systemClock.monotonic() - before).toBeLessThan(1_000);
  });

  it.each([0, -5, Number.NaN])('does not sleep for %d ms', async (ms) => {
    const before = systemClock.monotonic();
    await systemClock.sleep(ms, new AbortController().signal);
    expect(systemClock.monotonic() - before).toBeLessThan(1_000);
  });

  it('does not wake early from a sleep longer than a timer can be', async () => {
    const stop = new AbortController();
    let awake = false;
    const asleep = systemClock.sleep(30 * 86_400_000, stop.signal).then(() => {
      awake = true;
    });
    await systemClock.sleep(40, new AbortController().signal);
    expect(awake).toBe(false);
    stop.abort();
    await asleep;
  });

  it('leaves no listener behind, however it wakes', async () => {
    const stop = new AbortController();
    await systemClock.sleep(1, stop.signal);
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0);
    const asleep = systemClock.sleep(60_000, stop.signal);
    stop.abort();
    await asleep;
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0);
  });
});

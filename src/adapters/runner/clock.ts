import type { Milliseconds } from '../../core/units.ts';
import type { Clock } from '../../ports/clock.ts';

/** A timer cannot be set for longer than this; longer ones fire at once. */
const LONGEST_TIMER: Milliseconds = 2 ** 31 - 1;

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms, signal) => {
    const end = performance.now() + ms;
    for (let left = ms; left > 0 && !signal.aborted; left = end - performance.now()) {
      await nap(Math.min(Math.ceil(left), LONGEST_TIMER), signal);
    }
  },
};

function nap(ms: Milliseconds, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal.addEventListener('abort', wake, { once: true });
  });
}

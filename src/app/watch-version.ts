import type { SeenVersion } from '../core/load/load-test.ts';
import type { Milliseconds } from '../core/units.ts';
import type { Clock } from '../ports/clock.ts';
import type { VersionProbe } from '../ports/version-probe.ts';

/** A version that is swapped in and out again within this time may be missed. */
const BETWEEN: Milliseconds = 2_000;

export interface Watched<T> {
  readonly value: T;
  readonly seen: readonly SeenVersion[];
}

/** Asks for the version before, while and after something is done. */
export async function watchVersion<T>(
  probe: VersionProbe | null,
  clock: Clock,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<Watched<T>> {
  if (probe === null) return { value: await work(), seen: [] };
  const seen: SeenVersion[] = [await probe(signal)];
  const done = new AbortController();
  const until = AbortSignal.any([signal, done.signal]);
  const watching = async (): Promise<void> => {
    await clock.sleep(BETWEEN, until);
    while (!until.aborted) {
      const answer = await probe(signal);
      // Under load a probe may be late; only what it says counts.
      if (answer.version !== null) seen.push(answer);
      await clock.sleep(BETWEEN, until);
    }
  };
  const watched = watching();
  try {
    const value = await work();
    done.abort();
    await watched;
    seen.push(await probe(signal));
    return { value, seen };
  } finally {
    done.abort();
  }
}

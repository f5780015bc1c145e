import type { PastTick } from '../core/replay/decide.ts';
import type { TimedLook } from '../core/replay/window.ts';
import type { EpochMs } from '../core/units.ts';
import type { Clock } from '../ports/clock.ts';
import type { MetricsProvider, SampleRequest } from '../ports/metrics-provider.ts';

/** A clock that stands where it was set, for a provider that keeps its history. */
export interface PastClock extends Clock {
  readonly set: (now: EpochMs) => void;
}

export function pastClock(start: EpochMs): PastClock {
  let now = start;
  return {
    now: () => now,
    monotonic: () => now,
    sleep: () => Promise.resolve(),
    set: (next) => {
      now = next;
    },
  };
}

/** Asks a provider for what it would have answered at each look. The base line is set at `start`. */
export async function readPast(
  provider: MetricsProvider,
  clock: PastClock,
  arms: Pick<SampleRequest, 'canary' | 'stable'>,
  { start, looks }: { readonly start: EpochMs; readonly looks: readonly TimedLook[] },
  signal: AbortSignal,
): Promise<PastTick[]> {
  clock.set(start);
  await provider.sample({ ...arms, elapsed: 0 }, signal);
  const ticks: PastTick[] = [];
  for (const { look, at, elapsed, bake } of looks) {
    clock.set(at);
    ticks.push({ look, bake, sample: await provider.sample({ ...arms, elapsed }, signal) });
  }
  return ticks;
}

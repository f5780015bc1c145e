import type { RecordedArm, Recording } from '../../../src/core/replay/recording.ts';

const BOUNDS = [50, 100, 200, 300, 500, 800, 1_500];

/** An arm that serves `requests` a tick, the share `bad` of them in error from tick `from` on. */
function arm(requests: readonly number[], bad: number, from: number): RecordedArm {
  const errors = requests.map((count, tick) => (tick < from ? 0 : Math.round(count * bad)));
  const none = requests.map(() => 0);
  return { requests, errors, latency: [...BOUNDS, 0].map((bound) => (bound === 100 ? requests : none)) };
}

/** A rollout of 40, 10 and 30 ticks of 10 s at 50 requests a second. */
export function made(over: { canary?: number; stable?: number; from?: number } = {}): Recording {
  const steps = [
    { weight: 10, ticks: 40 },
    { weight: 50, ticks: 10 },
    { weight: 100, ticks: 30 },
  ];
  const shares = steps.flatMap(({ weight, ticks }) => Array.from({ length: ticks }, () => weight));
  const { canary = 0, stable = 0, from = 0 } = over;
  return {
    id: 'made',
    tick: 10_000,
    steps,
    bounds: BOUNDS,
    canary: arm(
      shares.map((share) => 5 * share),
      canary,
      from,
    ),
    stable: arm(
      shares.map((share) => 500 - 5 * share),
      stable,
      from,
    ),
  };
}

/** The same as a line of a file. */
export function lineOf({ id, tick, steps, bounds, canary, stable }: Recording): string {
  return JSON.stringify({
    id,
    tickSeconds: tick / 1_000,
    steps,
    latencyBoundsMs: bounds,
    canary,
    stable,
    truth: '?',
  });
}

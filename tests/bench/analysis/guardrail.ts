import type { Recorded } from './recorded.ts';

const WINDOW_SECONDS = 60;
const FOR_SECONDS = 300;
const GRACE_SECONDS = 300;

/** First tick at which an absolute limit (errors > 2 %, slower than 800 ms > 5 %, for 5 min) blames the canary, or null. */
export function guardrailTick(
  rollout: Recorded,
  slowCanary: readonly number[],
  slowStable: readonly number[],
): number | null {
  const errors = breach(rollout, rollout.canary.errors, rollout.stable.errors, 0.02);
  const slow = breach(rollout, slowCanary, slowStable, 0.05);
  if (errors === null || slow === null) return errors ?? slow;
  return Math.min(errors, slow);
}

function breach(
  rollout: Recorded,
  canaryBad: readonly number[],
  stableBad: readonly number[],
  limit: number,
): number | null {
  const window = Math.round(WINDOW_SECONDS / rollout.tickSeconds);
  const needed = Math.round(FOR_SECONDS / rollout.tickSeconds);
  const [cx, cn, sx, sn] = [canaryBad, rollout.canary.requests, stableBad, rollout.stable.requests].map(sums);
  if (!cx || !cn || !sx || !sn) return null;
  let run = 0;
  let stableRun = 0;
  let grace = 0;
  for (let tick = 0; tick < canaryBad.length; tick++) {
    const total = last(cn, tick, window);
    if (total > 0) run = last(cx, tick, window) / total > limit ? run + 1 : 0;
    const stableTotal = last(sn, tick, window);
    stableRun = stableTotal > 0 && last(sx, tick, window) / stableTotal > limit ? stableRun + 1 : 0;
    const events = last(cn, tick, needed);
    if (run < needed || events < 50 || poissonTail(last(cx, tick, needed), events * limit) > 0.01) continue;
    const environment = stableRun >= needed && last(sn, tick, needed) >= 50;
    if (!environment || ++grace * rollout.tickSeconds >= GRACE_SECONDS) return tick;
  }
  return null;
}

function sums(values: readonly number[]): number[] {
  const running = [0];
  for (const value of values) running.push((running[running.length - 1] ?? 0) + value);
  return running;
}

function last(running: readonly number[], tick: number, ticks: number): number {
  return (running[tick + 1] ?? 0) - (running[Math.max(0, tick + 1 - ticks)] ?? 0);
}

/** P(X >= events) for a Poisson mean. */
export function poissonTail(events: number, mean: number): number {
  if (events <= 0) return 1;
  if (mean <= 0) return 0;
  if (events <= mean) return 1 - lowerSum(events, mean);
  let term = Math.exp(events * Math.log(mean) - mean - logGamma(events + 1));
  let sum = 0;
  for (let k = events; term > sum * 1e-17 && k < events + 10_000; k++) {
    sum += term;
    term *= mean / (k + 1);
  }
  return Math.min(1, sum);
}

/** P(X < events). */
function lowerSum(events: number, mean: number): number {
  let term = Math.exp((events - 1) * Math.log(mean) - mean - logGamma(events));
  let sum = 0;
  for (let k = events - 1; k >= 0 && term > sum * 1e-17; k--) {
    sum += term;
    term *= k / mean;
  }
  return Math.min(1, sum);
}

function logGamma(x: number): number {
  if (x < 12) return logGamma(x + 1) - Math.log(x);
  return (
    (x - 0.5) * Math.log(x) - x + 0.9189385332046727 + 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5)
  );
}

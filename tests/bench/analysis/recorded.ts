import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

export interface RecordedArm {
  readonly requests: readonly number[];
  readonly errors: readonly number[];
  /** Counts per bucket and tick, not cumulative. */
  readonly latency: readonly (readonly number[])[];
}

/** One rollout with known truth, in the corpus format. */
export interface Recorded {
  readonly id: string;
  readonly scenario: string;
  readonly family: string;
  readonly truth: 'benign' | 'regression' | 'ambiguous';
  readonly rps: number;
  readonly baseErrorRate: number;
  readonly onsetTick: number;
  readonly tickSeconds: number;
  readonly steps: readonly { readonly weight: number; readonly ticks: number }[];
  readonly latencyBoundsMs: readonly number[];
  readonly canary: RecordedArm;
  readonly stable: RecordedArm;
  readonly expectedExcessBad: readonly number[];
}

export function* readCorpus(path: string): Generator<Recorded> {
  const bytes = readFileSync(path);
  const text = path.endsWith('.gz') ? gunzipSync(bytes).toString('utf8') : bytes.toString('utf8');
  for (const line of text.split('\n')) {
    if (line.startsWith('{')) yield JSON.parse(line);
  }
}

/** Requests slower than each bound, per bound and tick. */
export function tails(arm: RecordedArm): number[][] {
  const above = arm.latency.slice(1).map((bucket) => [...bucket]);
  for (let bound = above.length - 2; bound >= 0; bound--) {
    const here = above[bound] ?? [];
    const beyond = above[bound + 1] ?? [];
    for (let tick = 0; tick < here.length; tick++) here[tick] = (here[tick] ?? 0) + (beyond[tick] ?? 0);
  }
  return above;
}

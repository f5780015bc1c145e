import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { RecordedTruth, Recording } from '../../../src/core/replay/recording.ts';

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

/** The same as the product has it. */
export function recordingOf(rollout: Recorded): Recording & { readonly truth: RecordedTruth } {
  const { id, steps, canary, stable, scenario, family, truth, rps, onsetTick, expectedExcessBad } = rollout;
  return {
    id,
    tick: rollout.tickSeconds * 1_000,
    steps,
    bounds: rollout.latencyBoundsMs,
    canary,
    stable,
    truth: { scenario, family, truth, rps, onsetTick, expectedExcessBad },
  };
}

import type { Recording } from '../../../src/core/replay/recording.ts';
import { replay } from '../../../src/core/replay/replay.ts';
import type { Decided } from '../../../src/core/replay/score.ts';
import { ENGINE } from './engine.ts';

/** A way to decide over a rollout, by what it showed. */
export interface Policy {
  readonly name: string;
  readonly decide: (recording: Recording) => Decided;
}

export const OURS = 'ours';

export const POLICIES: readonly Policy[] = [{ name: OURS, decide: ours }];

function ours(recording: Recording): Decided {
  const { tick, nonInferiorTick } = replay(recording, ENGINE);
  return { abortedAt: tick, nonInferiorAt: nonInferiorTick };
}

import { DEFAULT_COMPARISON } from '../../../src/core/analysis/comparison/rules.ts';
import { HANDBOOK_KPIS, recordedKpis } from '../../../src/core/replay/handbook.ts';
import type { ReplaySettings } from '../../../src/core/replay/replay.ts';
import { replay } from '../../../src/core/replay/replay.ts';
import type { Decided } from '../../../src/core/replay/score.ts';
import { kayentaTick } from './peers/kayenta.ts';
import { PEERS } from './peers/peers.ts';
import { type Recorded, recordingOf } from './recorded.ts';

/** A way to decide over a rollout, by what it showed. */
export interface Policy {
  readonly name: string;
  readonly decide: (rollout: Recorded) => Decided;
}

export const OURS = 'ours';

/** The engine as it is without a configuration. */
export const ENGINE: ReplaySettings = {
  kpis: HANDBOOK_KPIS,
  recorded: recordedKpis(HANDBOOK_KPIS),
  comparison: DEFAULT_COMPARISON,
  hold: 300_000,
  every: 1,
};

export const POLICIES: readonly Policy[] = [
  ...Object.entries(PEERS).map(([name, tickOf]) => peer(name, tickOf)),
  peer('kayenta-end', (rollout) => kayentaTick(rollout, 'at step ends')),
  peer('kayenta-peek', (rollout) => kayentaTick(rollout, 'every minute')),
  { name: OURS, decide: ours },
];

function ours(rollout: Recorded): Decided {
  const { tick, nonInferiorTick } = replay(recordingOf(rollout), ENGINE);
  return { abortedAt: tick, nonInferiorAt: nonInferiorTick };
}

function peer(name: string, tickOf: (rollout: Recorded) => number | null): Policy {
  return { name, decide: (rollout) => ({ abortedAt: tickOf(rollout), nonInferiorAt: null }) };
}

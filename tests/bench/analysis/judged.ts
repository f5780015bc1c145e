import type { Decided, KnownRollout, Score } from '../../../src/core/replay/score.ts';
import { score } from '../../../src/core/replay/score.ts';
import { median } from '../figure.ts';
import type { Policy } from './policies.ts';
import { type Recorded, recordingOf } from './recorded.ts';

/** What a policy made of all rollouts. */
export interface Judged {
  readonly name: string;
  readonly decisions: Readonly<Record<string, Decided>>;
  readonly score: Score;
  /** Milliseconds of processor time for a rollout that is played to its end, median; NaN when there was none. */
  readonly milliseconds: number;
}

export interface Corpus {
  readonly rollouts: readonly KnownRollout[];
  readonly judged: readonly Judged[];
}

/** Plays every rollout to every policy. Only what is needed to score them is kept. */
export function judge(recorded: Iterable<Recorded>, policies: readonly Policy[]): Corpus {
  const rollouts: KnownRollout[] = [];
  const kept = policies.map((policy) => newTally(policy));
  for (const rollout of recorded) {
    const { id, tick, truth } = recordingOf(rollout);
    rollouts.push({ id, tick, truth });
    for (const { policy, decisions, times } of kept) {
      const began = process.cpuUsage();
      const decided = policy.decide(rollout);
      const { user, system } = process.cpuUsage(began);
      if (decided.abortedAt === null) times.push((user + system) / 1_000);
      decisions.set(id, decided);
    }
  }
  const judged = kept.map(({ policy, decisions, times }): Judged => {
    const byId = Object.fromEntries(decisions);
    return {
      name: policy.name,
      decisions: byId,
      score: score(rollouts, byId),
      milliseconds: median(times),
    };
  });
  return { rollouts, judged };
}

interface Tally {
  readonly policy: Policy;
  readonly decisions: Map<string, Decided>;
  readonly times: number[];
}

function newTally(policy: Policy): Tally {
  return { policy, decisions: new Map(), times: [] };
}

import type { Sample } from '../analysis/sample.ts';
import type { TickVerdict } from '../analysis/verdict.ts';
import type { RolloutEventType } from '../rollout/events.ts';
import type { Rollout, ServiceRecord, Slot } from '../rollout/record.ts';
import type { EpochMs, Percent } from '../units.ts';

/** What a report needs of a happening: the observer's happenings, as far as core may know them. */
export type Happening =
  | {
      readonly type: 'moved';
      readonly at: EpochMs;
      readonly event: RolloutEventType;
      readonly record: ServiceRecord;
    }
  | {
      readonly type: 'tick';
      readonly at: EpochMs;
      readonly rollout: Rollout;
      readonly sample: Sample;
      readonly verdict: TickVerdict;
      readonly traffic: { readonly shares: Readonly<Record<Slot, Percent>> };
    }
  | {
      readonly type: 'note';
      readonly at: EpochMs;
      readonly level: 'info' | 'warning' | 'error';
      readonly message: string;
    };

/** The canary's weight that a rollout in this state asks for. */
export function weightAsked(rollout: Rollout): Percent {
  const { phase } = rollout;
  switch (phase.name) {
    case 'shifting':
    case 'baking':
    case 'parked':
    case 'catching-up':
      return rollout.plan.steps[phase.step]?.weight ?? 0;
    case 'settling':
    case 'verifying':
    case 'promoted':
    case 'restored':
      return 100;
    case 'deploying':
    case 'aborting':
    case 'confirming':
    case 'aborted':
      return 0;
  }
}

export function stepOf(rollout: Rollout): number {
  const { phase } = rollout;
  return 'step' in phase ? phase.step : -1;
}

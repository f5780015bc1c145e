import type { Effect, RolloutEvent } from './events.ts';
import type { Reason } from './reason.ts';
import type { Phase, Rollout, ServiceRecord, StepProgress } from './record.ts';

export type Transition =
  | {
      readonly kind: 'moved';
      readonly record: ServiceRecord;
      /** What to do next. */
      readonly effect: Effect;
      /** True when the ledger must know before the effect is performed. */
      readonly durable: boolean;
    }
  | { readonly kind: 'refused'; readonly reason: Reason };

export type Of<T extends RolloutEvent['type']> = Extract<RolloutEvent, { type: T }>;

/** Into another phase, which the ledger must know of. */
export function to(record: ServiceRecord, rollout: Rollout, phase: Phase): Transition {
  const next: Rollout = { ...rollout, phase };
  return { kind: 'moved', record: { ...record, rollout: next }, effect: pendingEffect(next), durable: true };
}

/** What a rollout in this state asks of the world. */
export function pendingEffect(rollout: Rollout): Effect {
  const { phase, canary, stable, kind } = rollout;
  switch (phase.name) {
    case 'deploying':
      return { type: 'deploy', placement: canary };
    case 'shifting':
      return { type: 'shift', step: phase.step, canary: canary.slot, stable: stable?.slot ?? canary.slot };
    case 'baking':
      return { type: 'watch', step: phase.step };
    case 'parked':
      return { type: 'stop' };
    case 'catching-up':
      return { type: 'catch-up', step: phase.step, since: phase.since };
    case 'settling':
      return { type: 'settle', slot: canary.slot };
    case 'verifying':
      return { type: 'verify', placement: canary, kind };
    case 'aborting':
      return { type: 'come-home', slot: stable?.slot ?? null };
    case 'confirming':
      return { type: 'verify', placement: stable, kind };
    case 'promoted':
    case 'restored':
    case 'aborted':
      return { type: 'stop' };
  }
}

export function withStep(rollout: Rollout, index: number, progress: StepProgress): Rollout {
  return { ...rollout, steps: rollout.steps.map((step, at) => (at === index ? progress : step)) };
}

/** With its progress as the ledger is about to learn it. */
export function saved(rollout: Rollout): Rollout {
  return {
    ...rollout,
    steps: rollout.steps.map((step) => ({ ...step, savedMs: step.servedMs + step.heldMs })),
  };
}

export function misplaced(rollout: Rollout, event: RolloutEvent): Transition {
  return refuse(
    'internal-error',
    `a rollout that is ${rollout.phase.name} cannot take the event ${event.type}`,
  );
}

export function refuse(code: Reason['code'], message: string): Transition {
  return { kind: 'refused', reason: { code, message } };
}

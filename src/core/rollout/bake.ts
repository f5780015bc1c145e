import { mayEndEarly } from '../analysis/comparison/progress.ts';
import { enterStep } from '../analysis/state.ts';
import { misplaced, type Of, pendingEffect, saved, type Transition, to, withStep } from './move.ts';
import { leastBake } from './plan.ts';
import type { Rollout, ServiceRecord, StepProgress } from './record.ts';

/** The router says that the step has its weight: the bake begins, or goes on with what it had. */
export function enterBake(record: ServiceRecord, rollout: Rollout, event: Of<'shifted'>): Transition {
  const { phase } = rollout;
  if (phase.name !== 'shifting' || phase.step !== event.step) return misplaced(rollout, event);
  const analysis = enterStep(rollout.analysis, phase.step);
  return to(record, { ...rollout, analysis }, { name: 'baking', step: phase.step });
}

/**
 * One look at a bake. What is looked at in hindsight can end the rollout, but never raise the weight: for that the
 * present must be well, too.
 */
export function tick(record: ServiceRecord, rollout: Rollout, event: Of<'ticked'>): Transition {
  const { verdict } = event;
  const { phase } = rollout;
  const isPast = phase.name === 'catching-up';
  if ((!isPast && phase.name !== 'baking') || phase.step !== event.step) return misplaced(rollout, event);
  const progress = rollout.steps[event.step];
  const step = rollout.plan.steps[event.step];
  if (progress === undefined || step === undefined) return misplaced(rollout, event);
  const served = progress.servedMs + (verdict.kind === 'hold' ? 0 : event.elapsed);
  const held = progress.heldMs + (verdict.kind === 'hold' ? event.elapsed : 0);
  const next: StepProgress = { ...progress, servedMs: served, heldMs: held, findings: event.findings };
  const seen = withStep({ ...rollout, analysis: event.analysis }, event.step, next);

  if (verdict.kind === 'fail') return to(record, { ...seen, reason: verdict.reason }, { name: 'aborting' });
  if (verdict.kind === 'hold') {
    if (held <= rollout.plan.budgets.hold) return watching(record, seen);
    return to(record, { ...seen, reason: verdict.reason }, { name: 'aborting' });
  }
  if (isPast || served < leastBake(step, mayEndEarly(event.analysis.comparison)))
    return watching(record, seen);
  if (verdict.kind === 'pass') return stepPassed(record, seen, event.step);
  if (served < step.maxBake) return watching(record, seen);
  if (rollout.plan.onInconclusive === 'promote') return stepPassed(record, seen, event.step);
  return to(record, { ...seen, reason: verdict.reason }, { name: 'aborting' });
}

function stepPassed(record: ServiceRecord, rollout: Rollout, step: number): Transition {
  const last = step === rollout.plan.steps.length - 1;
  return to(record, saved(rollout), last ? { name: 'settling' } : { name: 'shifting', step: step + 1 });
}

/** Stays in the bake; the ledger hears of it only when enough served time has gathered. */
function watching(record: ServiceRecord, rollout: Rollout): Transition {
  const { phase } = rollout;
  const progress = 'step' in phase ? rollout.steps[phase.step] : undefined;
  const unsaved = progress === undefined ? 0 : progress.servedMs + progress.heldMs - progress.savedMs;
  const durable = unsaved >= rollout.plan.checkpoint;
  const next = durable ? saved(rollout) : rollout;
  return { kind: 'moved', record: { ...record, rollout: next }, effect: pendingEffect(next), durable };
}

/** The lease ran out and traffic is home: the step is entered once more; a second time ends the rollout. */
export function lapse(record: ServiceRecord, rollout: Rollout, event: Of<'lease-lapsed'>): Transition {
  const { phase } = rollout;
  if (phase.name !== 'baking' && phase.name !== 'catching-up' && phase.name !== 'shifting')
    return misplaced(rollout, event);
  const leaseLapses = rollout.leaseLapses + 1;
  if (leaseLapses > 1) {
    const message = 'the router gave traffic back to stable twice because its lease was not renewed in time';
    return to(
      record,
      { ...rollout, leaseLapses, reason: { code: 'lease-lost', message } },
      { name: 'aborting' },
    );
  }
  return to(record, saved({ ...rollout, leaseLapses }), { name: 'shifting', step: phase.step });
}

/** Nobody watches from here on, until somebody takes over. */
export function park(record: ServiceRecord, rollout: Rollout, event: Of<'parked'>): Transition {
  const { phase } = rollout;
  if (phase.name !== 'baking') return misplaced(rollout, event);
  const { at: since, wakeAt, until } = event;
  return to(record, saved(rollout), { name: 'parked', step: phase.step, since, wakeAt, until });
}

/** All that nobody watched has been looked at: the watch goes on in the present. */
export function caughtUp(record: ServiceRecord, rollout: Rollout, event: Of<'caught-up'>): Transition {
  const { phase } = rollout;
  if (phase.name !== 'catching-up') return misplaced(rollout, event);
  return to(record, saved(rollout), { name: 'baking', step: phase.step });
}

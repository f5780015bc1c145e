import { mayEndEarly } from '../analysis/comparison/progress.ts';
import { enterStep } from '../analysis/state.ts';
import { startRollback, startRollout } from './begin.ts';
import type { Effect, RolloutEvent } from './events.ts';
import { leastBake } from './plan.ts';
import type { Reason, ReasonCode } from './reason.ts';
import type { Phase, Rollout, ServiceRecord, StepProgress } from './record.ts';
import { isTerminal } from './record.ts';

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

type Of<T extends RolloutEvent['type']> = Extract<RolloutEvent, { type: T }>;

/**
 * The only place where a rollout changes state. Pure: the same record and event give the same answer.
 * An event that does not fit the state, or comes from somebody who does not own the rollout, is refused
 * and changes nothing; an abort is heard from anybody.
 */
export function transition(record: ServiceRecord, event: RolloutEvent): Transition {
  if (event.type === 'started') return begun(startRollout(record, event));
  if (event.type === 'rollback-started') return begun(startRollback(record, event));
  const rollout = record.rollout;
  if (event.type === 'told') return remember(record, event);
  if (rollout === null || isTerminal(rollout.phase)) return refuse('fenced', 'the rollout has already ended');
  if ('rollout' in event && event.rollout !== rollout.id) {
    return refuse('fenced', `rollout ${event.rollout} has ended and ${rollout.id} has begun since`);
  }
  if (event.type === 'abort-requested') return abort(record, rollout, event);
  if (event.type === 'resumed') return resume(record, rollout, event);
  if (event.by.id !== rollout.owner.id) {
    return refuse('fenced', `the rollout is now driven by ${rollout.owner.name} (${rollout.owner.id})`);
  }
  return advance(record, rollout, event);
}

type OwnedEvent = Exclude<
  RolloutEvent,
  Of<'started'> | Of<'rollback-started'> | Of<'abort-requested'> | Of<'resumed'> | Of<'told'>
>;

function advance(record: ServiceRecord, rollout: Rollout, event: OwnedEvent): Transition {
  const { phase } = rollout;
  switch (event.type) {
    case 'deployed':
      if (phase.name !== 'deploying') return misplaced(rollout, event);
      return to(
        record,
        rollout,
        rollout.kind === 'canary' ? { name: 'shifting', step: 0 } : { name: 'settling' },
      );
    case 'deploy-failed':
      if (phase.name !== 'deploying') return misplaced(rollout, event);
      return to(record, { ...rollout, reason: event.reason }, { name: 'aborting' });
    case 'shifted':
      if (phase.name !== 'shifting' || phase.step !== event.step) return misplaced(rollout, event);
      return to(record, rollout, { name: 'baking', step: phase.step });
    case 'shift-failed':
      if (phase.name !== 'shifting' && phase.name !== 'settling') return misplaced(rollout, event);
      if (isMovingBack(rollout)) return refuse('traffic-not-home', event.reason.message);
      return to(record, { ...rollout, reason: event.reason }, { name: 'aborting' });
    case 'ticked':
      if (phase.name !== 'baking' || phase.step !== event.step) return misplaced(rollout, event);
      return tick(record, rollout, event);
    case 'lease-lapsed':
      return lapse(record, rollout, event);
    case 'settled':
      if (phase.name !== 'settling') return misplaced(rollout, event);
      return to(record, rollout, { name: 'verifying' });
    case 'came-home':
      if (phase.name !== 'aborting') return misplaced(rollout, event);
      return to(record, rollout, { name: 'confirming' });
    case 'verified':
      return verified(record, rollout, event);
  }
}

function tick(record: ServiceRecord, rollout: Rollout, event: Of<'ticked'>): Transition {
  const { verdict } = event;
  const progress = rollout.steps[event.step];
  const step = rollout.plan.steps[event.step];
  if (progress === undefined || step === undefined) return misplaced(rollout, event);
  const served = progress.servedMs + (verdict.kind === 'hold' ? 0 : event.elapsed);
  const held = progress.heldMs + (verdict.kind === 'hold' ? event.elapsed : 0);
  const next: StepProgress = { ...progress, servedMs: served, heldMs: held, findings: event.findings };
  const seen = withStep({ ...rollout, analysis: event.analysis }, event.step, next);

  if (verdict.kind === 'fail') return to(record, { ...seen, reason: verdict.reason }, { name: 'aborting' });
  if (verdict.kind === 'hold') {
    if (held <= rollout.plan.budgets.hold) return watching(record, seen, event.step);
    return to(record, { ...seen, reason: verdict.reason }, { name: 'aborting' });
  }
  if (served < leastBake(step, mayEndEarly(event.analysis.comparison)))
    return watching(record, seen, event.step);
  if (verdict.kind === 'pass') return stepPassed(record, seen, event.step);
  if (served < step.maxBake) return watching(record, seen, event.step);
  if (rollout.plan.onInconclusive === 'promote') return stepPassed(record, seen, event.step);
  return to(record, { ...seen, reason: verdict.reason }, { name: 'aborting' });
}

function stepPassed(record: ServiceRecord, rollout: Rollout, step: number): Transition {
  const last = step === rollout.plan.steps.length - 1;
  return to(record, saved(rollout), last ? { name: 'settling' } : { name: 'shifting', step: step + 1 });
}

/** Stays in the bake; the ledger hears of it only when enough served time has gathered. */
function watching(record: ServiceRecord, rollout: Rollout, step: number): Transition {
  const progress = rollout.steps[step];
  const unsaved = progress === undefined ? 0 : progress.servedMs + progress.heldMs - progress.savedMs;
  const durable = unsaved >= rollout.plan.checkpoint;
  const next = durable ? saved(rollout) : rollout;
  return { kind: 'moved', record: { ...record, rollout: next }, effect: { type: 'watch', step }, durable };
}

/** The lease ran out and traffic is home: the step is entered once more; a second time ends the rollout. */
function lapse(record: ServiceRecord, rollout: Rollout, event: Of<'lease-lapsed'>): Transition {
  const { phase } = rollout;
  if (phase.name !== 'baking' && phase.name !== 'shifting') return misplaced(rollout, event);
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

/** A rollback that has begun to move traffic is finished, never undone. */
function isMovingBack(rollout: Rollout): boolean {
  return (
    rollout.kind === 'rollback' && (rollout.phase.name === 'settling' || rollout.phase.name === 'verifying')
  );
}

/** An abort wins over any other writer; once under way it is not started again. */
function abort(record: ServiceRecord, rollout: Rollout, event: Of<'abort-requested'>): Transition {
  const { phase } = rollout;
  if (isMovingBack(rollout))
    return refuse('rollout-in-progress', 'a rollback is moving traffic and will be finished');
  const owned = { ...rollout, owner: event.by };
  if (phase.name === 'aborting' || phase.name === 'confirming')
    return to(record, owned, { name: 'aborting' });
  return to(record, { ...owned, reason: event.reason }, { name: 'aborting' });
}

/** Goes on where the ledger says the rollout is. A step that was baking shifts again first: its lease may be gone. */
function resume(record: ServiceRecord, rollout: Rollout, event: Of<'resumed'>): Transition {
  const owned = { ...rollout, owner: event.by };
  const { phase } = rollout;
  if (phase.name === 'baking') return to(record, owned, { name: 'shifting', step: phase.step });
  if (phase.name === 'verifying') return to(record, owned, { name: 'settling' });
  if (phase.name === 'confirming') return to(record, owned, { name: 'aborting' });
  return to(record, owned, phase);
}

function verified(record: ServiceRecord, rollout: Rollout, event: Of<'verified'>): Transition {
  const { phase } = rollout;
  const { verification } = event;
  const seen = { ...rollout, verification };
  if (phase.name === 'confirming') return end(record, seen, 'aborted', event.at);
  if (phase.name !== 'verifying') return misplaced(rollout, event);
  if (rollout.kind === 'rollback') return end(record, seen, 'restored', event.at);
  // Every bake was watched to its end; a last look that was not possible is told, but does not undo that.
  if (verification.outcome !== 'fail') return end(record, seen, 'promoted', event.at);
  const failed = verification.findings.find(
    (finding) => finding.status === 'fail' || finding.status === 'error',
  );
  const message = `after promotion: ${failed?.title ?? 'verification'} was ${failed?.observed ?? 'not possible'}`;
  return to(record, { ...seen, reason: { code: 'verification-failed', message } }, { name: 'aborting' });
}

/** Heard from anybody and at any time, the end included: it changes nothing but what is remembered. */
function remember(record: ServiceRecord, event: Of<'told'>): Transition {
  const { rollout } = record;
  if (rollout === null || rollout.id !== event.rollout) {
    return refuse('fenced', `rollout ${event.rollout} is no longer the newest`);
  }
  const told = rollout.told ?? [];
  if (told.includes(event.what)) return refuse('nothing-to-do', 'people have been told');
  const next: Rollout = { ...rollout, told: [...told, event.what] };
  return { kind: 'moved', record: { ...record, rollout: next }, effect: pendingEffect(next), durable: true };
}

/** Ends the rollout and gives the roles to whoever has the traffic now. */
function end(
  record: ServiceRecord,
  rollout: Rollout,
  name: 'promoted' | 'restored' | 'aborted',
  at: number,
): Transition {
  const ended: Rollout = { ...rollout, phase: { name }, endedAt: at };
  const effect: Effect = { type: 'stop' };
  if (name === 'aborted') {
    const rejected = isGuilty(rollout) ? newest(rollout.canary.version, record.rejected) : record.rejected;
    return { kind: 'moved', durable: true, effect, record: { ...record, rejected, rollout: ended } };
  }
  const left = rollout.stable;
  const cleared = record.rejected.filter((version) => version !== rollout.canary.version);
  const rejected = name === 'restored' && left !== null ? newest(left.version, cleared) : cleared;
  const roles = {
    stable: rollout.canary,
    previous: left,
    promoted: newest(rollout.canary.version, record.promoted),
    rejected,
  };
  return { kind: 'moved', durable: true, effect, record: { ...record, ...roles, rollout: ended } };
}

/** Reasons that lie in the version itself; a cancelled job or a silent router says nothing about it. */
const GUILTY: readonly ReasonCode[] = [
  'guardrail-breached',
  'comparison-regressed',
  'judge-failed',
  'health-failed',
  'verification-failed',
  'rolled-back-by-hand',
];

function isGuilty(rollout: Rollout): boolean {
  return rollout.kind !== 'rollback' && rollout.reason !== null && GUILTY.includes(rollout.reason.code);
}

function to(record: ServiceRecord, rollout: Rollout, phase: Phase): Transition {
  const next: Rollout = { ...rollout, phase };
  const entered =
    phase.name === 'baking' ? { ...next, analysis: enterStep(next.analysis, phase.step) } : next;
  return {
    kind: 'moved',
    record: { ...record, rollout: entered },
    effect: pendingEffect(entered),
    durable: true,
  };
}

function begun(started: ServiceRecord | Reason): Transition {
  if ('code' in started) return { kind: 'refused', reason: started };
  const { rollout } = started;
  if (rollout === null) return refuse('internal-error', 'nothing was started');
  return { kind: 'moved', record: started, effect: pendingEffect(rollout), durable: true };
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

function withStep(rollout: Rollout, index: number, progress: StepProgress): Rollout {
  return { ...rollout, steps: rollout.steps.map((step, at) => (at === index ? progress : step)) };
}

function saved(rollout: Rollout): Rollout {
  return {
    ...rollout,
    steps: rollout.steps.map((step) => ({ ...step, savedMs: step.servedMs + step.heldMs })),
  };
}

function newest(version: string, versions: readonly string[]): string[] {
  return [version, ...versions.filter((other) => other !== version)].slice(0, 50);
}

function misplaced(rollout: Rollout, event: RolloutEvent): Transition {
  return refuse(
    'internal-error',
    `a rollout that is ${rollout.phase.name} cannot take the event ${event.type}`,
  );
}

function refuse(code: Reason['code'], message: string): Transition {
  return { kind: 'refused', reason: { code, message } };
}

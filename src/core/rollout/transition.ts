import { caughtUp, enterBake, lapse, park, tick } from './bake.ts';
import { startRollback, startRollout } from './begin.ts';
import type { Effect, RolloutEvent } from './events.ts';
import { misplaced, type Of, pendingEffect, refuse, type Transition, to } from './move.ts';
import type { Reason, ReasonCode } from './reason.ts';
import { isTerminal, type Rollout, type ServiceRecord } from './record.ts';

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
      return enterBake(record, rollout, event);
    case 'shift-failed':
      if (phase.name !== 'shifting' && phase.name !== 'settling') return misplaced(rollout, event);
      if (isMovingBack(rollout)) return refuse('traffic-not-home', event.reason.message);
      return to(record, { ...rollout, reason: event.reason }, { name: 'aborting' });
    case 'ticked':
      return tick(record, rollout, event);
    case 'lease-lapsed':
      return lapse(record, rollout, event);
    case 'parked':
      return park(record, rollout, event);
    case 'caught-up':
      return caughtUp(record, rollout, event);
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

/**
 * Goes on where the ledger says the rollout is. A step that was baking shifts again first: its lease may be gone. One that
 * was parked is looked at in hindsight.
 */
function resume(record: ServiceRecord, rollout: Rollout, event: Of<'resumed'>): Transition {
  const owned = { ...rollout, owner: event.by };
  const { phase } = rollout;
  if (phase.name === 'parked')
    return to(record, owned, { name: 'catching-up', step: phase.step, since: phase.since });
  if (phase.name === 'baking' || phase.name === 'catching-up')
    return to(record, owned, { name: 'shifting', step: phase.step });
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

function begun(started: ServiceRecord | Reason): Transition {
  if ('code' in started) return { kind: 'refused', reason: started };
  const { rollout } = started;
  if (rollout === null) return refuse('internal-error', 'nothing was started');
  return { kind: 'moved', record: started, effect: pendingEffect(rollout), durable: true };
}

function newest(version: string, versions: readonly string[]): string[] {
  return [version, ...versions.filter((other) => other !== version)].slice(0, 50);
}

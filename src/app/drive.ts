import type { RolloutEvent } from '../core/rollout/events.ts';
import { pendingEffect } from '../core/rollout/move.ts';
import type { Reason } from '../core/rollout/reason.ts';
import { leadsHome, openRollout, type Rollout } from '../core/rollout/record.ts';
import { deadline } from '../ports/deadline.ts';
import { type Hindsight, hindsightTick, startHindsight } from './catch-up.ts';
import { comeHome, giveBack } from './come-home.ts';
import { type Performed, perform } from './effects.ts';
import { canWait, keepUp } from './keep-up.ts';
import { parkInTime } from './park.ts';
import { describe, type Session } from './session.ts';
import { reasonOf } from './stop-reason.ts';
import { type Pace, startPace, watchTick } from './watch.ts';
import { note, type World } from './world.ts';

/** How driving a rollout came to a stop. */
export type Driven =
  | { readonly kind: 'ended' }
  /** Left alone on purpose: somebody else goes on with it later. */
  | { readonly kind: 'parked' }
  /** Somebody else drives it now, or has ended it. */
  | { readonly kind: 'fenced' }
  /** Traffic could not be brought where it must be; the rollout stays open for reconcile. */
  | { readonly kind: 'stuck'; readonly reason: Reason };

/** How long a ledger that does not answer is insisted on: for a while once traffic is where it belongs and nobody presses, hardly before. */
const ON_THE_WAY = { budget: 1_000, atMost: 5_000 };
const AT_REST = { budget: 5_000, atMost: 10_000 };

/**
 * Carries a rollout from where it is to its end: does what the state asks for, tells the state machine what
 * came of it, writes the ledger before the next traffic change. Holds no policy of its own.
 */
export async function drive(world: World, session: Session, stop: AbortSignal): Promise<Driven> {
  let looking: Looking = { pace: null, hindsight: null };
  for (;;) {
    const rollout = openRollout(session.record);
    if (rollout === null) return { kind: 'ended' };
    if (rollout.owner.id !== world.owner.id) return { kind: 'fenced' };
    looking = lookingAt(world, rollout, looking);
    const done = await next(world, session, rollout, looking, stop);
    if (done.kind === 'stuck' || done.kind === 'parked') return done;
    const outcome =
      done.kind === 'event' ? await record(world, session, rollout, done.event, stop) : 'fenced';
    if (outcome === 'fenced') {
      await giveBack(world, session, rollout);
      return { kind: 'fenced' };
    }
  }
}

/** Where the look at a bake has come to: in the present, or in what nobody watched. */
interface Looking {
  readonly pace: Pace | null;
  readonly hindsight: Hindsight | null;
}

function lookingAt(world: World, rollout: Rollout, before: Looking): Looking {
  const { phase } = rollout;
  if (phase.name === 'catching-up')
    return { pace: null, hindsight: before.hindsight ?? startHindsight(phase.since) };
  world.history?.lookAt(null);
  if (phase.name !== 'baking') return { pace: null, hindsight: null };
  const reached = before.hindsight?.reached ?? null;
  return { pace: before.pace ?? startPace(world, rollout, phase.step, reached), hindsight: null };
}

async function next(
  world: World,
  session: Session,
  rollout: Rollout,
  { pace, hindsight }: Looking,
  stop: AbortSignal,
): Promise<Performed | { readonly kind: 'parked' }> {
  const effect = pendingEffect(rollout);
  if (effect.type === 'come-home') return comeHome(world, session, rollout, effect.slot);
  if (effect.type === 'catch-up' && hindsight !== null)
    return eventOr(await hindsightTick(world, session, rollout, effect.step, hindsight, stop));
  if (effect.type !== 'watch' || pace === null) return perform(world, session, rollout, effect, stop);
  const parked = stop.aborted ? null : await parkInTime(world, session, rollout, pace, stop);
  return parked ?? eventOr(await watchTick(world, session, rollout, effect.step, pace, stop));
}

function eventOr(event: RolloutEvent | null): Performed {
  return event === null ? { kind: 'fenced' } : { kind: 'event', event };
}

/** Takes an event into the record and the ledger; the way home is saved while it is gone, not before. */
async function record(
  world: World,
  session: Session,
  before: Rollout,
  event: RolloutEvent,
  stop: AbortSignal,
): Promise<'recorded' | 'fenced'> {
  const moved = session.take(event);
  if (moved.kind === 'refused') {
    note(world, 'warning', moved.reason.message);
    return 'fenced';
  }
  const after = openRollout(session.record);
  if (after?.phase.name === 'aborting') return 'recorded';
  if (after !== null && canWait(event, after)) {
    const kept = await keepUp(world, session, after, event, stop);
    return kept === 'recorded' || kept === 'fenced' ? kept : giveUp(world, session, before, kept, stop);
  }
  if (!moved.durable) return 'recorded';
  const lowering = after === null || leadsHome(after.phase) || after.kind === 'rollback';
  const patience = after === null && !stop.aborted ? AT_REST : ON_THE_WAY;
  const budget = lowering ? patience.budget : before.plan.budgets.shift;
  const until = lowering ? deadline(patience.atMost) : stop;
  const saved = await session.save(describe(event), budget, until);
  if (saved.kind === 'saved') return 'recorded';
  const by = { at: world.clock.now(), by: world.owner, rollout: before.id };
  if (saved.kind === 'fenced')
    return leadsHome(before.phase) ? insist(session, { ...by, reason: before.reason }) : 'fenced';
  if (lowering) {
    note(world, 'warning', `the ledger could not be written (${saved.why}); reconcile will catch it up`);
    return 'recorded';
  }
  const message = `the ledger could not be written: ${saved.why}`;
  return giveUp(world, session, before, { code: 'ledger-unavailable', message }, stop);
}

function giveUp(
  world: World,
  session: Session,
  before: Rollout,
  why: Reason,
  stop: AbortSignal,
): Promise<'recorded' | 'fenced'> {
  const reason = stop.aborted ? reasonOf(stop) : why;
  const by = { at: world.clock.now(), by: world.owner };
  return record(world, session, before, { ...by, type: 'abort-requested', rollout: before.id, reason }, stop);
}

type Insisting = Pick<Extract<RolloutEvent, { type: 'abort-requested' }>, 'at' | 'by' | 'rollout'>;

/** Somebody wrote over an abort that the ledger did not know yet: it is asked for again, on top of what they wrote. */
function insist(session: Session, by: Insisting & { reason: Reason | null }): 'recorded' | 'fenced' {
  const open = openRollout(session.record);
  if (open === null || leadsHome(open.phase)) return 'fenced';
  const reason = by.reason ?? { code: 'cancelled', message: 'the rollout was stopped' };
  return session.take({ ...by, type: 'abort-requested', reason }).kind === 'moved' ? 'recorded' : 'fenced';
}

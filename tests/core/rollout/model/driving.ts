import type { Effect, RolloutEvent } from '../../../../src/core/rollout/events.ts';
import { pendingEffect } from '../../../../src/core/rollout/move.ts';
import type { Reason } from '../../../../src/core/rollout/reason.ts';
import {
  leadsHome,
  openRollout,
  otherSlot,
  type Rollout,
  type Slot,
  whereTrafficRests,
} from '../../../../src/core/rollout/record.ts';
import type { Lease, Shift } from '../../../../src/ports/traffic-router.ts';
import { judged } from './judging.ts';
import { from, type Program, refresh, save, saveAbort, saveOnce, take, type Writer } from './memory.ts';
import { isAllOn, LEASE_TTL, shares } from './world.ts';

export type Driven = 'ended' | 'fenced' | 'stuck';
type Performed = { readonly event: RolloutEvent } | 'fenced' | 'stuck' | 'again';

/** Carries a rollout to its end as `app` does: effect, event, state machine, ledger, next effect. */
export function* drive(me: Writer): Program<Driven> {
  for (;;) {
    const rollout = openRollout(me.record);
    if (rollout === null) return 'ended';
    if (rollout.owner.id !== me.owner.id) return 'fenced';
    const done = yield* perform(me, rollout, pendingEffect(rollout));
    if (done === 'stuck') return done;
    if (done === 'again') continue;
    const recorded = done === 'fenced' ? done : yield* record(me, rollout, done.event);
    if (recorded === 'fenced') {
      yield* giveBack(me);
      return 'fenced';
    }
  }
}

function* record(me: Writer, before: Rollout, event: RolloutEvent): Program<'recorded' | 'fenced'> {
  const moved = take(me, event);
  if (moved.kind === 'refused') return 'fenced';
  const after = openRollout(me.record);
  if (after?.phase.name === 'aborting') return 'recorded';
  if (moved.durable && !me.habits.writesAhead && after?.phase.name === 'shifting') return 'recorded';
  const mayWait = event.type === 'ticked' || event.type === 'shifted' || after?.phase.name === 'verifying';
  if (after !== null && after.kind !== 'rollback' && mayWait) return yield* keepUp(me, before, event, after);
  if (!moved.durable) return 'recorded';
  const lowering = after === null || leadsHome(after.phase) || after.kind === 'rollback';
  const saved = yield* save(me, event.type);
  if (saved === 'saved') return 'recorded';
  if (saved === 'fenced') return insist(me, before);
  if (lowering && me.habits.lowersWithoutLedger) return 'recorded';
  return yield* record(me, before, abortOf(me, before, 'ledger-unavailable'));
}

/** What a bake has to tell waits for the ledger, and so does the rise that it has earned. */
function* keepUp(
  me: Writer,
  before: Rollout,
  event: RolloutEvent,
  after: Rollout,
): Program<'recorded' | 'fenced'> {
  const saved = me.unsaved ? yield* saveOnce(me, event.type) : 'saved';
  if (saved !== 'unsaved') return saved === 'saved' ? 'recorded' : 'fenced';
  const reason: Reason = { code: 'ledger-unavailable', message: 'it takes nothing' };
  const behindFor = me.world.now - (me.behindSince ?? me.world.now);
  if (behindFor > after.plan.budgets.record)
    return yield* record(me, before, abortOf(me, before, reason.code));
  if (event.type !== 'ticked' || after.phase.name === 'baking' || !me.habits.putsOff) return 'recorded';
  me.record = me.before;
  take(me, { ...event, verdict: { kind: 'hold', reason } });
  return 'recorded';
}

/** Somebody wrote over an abort that the ledger did not know yet. */
function insist(me: Writer, before: Rollout): 'recorded' | 'fenced' {
  const open = openRollout(me.record);
  if (!me.habits.insists || !leadsHome(before.phase)) return 'fenced';
  if (open === null || leadsHome(open.phase)) return 'fenced';
  return take(me, abortOf(me, before, 'cancelled')).kind === 'moved' ? 'recorded' : 'fenced';
}

export function abortOf(me: Writer, rollout: Rollout, code: Reason['code']): RolloutEvent {
  const reason = rollout.reason ?? { code, message: code };
  return { ...from(me), type: 'abort-requested', rollout: rollout.id, reason };
}

function* perform(me: Writer, rollout: Rollout, effect: Effect): Program<Performed> {
  const movesOn = effect.type === 'deploy' || effect.type === 'shift' || effect.type === 'settle';
  if (movesOn && me.cancelled && rollout.kind !== 'rollback')
    return { event: abortOf(me, rollout, 'cancelled') };
  switch (effect.type) {
    case 'deploy':
      return yield* deploy(me, rollout);
    case 'shift': {
      const weight = rollout.plan.steps[effect.step]?.weight ?? 0;
      const success: RolloutEvent = { ...from(me), type: 'shifted', step: effect.step };
      return yield* raise(me, rollout, weight, leaseOf(rollout), success);
    }
    case 'settle':
      return yield* raise(me, rollout, 100, null, { ...from(me), type: 'settled' });
    case 'watch':
      return yield* watch(me, rollout, effect.step);
    case 'verify':
      return yield* verify(me, rollout);
    case 'come-home':
      return yield* comeHome(me, rollout, effect.slot);
    case 'catch-up':
    case 'stop':
      return 'fenced';
  }
}

function leaseOf(rollout: Rollout): Lease {
  return { holder: rollout.id, ttl: LEASE_TTL, fallback: otherSlot(rollout.canary.slot) };
}

/** Shifts until the router itself says so; three tries. */
export function* steer(me: Writer, shift: Shift): Program<'steered' | 'fenced' | 'failed'> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    yield 'shift';
    const answer = me.world.shift(me, shift);
    if (answer === 'fenced') return 'fenced';
    if (answer === 'down') continue;
    if (!me.habits.readsBack) return 'steered';
    yield 'read back';
    const reading = me.world.read(me);
    if (reading !== 'down' && reading.shares.a === shift.shares.a) return 'steered';
  }
  return 'failed';
}

/** With no stable version there is no home: the router is left alone. */
function* home(me: Writer, slot: Slot | null, token: number): Program<'steered' | 'fenced' | 'failed'> {
  if (slot === null) return 'steered';
  return yield* steer(me, { shares: shares(slot, 100), lease: null, token });
}

function* deploy(me: Writer, rollout: Rollout): Program<Performed> {
  if (me.habits.clearsTheSlot && rollout.stable !== null) {
    const cleared = yield* home(me, rollout.stable.slot, me.revision);
    if (cleared !== 'steered') return yield* unsteered(me, rollout, cleared);
  }
  yield 'deploy';
  if (me.cancelled) return { event: abortOf(me, rollout, 'cancelled') };
  if (me.world.choose(6) < 5) return { event: { ...from(me), type: 'deployed' } };
  const reason: Reason = { code: 'deploy-failed', message: 'no such image' };
  return { event: { ...from(me), type: 'deploy-failed', reason, findings: [] } };
}

function* raise(
  me: Writer,
  rollout: Rollout,
  weight: number,
  lease: Lease | null,
  success: RolloutEvent,
): Program<Performed> {
  const token = me.revision;
  const steered = yield* steer(me, { shares: shares(rollout.canary.slot, weight), lease, token });
  if (steered === 'steered') return { event: success };
  return yield* unsteered(me, rollout, steered);
}

function* unsteered(me: Writer, rollout: Rollout, how: 'fenced' | 'failed'): Program<Performed> {
  if (how === 'fenced' && (yield* overtaken(me))) return 'fenced';
  return rollout.kind === 'rollback' ? 'stuck' : { event: abortOf(me, rollout, 'shift-failed') };
}

function* overtaken(me: Writer): Program<boolean> {
  return (yield* refresh(me)) === 'overtaken';
}

function* watch(me: Writer, rollout: Rollout, step: number): Program<Performed> {
  yield 'wait for the tick';
  const { world } = me;
  const elapsed = rollout.plan.tick;
  world.pass(elapsed);
  if (me.cancelled) return { event: abortOf(me, rollout, 'cancelled') };
  const renewed = world.renew(me, rollout.id);
  yield 'read';
  const reading = world.read(me);
  if (reading === 'down') return { event: abortOf(me, rollout, 'router-unavailable') };
  const expected = shares(rollout.canary.slot, rollout.plan.steps[step]?.weight ?? 0);
  if (reading.shares.a !== expected.a || renewed === 'fenced') {
    if (yield* overtaken(me)) return 'fenced';
    if (reading.lapsed === rollout.id) return { event: { ...from(me), type: 'lease-lapsed' } };
    return { event: abortOf(me, rollout, 'weight-diverged') };
  }
  return { event: judged(me, rollout, step, elapsed) };
}

function* verify(me: Writer, rollout: Rollout): Program<Performed> {
  yield 'verify';
  const forward = rollout.phase.name === 'verifying';
  if (forward && rollout.kind === 'canary' && me.cancelled)
    return { event: abortOf(me, rollout, 'cancelled') };
  const outcome = me.world.choose(5) < 4 ? 'pass' : 'fail';
  const verified: RolloutEvent = { ...from(me), type: 'verified', verification: { outcome, findings: [] } };
  if (!forward || !me.habits.readsBack) return { event: verified };
  yield 'read at the end';
  const reading = me.world.read(me);
  if (reading === 'down' || isAllOn(reading, rollout.canary.slot)) return { event: verified };
  if (yield* overtaken(me)) return 'fenced';
  return rollout.kind === 'rollback' ? 'stuck' : { event: abortOf(me, rollout, 'weight-diverged') };
}

/** Traffic and record go side by side: either may come first. */
function* comeHome(me: Writer, rollout: Rollout, slot: Slot | null): Program<Performed> {
  const token = me.unsaved ? me.revision + 1 : me.revision;
  const abort = abortOf(me, rollout, 'cancelled');
  const recordFirst = me.unsaved && (!me.habits.lowersWithoutLedger || me.world.choose(2) === 1);
  let saved = recordFirst ? yield* saveAbort(me, abort) : null;
  if (saved === 'unsaved' && !me.habits.lowersWithoutLedger) return 'stuck';
  let came = yield* home(me, slot, token);
  if (!recordFirst && me.unsaved) saved = yield* saveAbort(me, abort);
  if (saved === 'fenced') return 'fenced';
  if (me.revision > token && me.habits.homesUnderTheAbort) came = yield* home(me, slot, me.revision);
  if (came === 'steered') return { event: { ...from(me), type: 'came-home' } };
  if (came === 'failed' || !(yield* overtaken(me))) return 'stuck';
  return insist(me, rollout) === 'recorded' ? 'again' : 'fenced';
}

/** Puts traffic where the winner's record says that it rests, if it says so. */
export function* giveBack(me: Writer): Program<void> {
  const slot = whereTrafficRests(me.record);
  if (!me.habits.givesBack || slot === null) return;
  yield* home(me, slot, me.revision);
}

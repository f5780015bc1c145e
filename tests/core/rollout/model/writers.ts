import type { RolloutEvent } from '../../../../src/core/rollout/events.ts';
import type { Plan } from '../../../../src/core/rollout/plan.ts';
import { leadsHome, openRollout, otherSlot, type Rollout } from '../../../../src/core/rollout/record.ts';
import type { TrafficReading } from '../../../../src/ports/traffic-router.ts';
import { abortOf, type Driven, drive, steer } from './driving.ts';
import { from, type Program, refresh, save, take, type Writer } from './memory.ts';
import { isAllOn, shares } from './world.ts';

export type Ending = Driven | 'refused';

/** Whether the writer takes the owner of an open rollout for dead; it may be wrong. */
export type Belief = (rollout: Rollout) => boolean;

/** The canary action: starts a rollout, or goes on with one whose owner it takes for dead. */
export function* rollOut(
  me: Writer,
  request: { readonly id: string; readonly version: string; readonly plan: Plan; readonly isDead: Belief },
): Program<Ending> {
  if (!(yield* refresh(me))) return 'refused';
  const found = openRollout(me.record);
  if (found !== null) {
    if (!request.isDead(found)) return 'refused';
    const resumes = found.canary.version === request.version && found.kind !== 'rollback';
    const ending =
      resumes && !leadsHome(found.phase) ? yield* resume(me, found) : yield* bringToAnEnd(me, found);
    if (resumes || ending !== 'ended') return ending;
  }
  yield 'read before the start';
  const reading = me.world.read(me);
  const { stable } = me.record;
  if (reading === 'down' || (stable !== null && !isAllOn(reading, stable.slot))) return 'refused';
  const { id, version, plan } = request;
  return yield* begin(me, { ...from(me), type: 'started', id, version, plan, readmit: 'tried again' });
}

function* begin(me: Writer, event: RolloutEvent): Program<Ending> {
  if (take(me, event).kind === 'refused') return 'refused';
  if ((yield* save(me, event.type)) !== 'saved') return 'refused';
  return yield* drive(me);
}

function resume(me: Writer, found: Rollout): Program<Ending> {
  return begin(me, { ...from(me), type: 'resumed', rollout: found.id });
}

function bringToAnEnd(me: Writer, found: Rollout): Program<Ending> {
  return found.kind === 'rollback' ? resume(me, found) : begin(me, abortOf(me, found, 'owner-lost'));
}

/** The signal handler of the process that drives the rollout: the same owner id, its own look at the ledger. */
export function* handleSignal(me: Writer): Program<Ending> {
  if (!(yield* refresh(me))) return 'refused';
  const found = openRollout(me.record);
  if (found === null || found.owner.id !== me.owner.id) return 'refused';
  if (take(me, abortOf(me, found, 'cancelled')).kind === 'refused') return 'refused';
  return yield* drive(me);
}

/** The post step and the reconciler: bring an orphan home, or forward when it was all but promoted. */
export function* reconcile(
  me: Writer,
  request: { readonly only: string | null; readonly isDead: Belief },
): Program<Ending> {
  if (!(yield* refresh(me))) return request.only === null ? 'refused' : yield* goHomeBlind(me);
  const found = openRollout(me.record);
  yield 'read the router';
  const reading = me.world.read(me);
  if (found === null) return yield* straighten(me, reading);
  if (request.only !== null && found.id !== request.only) return 'refused';
  if (!request.isDead(found)) return 'refused';
  if (isAsGoodAsPromoted(found, reading) || found.kind === 'rollback') return yield* resume(me, found);
  if (take(me, abortOf(me, found, 'owner-lost')).kind === 'refused') return 'refused';
  return yield* drive(me);
}

function isAsGoodAsPromoted(rollout: Rollout, reading: TrafficReading | 'down'): boolean {
  const late = rollout.phase.name === 'settling' || rollout.phase.name === 'verifying';
  return late && reading !== 'down' && reading.lease === null && isAllOn(reading, rollout.canary.slot);
}

/** The ledger is away: the lease that the router holds says where home is. */
function* goHomeBlind(me: Writer): Program<Ending> {
  yield 'read the router';
  const reading = me.world.read(me);
  if (reading === 'down' || reading.lease === null) return 'stuck';
  const shift = { shares: shares(reading.lease.fallback, 100), lease: null, token: reading.token };
  return (yield* steer(me, shift)) === 'steered' ? 'ended' : 'stuck';
}

function* straighten(me: Writer, reading: TrafficReading | 'down'): Program<Ending> {
  const { stable } = me.record;
  if (stable === null || reading === 'down' || isAllOn(reading, stable.slot)) return 'ended';
  // The router was asked after the ledger: what it says may be a rollout that has begun in between.
  const before = me.revision;
  if (!(yield* refresh(me)) || me.revision !== before) return 'refused';
  const shift = { shares: shares(stable.slot, 100), lease: null, token: me.revision };
  return (yield* steer(me, shift)) === 'steered' ? 'ended' : 'stuck';
}

/** The rollback action: out of a rollout in progress, or back to the version before. */
export function* rollBack(
  me: Writer,
  request: { readonly id: string; readonly plan: Plan; readonly isDead: Belief },
): Program<Ending> {
  if (!(yield* refresh(me))) return yield* goHomeBlind(me);
  const found = openRollout(me.record);
  if (found !== null && found.kind === 'rollback') {
    return request.isDead(found) ? yield* resume(me, found) : 'refused';
  }
  if (found !== null) {
    take(me, abortOf(me, found, 'rolled-back-by-hand'));
    const driven = yield* drive(me);
    if (driven !== 'fenced' || me.record.rollout?.phase.name !== 'promoted') return driven;
  }
  return yield* goBack(me, request.id, request.plan);
}

function* goBack(me: Writer, id: string, plan: Plan): Program<Ending> {
  const { stable, previous, promoted } = me.record;
  const version = previous?.version ?? promoted.find((other) => other !== stable?.version);
  if (stable === null || version === undefined) return 'refused';
  const to = { slot: otherSlot(stable.slot), version };
  const reason = { code: 'rolled-back-by-hand' as const, message: 'it was slow' };
  const event = { ...from(me), type: 'rollback-started' as const, id, to, plan, reason, requestedBy: 'ann' };
  if (take(me, event).kind === 'refused') return 'refused';
  const saved = yield* save(me, event.type);
  if (saved === 'fenced' || (saved === 'unsaved' && !me.habits.lowersWithoutLedger)) return 'refused';
  return yield* drive(me);
}

import type { Result } from '../core/result.ts';
import { toResult } from '../core/result.ts';
import type { RolloutEvent } from '../core/rollout/events.ts';
import type { Reason } from '../core/rollout/reason.ts';
import {
  emptyRecord,
  isTerminal,
  openRollout,
  type Rollout,
  type ServiceRecord,
  type Slot,
} from '../core/rollout/record.ts';
import type { Milliseconds } from '../core/units.ts';
import { deadline } from '../ports/deadline.ts';
import type { TrafficReading } from '../ports/traffic-router.ts';
import { afterEnd, tell } from './after-end.ts';
import { goHomeBlind } from './blind.ts';
import { conclude, refuse, verdictFor } from './conclude.ts';
import { ownershipOf } from './ownership.ts';
import { parkedStill } from './park.ts';
import { driveSafely, finish, open } from './run-rollout.ts';
import { describe, type Session } from './session.ts';
import { agree, allOn, readTraffic, spell, steer } from './steer-traffic.ts';
import { note, type World } from './world.ts';

export interface ReconcileRequest {
  /**
   * True when the caller knows that whoever drove the rollout has ended: a post step, a job that `needs` it. A rollout that
   * another run began is still left alone while that run lives: this one may have been refused because of it.
   */
  readonly ownerHasEnded: boolean;
  /** Only touch this rollout; null for whichever is open. */
  readonly onlyRollout: string | null;
  /** Where traffic belongs when the ledger cannot be read; null when the caller does not know. */
  readonly fallback: Slot | null;
  /** Why an orphan is ended. */
  readonly reason: Reason | null;
  /** Aborts a parked rollout that was gone on with. The way home is never stopped. */
  readonly stop?: AbortSignal;
}

/** A run that has just ended may still be busy showing it. */
const STILL_SHOWING: Milliseconds = 300_000;
/** An end of longer ago is no news: its notifier may only have been configured since. */
const OLD_NEWS: Milliseconds = 24 * 3_600_000;

/** Finds a rollout that nobody drives any more and brings it to a safe end. */
export async function reconcile(world: World, request: ReconcileRequest): Promise<Result> {
  const opened = await open(world);
  if ('code' in opened) {
    if (request.ownerHasEnded)
      return goHomeBlind(
        world,
        'reconcile',
        opened,
        { slot: request.fallback, rollout: request.onlyRollout },
        60_000,
      );
    return refuse(emptyRecord(world.service, world.environment), 'reconcile', opened);
  }
  const { session, entry } = opened;
  showAgain(world, session.record);
  const rollout = openRollout(session.record);
  const reading = await readTraffic(world, deadline(5_000));
  await tellLate(world, session, request, reading);
  if (rollout === null || (request.onlyRollout !== null && rollout.id !== request.onlyRollout)) {
    return rollout === null
      ? straighten(world, session, reading)
      : idle(session, 'another rollout is open', reading);
  }
  const parked = parkedStill(world, rollout);
  if (parked !== null) return goOn(world, session, rollout, parked, reading, request);
  if (rollout.phase.name !== 'parked' && !isKnownToHaveEnded(world, rollout, request)) {
    const ownership = await ownershipOf(world, rollout, reading, entry?.at ?? 0);
    if (ownership === 'owned')
      return idle(session, `${rollout.owner.name} (${rollout.owner.id}) still drives it`, reading);
    if (ownership === 'cannot-tell' && !request.ownerHasEnded) {
      const message = `it cannot be told whether ${rollout.owner.id} still drives rollout ${rollout.id}; say owner-has-ended if you know`;
      return refuse(session.record, 'reconcile', { code: 'rollout-in-progress', message });
    }
  }
  return end(world, session, rollout, reading, request);
}

/** A job knows of its own run alone that whoever drove a rollout in it has ended. Of another's it is asked all the same. */
function isKnownToHaveEnded(
  world: World,
  rollout: Rollout,
  { ownerHasEnded, onlyRollout }: ReconcileRequest,
): boolean {
  const isForeign = world.owner.kind === 'github-run' && world.owner.runId !== rollout.owner.runId;
  return ownerHasEnded && (onlyRollout !== null || !isForeign);
}

/** Makes up for what its own run could not show of a rollout, once that run has surely given up. */
function showAgain(world: World, record: ServiceRecord): void {
  const endedAt = record.rollout?.endedAt ?? null;
  if (endedAt !== null && world.clock.now() - endedAt > STILL_SHOWING) world.publishing?.take(record);
}

/** Tells of a rollout whose own run ended it and died before it could say so. */
async function tellLate(
  world: World,
  session: Session,
  { ownerHasEnded, onlyRollout }: ReconcileRequest,
  reading: TrafficReading | null,
): Promise<void> {
  const { rollout } = session.record;
  if (rollout === null || rollout.endedAt === null || !isTerminal(rollout.phase)) return;
  if (onlyRollout !== null && rollout.id !== onlyRollout) return;
  const age = world.clock.now() - rollout.endedAt;
  if (age > OLD_NEWS || (!ownerHasEnded && age < STILL_SHOWING)) return;
  const { reason, verdict } = verdictFor(session.record, { kind: 'ended' }, rollout.id);
  const weight = reading === null ? null : reading.shares[rollout.canary.slot];
  const outcome = { reasonCode: reason.code, message: reason.message, verdict, weight, warnings: [] };
  await tell(world, session, toResult(session.record, { operation: 'reconcile', ...outcome }), 'end');
}

async function end(
  world: World,
  session: Session,
  rollout: Rollout,
  reading: TrafficReading | null,
  request: ReconcileRequest,
): Promise<Result> {
  const reason = request.reason ?? { code: 'owner-lost', message: lostWords(rollout) };
  const by = { at: world.clock.now(), by: world.owner };
  const event = isAsGoodAsPromoted(rollout, reading)
    ? { ...by, type: 'resumed' as const, rollout: rollout.id }
    : { ...by, ...finish(rollout, reason) };
  if (event.type === 'resumed') {
    const refused = await takenOver(world, session, rollout, event);
    if (refused !== null) return refused;
  } else {
    note(world, 'info', `rollout ${rollout.id} was left ${rollout.phase.name}: ${event.type}`);
    const moved = session.take(event);
    if (moved.kind === 'refused') return refuse(session.record, 'reconcile', moved.reason);
  }
  const driven = await driveSafely(world, session, new AbortController().signal);
  const result = await conclude(world, session, 'reconcile', driven, rollout.id);
  await afterEnd(world, session, result, driven);
  // A reconcile that brought an orphan home did its work, although the rollout itself failed.
  return driven.kind === 'ended'
    ? { ...result, verdict: result.warnings.length === 0 ? 'pass' : result.verdict }
    : result;
}

function lostWords({ owner, phase }: Rollout): string {
  if (phase.name !== 'parked') return `its owner ${owner.name} (${owner.id}) is gone`;
  return `it was parked until ${new Date(phase.wakeAt).toISOString()}, and nobody came back by ${new Date(phase.until).toISOString()}`;
}

/** A bake that was left alone is gone on with; but not by whoever only cleans up after the job that left it. */
async function goOn(
  world: World,
  session: Session,
  rollout: Rollout,
  parked: Reason,
  reading: TrafficReading | null,
  { ownerHasEnded, stop }: ReconcileRequest,
): Promise<Result> {
  if (ownerHasEnded) return idle(session, parked.message, reading);
  if (world.history === null) {
    const why = 'the metrics provider keeps no history, so nobody can tell what happened since';
    return idle(session, `${parked.message}; ${why}`, reading);
  }
  const event = { type: 'resumed' as const, at: world.clock.now(), by: world.owner, rollout: rollout.id };
  const refused = await takenOver(world, session, rollout, event);
  if (refused !== null) return refused;
  const driven = await driveSafely(world, session, stop ?? new AbortController().signal);
  const result = await conclude(world, session, 'reconcile', driven, rollout.id);
  await afterEnd(world, session, result, driven);
  return result;
}

/** Null when the rollout is now ours. */
async function takenOver(
  world: World,
  session: Session,
  rollout: Rollout,
  event: Extract<RolloutEvent, { type: 'resumed' }>,
): Promise<Result | null> {
  note(world, 'info', `rollout ${rollout.id} was left ${rollout.phase.name}: ${event.type}`);
  const moved = session.take(event);
  if (moved.kind === 'refused') return refuse(session.record, 'reconcile', moved.reason);
  const saved = await session.save(describe(event), rollout.plan.budgets.shift, deadline(30_000));
  if (saved.kind === 'saved') return null;
  const why = saved.kind === 'unsaved' ? saved.why : 'another run wrote first';
  return refuse(session.record, 'reconcile', { code: 'ledger-unavailable', message: why });
}

/** Every step had passed and all traffic is on the new version for good: going forward is the safe end. */
function isAsGoodAsPromoted(rollout: Rollout, reading: TrafficReading | null): boolean {
  const late = rollout.phase.name === 'settling' || rollout.phase.name === 'verifying';
  return (
    late && reading !== null && reading.lease === null && agree(reading.shares, allOn(rollout.canary.slot))
  );
}

/** No rollout is open: the router must say that the stable version has everything. */
async function straighten(world: World, session: Session, reading: TrafficReading | null): Promise<Result> {
  const { stable } = session.record;
  if (reading === null) {
    const message = `the router ${world.router.name} does not answer`;
    return refuse(session.record, 'reconcile', { code: 'router-unavailable', message });
  }
  if (stable === null || agree(reading.shares, allOn(stable.slot))) {
    return idle(session, 'no rollout is open and traffic is where the ledger says', reading);
  }
  const before = session.revision;
  await session.refresh(deadline(5_000));
  if (session.revision !== before)
    return idle(session, 'another run has just begun to move traffic', reading);
  note(world, 'warning', `no rollout is open, but the router says ${spell(reading.shares)}`);
  const shift = { shares: allOn(stable.slot), lease: null, token: session.revision };
  const steered = await steer(world, shift, 30_000, deadline(30_000));
  if (steered.kind === 'failed') return refuse(session.record, 'reconcile', steered.reason);
  const message = `traffic was at ${spell(reading.shares)} without a rollout and is all on ${stable.version} again`;
  return done(session, { code: 'restored', message }, steered.reading);
}

function idle(session: Session, message: string, reading: TrafficReading | null): Result {
  return done(session, { code: 'nothing-to-do', message }, reading);
}

function done(session: Session, reason: Reason, reading: TrafficReading | null): Result {
  const { rollout } = session.record;
  const weight = rollout === null || reading === null ? null : reading.shares[rollout.canary.slot];
  const { code: reasonCode, message } = reason;
  return toResult(session.record, {
    operation: 'reconcile',
    verdict: 'pass',
    reasonCode,
    message,
    weight,
    warnings: [],
  });
}

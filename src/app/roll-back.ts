import type { Result } from '../core/result.ts';
import type { Plan } from '../core/rollout/plan.ts';
import type { Reason } from '../core/rollout/reason.ts';
import {
  leadsHome,
  openRollout,
  otherSlot,
  type Placement,
  type Rollout,
  type ServiceRecord,
  type Slot,
  type Version,
} from '../core/rollout/record.ts';
import { afterEnd } from './after-end.ts';
import { goHomeBlind } from './blind.ts';
import { conclude, refuse } from './conclude.ts';
import { type Driven, drive } from './drive.ts';
import { ownershipOf } from './ownership.ts';
import { driveSafely, open } from './run-rollout.ts';
import { describe, type Session } from './session.ts';
import { readTraffic } from './steer-traffic.ts';
import { note, type World } from './world.ts';

export interface RollbackRequest {
  readonly id: string;
  /** Null for the version that served before. */
  readonly version: Version | null;
  readonly reason: string;
  readonly requestedBy: string;
  readonly plan: Plan;
  /** Where to send traffic when the ledger cannot be read and the router holds no lease. */
  readonly toSlot: Slot | null;
  /** Leaves everything alone when no rollout is in progress. */
  readonly onlyInProgress?: boolean;
  readonly stop: AbortSignal;
}

/** Puts traffic back on an earlier version now: out of a rollout in progress, or after one. */
export async function rollBack(world: World, request: RollbackRequest): Promise<Result> {
  const opened = await open(world);
  if ('code' in opened) {
    return goHomeBlind(
      world,
      'rollback',
      opened,
      { slot: request.toSlot, rollout: null },
      request.plan.budgets.abort,
    );
  }
  const { session, entry } = opened;
  const running = openRollout(session.record);
  if (running !== null && running.kind !== 'rollback') {
    const driven = await abortRunning(world, session, running, request);
    const { rollout, stable } = session.record;
    // It may have been promoted in the very moment: then there is still something to go back from.
    const missed = driven.kind === 'fenced' && rollout?.phase.name === 'promoted';
    const there = request.version === null || request.version === stable?.version;
    if (!missed && (driven.kind !== 'ended' || there)) return finished(world, session, driven, running.id);
  } else if (running !== null) {
    const reading = await readTraffic(world, request.stop);
    const ownership = await ownershipOf(world, running, reading, entry?.at ?? 0);
    if (ownership === 'owned') {
      const message = `rollback ${running.id} to ${running.canary.version} is already under way`;
      return refuse(session.record, 'rollback', { code: 'rollout-in-progress', message });
    }
    return go(world, session, request, {
      type: 'resumed',
      rollout: running.id,
      at: world.clock.now(),
      by: world.owner,
    });
  }
  if (request.onlyInProgress === true)
    return refuse(session.record, 'rollback', {
      code: 'nothing-to-do',
      message: 'no rollout is in progress',
    });
  const to = destination(session.record, request.version);
  if ('code' in to) return refuse(session.record, 'rollback', to);
  const { id, plan, requestedBy } = request;
  const reason: Reason = { code: 'rolled-back-by-hand', message: request.reason };
  const event = {
    type: 'rollback-started' as const,
    at: world.clock.now(),
    by: world.owner,
    id,
    to,
    plan,
    reason,
    requestedBy,
  };
  return go(world, session, request, event);
}

async function go(
  world: World,
  session: Session,
  request: RollbackRequest,
  event: Parameters<Session['take']>[0],
): Promise<Result> {
  const moved = session.take(event);
  if (moved.kind === 'refused') return refuse(session.record, 'rollback', moved.reason);
  const saved = await session.save(describe(event), 2_000, request.stop);
  if (saved.kind === 'fenced') {
    const message = 'another run wrote the ledger at the same moment; run the rollback again';
    return refuse(session.record, 'rollback', { code: 'rollout-in-progress', message });
  }
  if (saved.kind === 'unsaved')
    note(world, 'warning', `going back although the ledger cannot be written: ${saved.why}`);
  const id = openRollout(session.record)?.id ?? request.id;
  return finished(world, session, await driveSafely(world, session, request.stop), id);
}

async function abortRunning(
  world: World,
  session: Session,
  running: Rollout,
  request: RollbackRequest,
): Promise<Driven> {
  const reason: Reason = {
    code: 'rolled-back-by-hand',
    message: `${request.requestedBy}: ${request.reason}`,
  };
  session.take({
    type: 'abort-requested',
    rollout: running.id,
    at: world.clock.now(),
    by: world.owner,
    reason,
  });
  return drive(world, session, request.stop);
}

/** A rollback that brought traffic back is a success, whatever became of the rollout it stopped. */
async function finished(world: World, session: Session, driven: Driven, id: string): Promise<Result> {
  const told = await conclude(world, session, 'rollback', driven, id);
  const { rollout, stable } = session.record;
  const ledHome = rollout !== null && (rollout.phase.name === 'aborted' || leadsHome(rollout.phase));
  const home = rollout?.kind !== 'rollback' && driven.kind !== 'stuck' && ledHome && told.weight === 0;
  const message = `all traffic is on ${stable?.version ?? 'no version'} again`;
  const result: Result = home ? { ...told, verdict: 'pass', reasonCode: 'restored', message } : told;
  await afterEnd(world, session, result, driven);
  return result;
}

/** Which version to go back to, and where it runs or will run. */
function destination(record: ServiceRecord, wanted: Version | null): Placement | Reason {
  const { stable, previous, promoted } = record;
  if (stable === null) return { code: 'version-unknown', message: 'nothing was ever promoted here' };
  const version = wanted ?? previous?.version ?? promoted.find((other) => other !== stable.version);
  if (version === undefined)
    return { code: 'version-unknown', message: `there is no version before ${stable.version}` };
  if (version === stable.version)
    return { code: 'already-stable', message: `${version} already serves all traffic` };
  if (previous?.version === version) return previous;
  if (!promoted.includes(version)) {
    const known = promoted.filter((other) => other !== stable.version).join(', ') || 'none';
    return {
      code: 'version-unknown',
      message: `${version} was never promoted here; known earlier versions: ${known}`,
    };
  }
  return { slot: otherSlot(stable.slot), version };
}

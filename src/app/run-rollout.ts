import type { Result } from '../core/result.ts';
import { fitsWithin, type Plan } from '../core/rollout/plan.ts';
import type { Reason } from '../core/rollout/reason.ts';
import { emptyRecord, openRollout, type Rollout, type Version } from '../core/rollout/record.ts';
import { formatDuration, type Milliseconds } from '../core/units.ts';
import { messageOf } from '../ports/adapter-error.ts';
import { deadline } from '../ports/deadline.ts';
import type { LedgerEntry } from '../ports/ledger.ts';
import { afterEnd } from './after-end.ts';
import { conclude, refuse } from './conclude.ts';
import { type Driven, drive } from './drive.ts';
import { ownershipOf } from './ownership.ts';
import { parkedStill } from './park.ts';
import { describe, Session } from './session.ts';
import { agree, allOn, readTraffic, spell } from './steer-traffic.ts';
import { note, type World } from './world.ts';

export interface RolloutRequest {
  readonly id: string;
  readonly version: Version;
  readonly plan: Plan;
  /** Why a version that failed here before may be tried again; null for any other. */
  readonly readmit: string | null;
  /** How long the job that runs this may take. */
  readonly jobLimit: Milliseconds;
  /** Aborts the rollout; its `reason` may be a Reason, else it is a cancel. */
  readonly stop: AbortSignal;
}

/** Runs one rollout from start to end, or goes on with one whose owner is gone. */
export async function runRollout(world: World, request: RolloutRequest): Promise<Result> {
  const blank = emptyRecord(world.service, world.environment);
  const fit = fitsWithin(request.plan, request.jobLimit);
  if (!fit.fits) return refuse(blank, 'canary', { code: 'plan-too-long', message: fit.arithmetic });
  const opened = await open(world);
  if ('code' in opened) return refuse(blank, 'canary', opened);
  const { session, entry } = opened;

  const refused = await startOrResume(world, session, entry, request);
  if (refused !== null) return refuse(session.record, 'canary', refused);
  const id = openRollout(session.record)?.id ?? null;
  const ended = new AbortController();
  const driven = await driveSafely(world, session, stopBefore(world, request, ended.signal));
  ended.abort();
  const result = await conclude(world, session, 'canary', driven, id);
  await afterEnd(world, session, result, driven);
  return result;
}

/** Reads the ledger, or says why nothing can be begun. */
export async function open(world: World): Promise<{ session: Session; entry: LedgerEntry | null } | Reason> {
  try {
    const entry = await world.ledger.newest(deadline(10_000));
    return { session: new Session(world, entry), entry };
  } catch (error) {
    return { code: 'ledger-unavailable', message: `the ledger could not be read: ${messageOf(error)}` };
  }
}

/** The stop signal, and the job's own time limit kept clear of: aborting must still fit before it. */
function stopBefore(world: World, request: RolloutRequest, ended: AbortSignal): AbortSignal {
  const { abort, verify } = request.plan.budgets;
  const overdue = new AbortController();
  const message = `the job's limit of ${formatDuration(request.jobLimit)} is near`;
  const reason: Reason = { code: 'timed-out', message };
  void world.clock.sleep(request.jobLimit - abort - verify, ended).then(() => {
    if (!ended.aborted) overdue.abort(reason);
  });
  return AbortSignal.any([request.stop, overdue.signal]);
}

/** Null when the session now owns an open rollout of the wanted version. */
async function startOrResume(
  world: World,
  session: Session,
  entry: LedgerEntry | null,
  request: RolloutRequest,
): Promise<Reason | null> {
  const unfinished = openRollout(session.record);
  if (unfinished !== null) {
    const settled = await takeOver(world, session, unfinished, entry?.at ?? 0, request);
    if (settled !== 'start-anew') return settled;
  }
  const unready = await trafficIsWhereItShould(world, session);
  if (unready !== null) return unready;
  const event = {
    type: 'started' as const,
    at: world.clock.now(),
    by: world.owner,
    id: request.id,
    version: request.version,
    plan: request.plan,
    readmit: request.readmit,
  };
  return begin(session, event, request);
}

async function begin(
  session: Session,
  event: Parameters<Session['take']>[0],
  request: RolloutRequest,
): Promise<Reason | null> {
  const moved = session.take(event);
  if (moved.kind === 'refused') return moved.reason;
  const saved = await session.save(describe(event), request.plan.budgets.shift, request.stop);
  if (saved.kind === 'saved') return null;
  if (saved.kind === 'unsaved')
    return { code: 'ledger-unavailable', message: `the ledger could not be written: ${saved.why}` };
  const winner = openRollout(session.record);
  const message = `another run began a rollout at the same moment${winner === null ? '' : `: ${winner.id} of ${winner.canary.version}`}`;
  return { code: 'rollout-in-progress', message };
}

/** What becomes of a rollout that is found open: resumed, brought to an end, or respected. */
async function takeOver(
  world: World,
  session: Session,
  found: Rollout,
  lastHeard: number,
  request: RolloutRequest,
): Promise<Reason | null | 'start-anew'> {
  const parked = parkedStill(world, found);
  if (parked !== null && found.canary.version !== request.version)
    return { code: 'rollout-in-progress', message: `rollout ${found.id} is parked: ${parked.message}` };
  const reading = await readTraffic(world, request.stop);
  const ownership = parked === null ? await ownershipOf(world, found, reading, lastHeard) : 'orphaned';
  if (ownership !== 'orphaned') {
    const hint =
      ownership === 'owned' ? 'which is still running' : 'and it cannot be told whether that still runs';
    const message = `rollout ${found.id} of ${found.canary.version} is ${found.phase.name}, driven by ${found.owner.name} (${found.owner.id}), ${hint}`;
    return { code: 'rollout-in-progress', message };
  }
  const by = { at: world.clock.now(), by: world.owner };
  const leadsHome = found.phase.name === 'aborting' || found.phase.name === 'confirming';
  const isOverdue = found.phase.name === 'parked' && parked === null;
  if (found.canary.version === request.version && found.kind !== 'rollback' && !leadsHome && !isOverdue) {
    note(world, 'info', `resuming rollout ${found.id}, which ${found.owner.name} left ${found.phase.name}`);
    return begin(session, { ...by, type: 'resumed', rollout: found.id }, request);
  }
  note(world, 'warning', `rollout ${found.id} was left ${found.phase.name}; it is brought to an end first`);
  const message = `its owner ${found.owner.name} (${found.owner.id}) is gone`;
  const ending = finish(found, { code: 'owner-lost', message });
  const refused = await begin(session, { ...by, ...ending }, request);
  if (refused !== null) return refused;
  const driven = await driveSafely(world, session, request.stop);
  if (driven.kind === 'stuck') return driven.reason;
  return driven.kind === 'ended'
    ? 'start-anew'
    : { code: 'rollout-in-progress', message: 'another run took over first' };
}

type Ending =
  | { readonly type: 'resumed'; readonly rollout: string }
  | { readonly type: 'abort-requested'; readonly rollout: string; readonly reason: Reason };

/** The event by which an orphan is brought to a safe end: a rollback is finished, anything else goes home. */
export function finish(found: Rollout, reason: Reason): Ending {
  const rollout = found.id;
  return found.kind === 'rollback'
    ? { type: 'resumed', rollout }
    : { type: 'abort-requested', rollout, reason };
}

/** Before a slot is deployed over, the router must say that it gets no traffic. */
async function trafficIsWhereItShould(world: World, session: Session): Promise<Reason | null> {
  let why = 'it does not say why';
  const reading = await readTraffic(world, deadline(5_000), (told) => {
    why = told;
  });
  if (reading === null) {
    const message = `the router ${world.router.name} does not answer, so nothing was begun: ${why}`;
    return { code: 'router-unavailable', message };
  }
  const { stable } = session.record;
  if (stable === null || agree(reading.shares, allOn(stable.slot))) return null;
  const message = `all traffic should be on slot ${stable.slot} (${stable.version}) before a rollout, but the router says ${spell(reading.shares)}; run reconcile`;
  return { code: 'weight-diverged', message };
}

/** Whatever goes wrong in our own code, traffic is taken home before the error is shown. */
export async function driveSafely(world: World, session: Session, stop: AbortSignal): Promise<Driven> {
  try {
    return await drive(world, session, stop);
  } catch (error) {
    const reason: Reason = { code: 'internal-error', message: `unexpected: ${messageOf(error)}` };
    note(world, 'error', error instanceof Error ? (error.stack ?? error.message) : String(error));
    session.take({
      at: world.clock.now(),
      by: world.owner,
      type: 'abort-requested',
      rollout: openRollout(session.record)?.id ?? '',
      reason,
    });
    return drive(world, session, stop);
  }
}

import type { RolloutEvent } from '../core/rollout/events.ts';
import {
  leadsHome,
  openRollout,
  type Rollout,
  type Slot,
  whereTrafficRests,
} from '../core/rollout/record.ts';
import type { Milliseconds } from '../core/units.ts';
import { deadline } from '../ports/deadline.ts';
import type { Performed } from './effects.ts';
import type { Session } from './session.ts';
import { agree, allOn, notHome, readTraffic, type Steered, steer } from './steer-traffic.ts';
import { note, type World } from './world.ts';

/** How long the ledger is asked to take an abort while traffic is already on its way. */
const RECORDING: Milliseconds = 5_000;

/** Traffic first, record beside it: an unreachable ledger never delays the way home. */
export async function comeHome(
  world: World,
  session: Session,
  rollout: Rollout,
  slot: Slot | null,
): Promise<Performed> {
  const by = { at: world.clock.now(), by: world.owner };
  const budget = rollout.plan.budgets.abort;
  const until = deadline(Math.max(1, budget));
  const reason = rollout.reason ?? { code: 'cancelled' as const, message: 'the rollout was stopped' };
  const abort: RolloutEvent = { ...by, type: 'abort-requested', rollout: rollout.id, reason };
  const token = session.unsaved ? session.revision + 1 : session.revision;
  const [first, saved] = await Promise.all([
    home(world, slot, token, budget, until),
    session.unsaved
      ? session.saveAbort(abort, Math.min(budget, RECORDING), deadline(RECORDING, until))
      : null,
  ]);
  if (saved?.kind === 'unsaved') note(world, 'warning', `the abort could not be recorded yet: ${saved.why}`);
  if (saved?.kind === 'fenced') return { kind: 'fenced' };
  // Others wrote meanwhile: only a token under which the abort stands outranks every intent before it.
  const outrun = session.revision > token;
  const came = outrun ? await home(world, slot, session.revision, budget, deadline(budget)) : first;
  if (came === null || came.kind === 'steered') return { kind: 'event', event: { ...by, type: 'came-home' } };
  if (came.reason.code === 'fenced') {
    await session.refresh(deadline(RECORDING));
    const open = openRollout(session.record);
    // Somebody wrote on while our abort could not be recorded: it is asked for again on top of that.
    if (open !== null && open.id === rollout.id && !leadsHome(open.phase))
      return { kind: 'event', event: abort };
    if (open?.owner.id !== world.owner.id) return { kind: 'fenced' };
  }
  return { kind: 'stuck', reason: notHome(world, budget, came.reason.message) };
}

/** Null when there is no stable version that could take traffic. */
async function home(
  world: World,
  slot: Slot | null,
  token: number,
  budget: Milliseconds,
  until: AbortSignal,
): Promise<Steered | null> {
  if (slot === null) return null;
  return steer(world, { shares: allOn(slot), lease: null, token }, budget, until);
}

/**
 * Somebody else ended the rollout, or is bringing it home, while we were still moving its traffic: whatever
 * we did last is put right by the ledger's word.
 */
export async function giveBack(world: World, session: Session, ours: Rollout): Promise<void> {
  if (ours.phase.name === 'verifying') return;
  const slot = whereTrafficRests(session.record);
  if (slot === null) return;
  const reading = await readTraffic(world, deadline(RECORDING));
  if (reading !== null && agree(reading.shares, allOn(slot))) return;
  const shift = { shares: allOn(slot), lease: null, token: session.revision };
  await steer(world, shift, 3_000, deadline(3_000));
}

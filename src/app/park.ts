import { type Parked, parkingOf } from '../core/rollout/parking.ts';
import type { Reason } from '../core/rollout/reason.ts';
import type { Phase, Rollout } from '../core/rollout/record.ts';
import { AdapterError } from '../ports/adapter-error.ts';
import type { Performed } from './effects.ts';
import { describe, type Session } from './session.ts';
import { callDeadline, leaseFor } from './steer-traffic.ts';
import type { Pace } from './watch.ts';
import { note, type World } from './world.ts';

/**
 * Leaves a bake alone when its plan says so and nothing is amiss: the router is asked to keep the weight for so long, and
 * the ledger learns that this is meant. Null when it is to be watched on.
 */
export async function parkInTime(
  world: World,
  session: Session,
  rollout: Rollout,
  pace: Pace,
  stop: AbortSignal,
): Promise<Performed | { readonly kind: 'parked' } | null> {
  const { phase } = rollout;
  const isCalm = pace.routerSilentMs === 0 && !session.unsaved && world.history !== null;
  if (phase.name !== 'baking' || !isCalm || world.clock.monotonic() < pace.parkFrom) return null;
  const parked = parkingOf(rollout, phase.step, world.clock.now());
  if (parked === null || !(await keepsWeight(world, rollout, parked, stop))) return null;
  const by = { at: world.clock.now(), by: world.owner };
  const event = { ...by, type: 'parked' as const, ...parked };
  if (session.take(event).kind === 'refused') return { kind: 'fenced' };
  const saved = await session.save(describe(event), rollout.plan.budgets.shift, stop);
  if (saved.kind === 'saved') return { kind: 'parked' };
  if (saved.kind === 'fenced') return { kind: 'fenced' };
  const message = `the bake could not be parked, as the ledger could not be written: ${saved.why}`;
  const reason = { code: 'ledger-unavailable' as const, message };
  return { kind: 'event', event: { ...by, type: 'abort-requested', rollout: rollout.id, reason } };
}

/** A router with leases takes traffic home by itself when nobody has come back in time. */
async function keepsWeight(
  world: World,
  rollout: Rollout,
  { until }: Parked,
  stop: AbortSignal,
): Promise<boolean> {
  const lease = leaseFor(world, rollout.id, rollout.canary.slot);
  try {
    await world.router.renew({ ...lease, ttl: until - world.clock.now() }, callDeadline(world, stop));
    return true;
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    note(
      world,
      'warning',
      `the bake is watched on, as the router would not keep its weight: ${error.message}`,
    );
    return false;
  }
}

/** What is known of a bake that was left alone. */
export function parkedReason(
  { canary, plan }: Rollout,
  { step, wakeAt, until }: Extract<Phase, { name: 'parked' }>,
): Reason {
  const when = (at: number): string => new Date(at).toISOString();
  const weight = plan.steps[step]?.weight ?? 0;
  const message = `${canary.version} bakes at ${weight} % until ${when(wakeAt)}; whoever reconciles then goes on with it, and by ${when(until)} it must have been somebody`;
  return { code: 'parked', message };
}

/** What is known of a rollout that is left alone, and by its own word still may be; null for any other. */
export function parkedStill(world: World, rollout: Rollout): Reason | null {
  const { phase } = rollout;
  return phase.name === 'parked' && world.clock.now() <= phase.until ? parkedReason(rollout, phase) : null;
}

import { worstCase } from '../core/rollout/plan.ts';
import type { Rollout } from '../core/rollout/record.ts';
import type { EpochMs } from '../core/units.ts';
import { messageOf } from '../ports/adapter-error.ts';
import { deadline } from '../ports/deadline.ts';
import type { TrafficReading } from '../ports/traffic-router.ts';
import { note, type World } from './world.ts';

export type Ownership = 'owned' | 'orphaned' | 'cannot-tell';

/**
 * Whether somebody still drives an open rollout. The owner is asked first; where that is not possible, a
 * lease that is still held speaks for it and one that is gone against it; without leases only time can tell.
 */
export async function ownershipOf(
  world: World,
  rollout: Rollout,
  reading: TrafficReading | null,
  lastHeard: EpochMs,
): Promise<Ownership> {
  if (rollout.owner.id === world.owner.id) return 'owned';
  const alive = await probe(world, rollout);
  if (alive !== 'unknown') return alive === 'alive' ? 'owned' : 'orphaned';
  if (reading?.lease?.holder === rollout.id) return 'owned';
  const leased = rollout.phase.name === 'baking' || rollout.phase.name === 'catching-up';
  if (reading !== null && world.router.capabilities.lease && leased) return 'orphaned';
  return world.clock.now() - lastHeard > worstCase(rollout.plan) ? 'orphaned' : 'cannot-tell';
}

async function probe(world: World, rollout: Rollout): Promise<'alive' | 'dead' | 'unknown'> {
  try {
    return await world.probe.isAlive(rollout.owner, deadline(5_000));
  } catch (error) {
    note(world, 'warning', `the owner ${rollout.owner.id} could not be asked: ${messageOf(error)}`);
    return 'unknown';
  }
}

import type { RolloutEvent } from '../core/rollout/events.ts';
import type { Rollout } from '../core/rollout/record.ts';
import type { EpochMs, Milliseconds } from '../core/units.ts';
import { deadline } from '../ports/deadline.ts';
import type { TrafficReading } from '../ports/traffic-router.ts';
import { judged } from './judged.ts';
import type { Session } from './session.ts';
import { agree, readTraffic, sharesOf, spell } from './steer-traffic.ts';
import { reasonOf } from './stop-reason.ts';
import { diverged } from './watch.ts';
import { note, type World } from './world.ts';

const READ_PAUSE: Milliseconds = 1_000;

/** How far the look back at a parked bake has come. */
export interface Hindsight {
  readonly from: EpochMs;
  /** Up to here it has been looked at. */
  reached: EpochMs;
  traffic: TrafficReading | null;
  /** The provider could not answer the look before. */
  isTroubled: boolean;
}

export function startHindsight(from: EpochMs): Hindsight {
  return { from, reached: from, traffic: null, isTroubled: false };
}

/**
 * Looks at the next tick of what nobody watched, as it would have been seen then; `caught-up` when the present is
 * reached. Null when the ledger shows that somebody else drives the rollout now.
 */
export async function hindsightTick(
  world: World,
  session: Session,
  rollout: Rollout,
  step: number,
  hindsight: Hindsight,
  stop: AbortSignal,
): Promise<RolloutEvent | null> {
  // A provider that is away for a moment gets as long to come back as it would under a live watch.
  if (hindsight.isTroubled) await world.clock.sleep(rollout.plan.tick, stop);
  const by = { at: world.clock.now(), by: world.owner };
  if (stop.aborted) return { ...by, type: 'abort-requested', rollout: rollout.id, reason: reasonOf(stop) };
  if (hindsight.traffic === null) {
    const weight = rollout.plan.steps[step]?.weight ?? 0;
    const found = await lookAtRouter(world, session, rollout, weight, stop);
    if (found === null || !('shares' in found)) return found;
    hindsight.traffic = found;
    await setBaseLine(world, rollout, hindsight.from, stop);
  }
  const at = hindsight.reached + rollout.plan.tick;
  if (at > by.at) return { ...by, type: 'caught-up' };
  world.history?.lookAt(at);
  hindsight.reached = at;
  const look = { at, elapsed: rollout.plan.tick, traffic: hindsight.traffic };
  const event = await judged(world, rollout, step, look, stop);
  hindsight.isTroubled = event.type === 'ticked' && event.findings.some(({ status }) => status === 'error');
  return event;
}

/** The weight must still be what it was parked at; if it is not, that decides, and not what was seen since. */
async function lookAtRouter(
  world: World,
  session: Session,
  rollout: Rollout,
  weight: number,
  stop: AbortSignal,
): Promise<TrafficReading | RolloutEvent | null> {
  const reading = await readPatiently(world, rollout.plan.budgets.shift, stop);
  if (reading === null) {
    const message = `the router ${world.router.name} does not answer, so the weight of a parked bake is unknown`;
    const by = { at: world.clock.now(), by: world.owner, rollout: rollout.id };
    return { ...by, type: 'abort-requested', reason: { code: 'router-unavailable', message } };
  }
  const expected = sharesOf(rollout.canary.slot, weight);
  if (agree(reading.shares, expected)) return reading;
  return diverged(world, session, rollout, reading, spell(expected), stop);
}

/** A router that is away for a moment ends nothing that a watch would not have ended. */
async function readPatiently(
  world: World,
  budget: Milliseconds,
  stop: AbortSignal,
): Promise<TrafficReading | null> {
  const until = world.clock.monotonic() + budget;
  for (;;) {
    const reading = await readTraffic(world, stop);
    if (reading !== null || stop.aborted || world.clock.monotonic() + READ_PAUSE >= until) return reading;
    await world.clock.sleep(READ_PAUSE, stop);
  }
}

/** What the provider counts from: the last look before nobody watched any more. */
async function setBaseLine(world: World, rollout: Rollout, from: EpochMs, stop: AbortSignal): Promise<void> {
  const { canary, stable, plan } = rollout;
  note(world, 'info', `looking at what happened since ${new Date(from).toISOString()}`);
  world.history?.lookAt(from);
  const arms = { canary: canary.slot, stable: stable?.slot ?? null, elapsed: 0 };
  await world.metrics.sample(arms, deadline(Math.max(plan.tick, 1_000), stop));
}

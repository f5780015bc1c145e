import type { TickVerdict } from '../core/analysis/verdict.ts';
import type { Finding } from '../core/checks/finding.ts';
import type { RolloutEvent } from '../core/rollout/events.ts';
import { isServed } from '../core/rollout/parking.ts';
import type { Reason } from '../core/rollout/reason.ts';
import type { Rollout } from '../core/rollout/record.ts';
import type { EpochMs, Milliseconds } from '../core/units.ts';
import { AdapterError } from '../ports/adapter-error.ts';
import type { TrafficReading } from '../ports/traffic-router.ts';
import { judged } from './judged.ts';
import type { Session } from './session.ts';
import { agree, callDeadline, leaseFor, readTraffic, sharesOf, spell } from './steer-traffic.ts';
import { reasonOf } from './stop-reason.ts';
import type { World } from './world.ts';

/** How far the record of an abort may lag behind its traffic before nobody is thought to have made it. */
const ABORT_RECORDED_WITHIN: Milliseconds = 1_000;

/** Where the watch has come to between two ticks. */
export interface Pace {
  /** Not before this moment may the bake be left alone. */
  readonly parkFrom: Milliseconds;
  lastTick: Milliseconds;
  nextTick: Milliseconds;
  routerSilentMs: Milliseconds;
}

/**
 * `reached`: up to where the bake has been looked at in hindsight; null when it has just begun. A bake that lacks nothing
 * but a present that is well is watched as long as a new one before it is left alone again.
 */
export function startPace(world: World, rollout: Rollout, step: number, reached: EpochMs | null): Pace {
  const { tick, parking } = rollout.plan;
  const now = world.clock.monotonic();
  const lastTick = now - (reached === null ? 0 : Math.max(0, world.clock.now() - reached));
  const watch = parking?.watch ?? 0;
  const parkFrom = now + (reached === null ? watch : isServed(rollout, step) ? Math.max(tick, watch) : tick);
  return { parkFrom, lastTick, nextTick: now + tick, routerSilentMs: 0 };
}

/**
 * Waits for the next tick of a bake, looks at the router and at the KPIs, and says what was seen.
 * Null when the ledger shows that somebody else drives the rollout now.
 */
export async function watchTick(
  world: World,
  session: Session,
  rollout: Rollout,
  step: number,
  pace: Pace,
  stop: AbortSignal,
): Promise<RolloutEvent | null> {
  const { tick } = rollout.plan;
  await world.clock.sleep(Math.max(0, pace.nextTick - world.clock.monotonic()), stop);
  const now = world.clock.monotonic();
  const elapsed = now - pace.lastTick;
  pace.lastTick = now;
  pace.nextTick = Math.max(pace.nextTick + tick, now + tick / 2);
  const by = { at: world.clock.now(), by: world.owner };
  if (stop.aborted) return { ...by, type: 'abort-requested', rollout: rollout.id, reason: reasonOf(stop) };

  const renewed = await renew(world, rollout, stop);
  const reading = await readTraffic(world, stop);
  if (reading === null) return routerSilent(world, rollout, step, pace, elapsed);
  pace.routerSilentMs = 0;
  const expected = sharesOf(rollout.canary.slot, rollout.plan.steps[step]?.weight ?? 0);
  if (!agree(reading.shares, expected) || renewed === 'lost') {
    return diverged(world, session, rollout, reading, spell(expected), stop);
  }
  // Time that nobody watched, such as a machine asleep, is neither served bake nor evidence.
  const look = { at: null, elapsed: Math.min(elapsed, 2 * tick), traffic: reading };
  return judged(world, rollout, step, look, stop);
}

async function renew(
  world: World,
  rollout: Rollout,
  stop: AbortSignal,
): Promise<'held' | 'lost' | 'unknown'> {
  try {
    const lease = leaseFor(world, rollout.id, rollout.canary.slot);
    await world.router.renew(lease, callDeadline(world, stop));
    return 'held';
  } catch (error) {
    if (error instanceof AdapterError && error.code === 'fenced') return 'lost';
    if (error instanceof AdapterError) return 'unknown';
    throw error;
  }
}

export async function diverged(
  world: World,
  session: Session,
  rollout: Rollout,
  reading: TrafficReading,
  expected: string,
  stop: AbortSignal,
): Promise<RolloutEvent | null> {
  const before = session.overtaken;
  await session.refresh(stop);
  if (session.overtaken === before && reading.shares[rollout.canary.slot] === 0 && reading.lapsed === null) {
    // Whoever took traffic home tells the router first and the ledger a moment later.
    await world.clock.sleep(ABORT_RECORDED_WITHIN, stop);
    await session.refresh(stop);
  }
  if (session.overtaken !== before) return null;
  const by = { at: world.clock.now(), by: world.owner };
  if (reading.lapsed === rollout.id) return { ...by, type: 'lease-lapsed' };
  const message = `the router should be at ${expected} and is at ${spell(reading.shares)}; nobody recorded why`;
  return {
    ...by,
    type: 'abort-requested',
    rollout: rollout.id,
    reason: { code: 'weight-diverged', message },
  };
}

function routerSilent(
  world: World,
  rollout: Rollout,
  step: number,
  pace: Pace,
  elapsed: Milliseconds,
): RolloutEvent {
  pace.routerSilentMs += elapsed;
  const by = { at: world.clock.now(), by: world.owner };
  const reason: Reason = {
    code: 'router-unavailable',
    message: 'the router does not answer, so the weight is unknown',
  };
  if (pace.routerSilentMs > rollout.plan.budgets.shift)
    return { ...by, type: 'abort-requested', rollout: rollout.id, reason };
  const findings: Finding[] = [
    { check: 'router', title: 'Router', status: 'error', observed: 'no answer', expected: 'its weights' },
  ];
  const verdict: TickVerdict = { kind: 'hold', reason };
  return { ...by, type: 'ticked', step, elapsed, analysis: rollout.analysis, verdict, findings };
}

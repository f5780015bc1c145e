import { analyse } from '../core/analysis/analyse.ts';
import { comparisonRules } from '../core/analysis/comparison/rules.ts';
import type { Judging } from '../core/analysis/judge/settings.ts';
import type { Sample } from '../core/analysis/sample.ts';
import type { TickVerdict } from '../core/analysis/verdict.ts';
import type { Finding } from '../core/checks/finding.ts';
import type { RolloutEvent } from '../core/rollout/events.ts';
import { REASON_CODES, type Reason } from '../core/rollout/reason.ts';
import type { Rollout } from '../core/rollout/record.ts';
import type { Milliseconds } from '../core/units.ts';
import { AdapterError } from '../ports/adapter-error.ts';
import { deadline } from '../ports/deadline.ts';
import type { TrafficReading } from '../ports/traffic-router.ts';
import type { Session } from './session.ts';
import { agree, callDeadline, leaseFor, readTraffic, sharesOf, spell } from './steer-traffic.ts';
import type { World } from './world.ts';

/** How far the record of an abort may lag behind its traffic before nobody is thought to have made it. */
const ABORT_RECORDED_WITHIN: Milliseconds = 1_000;

/** Where the watch has come to between two ticks. */
export interface Pace {
  lastTick: Milliseconds;
  nextTick: Milliseconds;
  routerSilentMs: Milliseconds;
}

export function startPace(world: World, tick: Milliseconds): Pace {
  const now = world.clock.monotonic();
  return { lastTick: now, nextTick: now + tick, routerSilentMs: 0 };
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
  return judged(world, rollout, step, elapsed, reading, stop);
}

/** What the stop signal was fired with; anything that is not a Reason counts as a cancel. */
export function reasonOf(stop: AbortSignal): Reason {
  const reason: unknown = stop.reason;
  if (isReason(reason)) return reason;
  return { code: 'cancelled', message: 'the run was cancelled' };
}

function isReason(value: unknown): value is Reason {
  if (typeof value !== 'object' || value === null || !('code' in value) || !('message' in value))
    return false;
  return REASON_CODES.some((code) => code === value.code) && typeof value.message === 'string';
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

async function diverged(
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

async function judged(
  world: World,
  rollout: Rollout,
  step: number,
  elapsed: Milliseconds,
  traffic: TrafficReading,
  stop: AbortSignal,
): Promise<RolloutEvent> {
  const { plan, canary, stable } = rollout;
  const { weight = 0, require } = plan.steps[step] ?? {};
  // Time that nobody watched, such as a machine asleep, is neither served bake nor evidence.
  const watched = Math.min(elapsed, 2 * plan.tick);
  const sample: Sample = await world.metrics.sample(
    { canary: canary.slot, stable: stable?.slot ?? null, elapsed: watched },
    deadline(Math.max(plan.tick, 1_000), stop),
  );
  const by = { at: world.clock.now(), by: world.owner };
  if (stop.aborted) return { ...by, type: 'abort-requested', rollout: rollout.id, reason: reasonOf(stop) };
  const { kpis, share } = world;
  const comparison = world.comparison === null ? null : comparisonRules(world.comparison, plan);
  const judging = judgingOf(world, rollout, step, watched);
  const rules = { kpis, share, comparison, require, judging };
  const seen = analyse({ ...rules, state: rollout.analysis, sample, weight });
  const { state: analysis, verdict, findings } = seen;
  const steps = rollout.steps.map((one, at) =>
    at === step
      ? { ...one, servedMs: one.servedMs + (verdict.kind === 'hold' ? 0 : watched), findings }
      : one,
  );
  world.observe({
    type: 'tick',
    at: by.at,
    rollout: { ...rollout, analysis, steps },
    sample,
    verdict,
    traffic,
  });
  return { ...by, type: 'ticked', step, elapsed: watched, analysis, verdict, findings };
}

function judgingOf(
  { judge }: World,
  { plan, steps }: Rollout,
  step: number,
  watched: Milliseconds,
): Judging | null {
  const [planned, progress] = [plan.steps[step], steps[step]];
  if (judge === null || planned === undefined || progress === undefined) return null;
  const bake = { served: progress.servedMs + watched, of: planned.bake, most: planned.maxBake };
  return { settings: judge, bake };
}

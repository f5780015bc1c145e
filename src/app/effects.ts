import type { Effect, RolloutEvent } from '../core/rollout/events.ts';
import type { Reason } from '../core/rollout/reason.ts';
import type { Rollout } from '../core/rollout/record.ts';
import { messageOf } from '../ports/adapter-error.ts';
import { deadline } from '../ports/deadline.ts';
import type { Session } from './session.ts';
import {
  agree,
  allOn,
  leaseFor,
  notHome,
  readTraffic,
  type Steered,
  sharesOf,
  spell,
  steer,
} from './steer-traffic.ts';
import { reasonOf } from './stop-reason.ts';
import { healthOf, verify } from './verify.ts';
import type { World } from './world.ts';

export type Performed =
  | { readonly kind: 'event'; readonly event: RolloutEvent }
  | { readonly kind: 'fenced' }
  | { readonly kind: 'stuck'; readonly reason: Reason };

/** Performs one effect and says what came of it. */
export async function perform(
  world: World,
  session: Session,
  rollout: Rollout,
  effect: Effect,
  stop: AbortSignal,
): Promise<Performed> {
  const movesOn = effect.type === 'deploy' || effect.type === 'shift' || effect.type === 'settle';
  if (movesOn && stop.aborted && rollout.kind !== 'rollback') return aborting(world, rollout, reasonOf(stop));
  switch (effect.type) {
    case 'deploy':
      return deploy(world, session, rollout, stop);
    case 'shift':
      return shift(world, session, rollout, effect.step, stop);
    case 'settle':
      return settle(world, session, rollout, stop);
    case 'verify':
      return verified(world, session, rollout, effect.placement, stop);
    case 'come-home':
    case 'watch':
    case 'catch-up':
    case 'stop':
      return { kind: 'fenced' };
  }
}

function event(world: World, what: { readonly type: 'deployed' } | { readonly type: 'settled' }): Performed {
  return { kind: 'event', event: { at: world.clock.now(), by: world.owner, ...what } };
}

function aborting(world: World, rollout: Rollout, reason: Reason): Performed {
  const by = { at: world.clock.now(), by: world.owner, rollout: rollout.id };
  return { kind: 'event', event: { ...by, type: 'abort-requested', reason } };
}

async function deploy(
  world: World,
  session: Session,
  rollout: Rollout,
  stop: AbortSignal,
): Promise<Performed> {
  const { canary, stable, plan, kind } = rollout;
  if (stable !== null) {
    // Proves that the slot gets no traffic before it is deployed over, and outdates every token handed out before.
    const order = { shares: allOn(stable.slot), lease: null, token: session.revision };
    const steered = await steer(world, order, plan.budgets.shift, stop);
    if (steered.kind === 'failed') return unsteered(world, session, rollout, steered, stop);
    // A deploy cannot be fenced: the last moment to learn that somebody else has the slot is now.
    if (await overtaken(session)) return { kind: 'fenced' };
  }
  const limit = deadline(plan.budgets.deploy, stop);
  const failed = (reason: Reason): Performed => ({
    kind: 'event',
    event: { at: world.clock.now(), by: world.owner, type: 'deploy-failed', reason, findings: [] },
  });
  try {
    const how = await world.target.deploy(canary, limit);
    // A version that was kept has just answered; going back does not wait for more.
    if (kind === 'rollback' && how === 'already-running') return event(world, { type: 'deployed' });
  } catch (error) {
    if (stop.aborted) return aborting(world, rollout, reasonOf(stop));
    const message = `${canary.version} could not be deployed to slot ${canary.slot}: ${messageOf(error)}`;
    return failed({ code: 'deploy-failed', message });
  }
  const findings = await healthOf(world, canary, limit);
  if (stop.aborted) return aborting(world, rollout, reasonOf(stop));
  const ill = findings.find((finding) => finding.status !== 'pass');
  if (ill === undefined) return event(world, { type: 'deployed' });
  const message = `${canary.version} is not healthy in slot ${canary.slot}: ${ill.title}: ${ill.observed}, expected ${ill.expected}`;
  return failed({ code: 'health-failed', message });
}

async function shift(
  world: World,
  session: Session,
  rollout: Rollout,
  step: number,
  stop: AbortSignal,
): Promise<Performed> {
  const { slot } = rollout.canary;
  const shares = sharesOf(slot, rollout.plan.steps[step]?.weight ?? 0);
  const order = { shares, lease: leaseFor(world, rollout.id, slot), token: session.revision };
  const steered = await steer(world, order, rollout.plan.budgets.shift, stop);
  if (steered.kind === 'failed') return unsteered(world, session, rollout, steered, stop);
  return { kind: 'event', event: { at: world.clock.now(), by: world.owner, type: 'shifted', step } };
}

async function settle(
  world: World,
  session: Session,
  rollout: Rollout,
  stop: AbortSignal,
): Promise<Performed> {
  const { shift: budget } = rollout.plan.budgets;
  const until = rollout.kind === 'rollback' ? deadline(budget) : stop;
  const order = { shares: allOn(rollout.canary.slot), lease: null, token: session.revision };
  const steered = await steer(world, order, budget, until);
  if (steered.kind === 'failed') return unsteered(world, session, rollout, steered, stop);
  return event(world, { type: 'settled' });
}

async function unsteered(
  world: World,
  session: Session,
  rollout: Rollout,
  steered: Extract<Steered, { kind: 'failed' }>,
  stop: AbortSignal,
): Promise<Performed> {
  if (steered.reason.code === 'fenced' && (await overtaken(session))) return { kind: 'fenced' };
  if (rollout.kind !== 'rollback')
    return aborting(world, rollout, stop.aborted ? reasonOf(stop) : steered.reason);
  return { kind: 'stuck', reason: notHome(world, rollout.plan.budgets.shift, steered.reason.message) };
}

/** Whether the ledger has moved on without us. */
async function overtaken(session: Session): Promise<boolean> {
  const before = session.overtaken;
  await session.refresh(deadline(5_000));
  return session.overtaken !== before;
}

async function verified(
  world: World,
  session: Session,
  rollout: Rollout,
  placement: Parameters<typeof verify>[2],
  stop: AbortSignal,
): Promise<Performed> {
  const verification = await verify(world, rollout, placement, stop);
  const forward = rollout.phase.name === 'verifying';
  if (forward && rollout.kind === 'canary' && stop.aborted) return aborting(world, rollout, reasonOf(stop));
  if (forward) {
    // Verification takes its time: what the router says right before the end is what counts.
    const reading = await readTraffic(world, deadline(5_000));
    if (reading !== null && !agree(reading.shares, allOn(rollout.canary.slot))) {
      if (await overtaken(session)) return { kind: 'fenced' };
      const message = `all traffic should be on slot ${rollout.canary.slot}, but the router says ${spell(reading.shares)}`;
      if (rollout.kind !== 'rollback') return aborting(world, rollout, { code: 'weight-diverged', message });
      return { kind: 'stuck', reason: notHome(world, rollout.plan.budgets.shift, message) };
    }
  }
  return { kind: 'event', event: { at: world.clock.now(), by: world.owner, type: 'verified', verification } };
}

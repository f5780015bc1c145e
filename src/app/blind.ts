import { type Operation, type Result, toResult } from '../core/result.ts';
import type { Reason } from '../core/rollout/reason.ts';
import { emptyRecord, type Slot } from '../core/rollout/record.ts';
import type { Milliseconds } from '../core/units.ts';
import { deadline } from '../ports/deadline.ts';
import { refuse } from './conclude.ts';
import { allOn, notHome, readTraffic, steer } from './steer-traffic.ts';
import type { World } from './world.ts';

/**
 * The ledger is away and traffic must go home all the same. The router's own lease says where home is, or
 * else whoever asks; with neither, nothing is guessed.
 */
export async function goHomeBlind(
  world: World,
  operation: Operation,
  why: Reason,
  /** Where home is when no lease tells; and whose lease alone may be ended, null for any. */
  told: { readonly slot: Slot | null; readonly rollout: string | null },
  budget: Milliseconds,
): Promise<Result> {
  const blank = emptyRecord(world.service, world.environment);
  const reading = await readTraffic(world, deadline(5_000));
  const lease = reading?.lease ?? null;
  if (lease !== null && told.rollout !== null && lease.holder !== told.rollout) {
    const message = `the router is held by ${lease.holder}; nothing of ${told.rollout} is left to take home`;
    return refuse(blank, operation, { code: 'nothing-to-do', message });
  }
  const slot = lease?.fallback ?? told.slot;
  if (slot === null) {
    const message = `${why.message}; the router holds no lease that tells which slot is stable: name it with to-slot`;
    return refuse(blank, operation, { code: 'ledger-unavailable', message });
  }
  const shift = { shares: allOn(slot), lease: null, token: reading?.token ?? 0 };
  const steered = await steer(world, shift, budget, deadline(budget));
  if (steered.kind === 'failed')
    return refuse(blank, operation, notHome(world, budget, steered.reason.message));
  const warnings = [`${why.message}; run reconcile when it is back`];
  const message = `all traffic is on slot ${slot} again`;
  return toResult(blank, {
    operation,
    verdict: 'pass',
    reasonCode: 'restored',
    message,
    weight: 0,
    warnings,
  });
}

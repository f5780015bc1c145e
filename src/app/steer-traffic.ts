import type { Reason } from '../core/rollout/reason.ts';
import { otherSlot, type Slot } from '../core/rollout/record.ts';
import { formatDuration, type Milliseconds, type Percent } from '../core/units.ts';
import { AdapterError, messageOf } from '../ports/adapter-error.ts';
import { deadline } from '../ports/deadline.ts';
import type { Lease, Shares, Shift, TrafficReading } from '../ports/traffic-router.ts';
import type { World } from './world.ts';

export type Steered =
  | { readonly kind: 'steered'; readonly reading: TrafficReading }
  | { readonly kind: 'failed'; readonly reason: Reason };

/** Weights are read back as equal within this many points. */
export const WEIGHT_TOLERANCE: Percent = 0.5;
/** The finest share of any router is 0.01 %; less is dust of an arithmetic. */
const NOTHING: Percent = 0.005;
const SLOTS: readonly Slot[] = ['a', 'b'];
/** What a call may take beyond the router's own timeout, before it is given up as stuck. */
const GRACE: Milliseconds = 500;
const RETRY_PAUSE: Milliseconds = 200;
/** A router that says something else than it was told this often is not merely slow. */
const MISMATCHES = 3;

export function sharesOf(canary: Slot, weight: Percent): Shares {
  const rest = 100 - weight;
  return canary === 'a' ? { a: weight, b: rest } : { a: rest, b: weight };
}

export function allOn(slot: Slot): Shares {
  return sharesOf(slot, 100);
}

/** Near enough, and nothing is nothing: a slot that should have no traffic may not have a little. */
export function agree(left: Shares, right: Shares): boolean {
  return SLOTS.every(
    (slot) =>
      Math.abs(left[slot] - right[slot]) <= WEIGHT_TOLERANCE &&
      isNothing(left[slot]) === isNothing(right[slot]),
  );
}

function isNothing(share: Percent): boolean {
  return share < NOTHING;
}

export function leaseFor(world: World, holder: string, canary: Slot): Lease {
  return { holder, ttl: world.leaseTtl, fallback: otherSlot(canary) };
}

/**
 * Makes the router's weights what the shift says, and believes it only when the router says so itself.
 * Tries again until `budget` is used up or `signal` aborts; a stale token ends it at once.
 */
export async function steer(
  world: World,
  shift: Shift,
  budget: Milliseconds,
  signal: AbortSignal,
): Promise<Steered> {
  const until = world.clock.monotonic() + budget;
  let mismatches = 0;
  for (;;) {
    const attempt = await steerOnce(world, shift, signal);
    if (attempt.kind === 'steered') return attempt;
    mismatches += attempt.reason.code === 'weight-diverged' ? 1 : 0;
    const spent = world.clock.monotonic() + RETRY_PAUSE >= until;
    if (attempt.reason.code === 'fenced' || mismatches >= MISMATCHES || spent || signal.aborted) {
      return lastLook(world, shift, attempt);
    }
    await world.clock.sleep(RETRY_PAUSE, signal);
  }
}

async function steerOnce(world: World, shift: Shift, signal: AbortSignal): Promise<Steered> {
  try {
    await world.router.shift(shift, callDeadline(world, signal));
    const reading = await world.router.read(callDeadline(world, signal));
    if (agree(reading.shares, shift.shares)) return { kind: 'steered', reading };
    const message = `the router was told ${spell(shift.shares)} and says ${spell(reading.shares)}`;
    return { kind: 'failed', reason: { code: 'weight-diverged', message } };
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    // The shift may have taken effect although its answer was lost, or the lease may have brought traffic home first.
    const reading = signal.aborted ? null : await readTraffic(world, signal);
    if (reading !== null && isAsAsked(reading, shift) && isOutranked(world, reading, shift)) {
      return { kind: 'steered', reading };
    }
    if (error.code === 'fenced')
      return { kind: 'failed', reason: { code: 'fenced', message: error.message } };
    const message = `the router did not take ${spell(shift.shares)}: ${messageOf(error)}`;
    return { kind: 'failed', reason: { code: 'shift-failed', message } };
  }
}

/** A shift that never arrived, or is still under way, can only be taken for done when the router knows its token. */
function isOutranked(world: World, reading: TrafficReading, shift: Shift): boolean {
  return !world.router.capabilities.fencing || reading.token >= shift.token;
}

/** No more time to insist: if traffic is where it should be for good, that is what people are told. */
async function lastLook(world: World, shift: Shift, attempt: Steered): Promise<Steered> {
  if (shift.lease !== null) return attempt;
  const reading = await readTraffic(world, deadline(callLimit(world)));
  return reading !== null && isAsAsked(reading, shift) ? { kind: 'steered', reading } : attempt;
}

function isAsAsked(reading: TrafficReading, shift: Shift): boolean {
  const holder = shift.lease?.holder ?? null;
  return agree(reading.shares, shift.shares) && (reading.lease?.holder ?? null) === holder;
}

export function callDeadline(world: World, signal: AbortSignal): AbortSignal {
  return deadline(callLimit(world), signal);
}

function callLimit({ router }: World): Milliseconds {
  return router.timeout + GRACE;
}

/** Asks the router once; null when it does not answer, and `tell` gets why. */
export async function readTraffic(
  world: World,
  signal: AbortSignal,
  tell?: (why: string) => void,
): Promise<TrafficReading | null> {
  try {
    return await world.router.read(callDeadline(world, signal));
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    tell?.(error.message);
    return null;
  }
}

export function spell(shares: Shares): string {
  return `a ${shares.a} %, b ${shares.b} %`;
}

export function notHome(world: World, budget: Milliseconds, why: string): Reason {
  const message =
    `TRAFFIC MAY STILL BE ON THE CANARY of ${world.service} in ${world.environment}: ` +
    `the router could not be brought back within ${formatDuration(budget)} (${why}). ` +
    'Set its weight to 0 by hand, then run reconcile.';
  return { code: 'traffic-not-home', message };
}

import type { Slot } from '../../../core/rollout/record.ts';
import { otherSlot } from '../../../core/rollout/record.ts';
import type { Milliseconds } from '../../../core/units.ts';
import type { Lease, Shares, Shift } from '../../../ports/traffic-router.ts';

/** The rules of the embedded router. Pure: `now` is the monotonic time of the caller. */

export interface HeldLease extends Lease {
  /** Monotonic time at which it runs out. */
  readonly deadline: Milliseconds;
}

export interface TrafficState {
  readonly shares: Shares;
  readonly lease: HeldLease | null;
  readonly lapsed: string | null;
  /** The largest fencing token seen. */
  readonly token: number;
}

export type Decision =
  | { readonly kind: 'accepted'; readonly state: TrafficState }
  | { readonly kind: 'fenced'; readonly message: string };

export function allOn(slot: Slot): Shares {
  return slot === 'a' ? { a: 100, b: 0 } : { a: 0, b: 100 };
}

/** Whether the shift gives the held lease's fallback more traffic, or all of it. Such a shift is never refused. */
export function bringsHome(state: TrafficState, shift: Shift): boolean {
  if (state.lease === null) return false;
  const { fallback } = state.lease;
  return shift.shares[otherSlot(fallback)] === 0 || shift.shares[fallback] > state.shares[fallback];
}

export function decideShift(state: TrafficState, shift: Shift, now: Milliseconds): Decision {
  const stale = shift.token < state.token;
  if (stale && !bringsHome(state, shift)) {
    return {
      kind: 'fenced',
      message:
        `expected a token of at least ${state.token}, got ${shift.token}: somebody else has taken over. ` +
        'Read the ledger anew and stop if this rollout is no longer yours',
    };
  }
  const lease = stale ? leaseAfterStale(state, shift) : leaseOf(shift.lease, now);
  const token = Math.max(state.token, shift.token);
  return { kind: 'accepted', state: { shares: shift.shares, lease, lapsed: null, token } };
}

function leaseOf(lease: Lease | null, now: Milliseconds): HeldLease | null {
  return lease === null ? null : { ...lease, deadline: now + lease.ttl };
}

/** A stale owner may lower; it can neither take the lease over nor let a canary that still has traffic go without one. */
function leaseAfterStale(state: TrafficState, shift: Shift): HeldLease | null {
  if (state.lease === null) return null;
  const allHome = shift.shares[otherSlot(state.lease.fallback)] === 0;
  return allHome && shift.lease === null ? null : state.lease;
}

export function decideRenewal(
  state: TrafficState,
  holder: string,
  ttl: Milliseconds,
  now: Milliseconds,
): Decision {
  if (state.lease?.holder === holder) {
    return { kind: 'accepted', state: { ...state, lease: { ...state.lease, ttl, deadline: now + ttl } } };
  }
  const seen = state.lease === null ? 'no lease is held' : `"${state.lease.holder}" holds the lease`;
  const lapsed = state.lapsed === null ? '' : ` (the lease of "${state.lapsed}" ran out)`;
  return {
    kind: 'fenced',
    message: `expected a lease held by "${holder}", but ${seen}${lapsed}. Shift again to take a lease`,
  };
}

/** All traffic on the fallback once the lease has run out; the very same state while it has not. */
export function afterLapse(state: TrafficState, now: Milliseconds): TrafficState {
  if (state.lease === null || now < state.lease.deadline) return state;
  return lapse(state, state.lease);
}

/** After a restart nobody knows what a lease's holder did meanwhile: it counts as run out. */
export function lapse(state: TrafficState, lease: Lease): TrafficState {
  return { ...state, shares: allOn(lease.fallback), lease: null, lapsed: lease.holder };
}

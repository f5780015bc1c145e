import type { Slot } from '../core/rollout/record.ts';
import type { EpochMs, Milliseconds, Percent } from '../core/units.ts';

/** Each slot's share of traffic; the two add up to 100. */
export type Shares = Readonly<Record<Slot, Percent>>;

/** While held, weight falls back to the slot `fallback` when nobody renews it in time. */
export interface Lease {
  /** The rollout's id. */
  readonly holder: string;
  readonly ttl: Milliseconds;
  readonly fallback: Slot;
}

export interface Shift {
  readonly shares: Shares;
  /** Null settles the shares for good. */
  readonly lease: Lease | null;
  /**
   * Fencing token: the ledger revision under which the shift is made. A router that can must refuse a
   * smaller token than the largest it has seen, unless the shift gives a held lease's fallback more traffic.
   */
  readonly token: number;
}

export interface TrafficReading {
  readonly shares: Shares;
  readonly lease: { readonly holder: string; readonly fallback: Slot; readonly expiresAt: EpochMs } | null;
  /** The holder whose lease ran out last, until the next shift. */
  readonly lapsed: string | null;
  /** The largest fencing token seen; 0 where the router has none. */
  readonly token: number;
}

export interface RouterCapabilities {
  /** Weight falls to 0 by itself when the lease is not renewed. */
  readonly lease: boolean;
  /** Refuses a stale owner's shift by its token. */
  readonly fencing: boolean;
}

/** Splits traffic between the two slots. Every call must end within `timeout`; failures are AdapterErrors. */
export interface TrafficRouter {
  readonly name: string;
  /** How long one call may take at most. */
  readonly timeout: Milliseconds;
  readonly capabilities: RouterCapabilities;
  /** What the weights really are, asked of the router now. */
  read(signal: AbortSignal): Promise<TrafficReading>;
  shift(shift: Shift, signal: AbortSignal): Promise<void>;
  /** Keeps the lease alive; a router without leases does nothing. Rejects as `fenced` when another holds it, or it has lapsed. */
  renew(lease: Lease, signal: AbortSignal): Promise<void>;
}

import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { EpochMs } from '../../../core/units.ts';
import { AdapterError } from '../../../ports/adapter-error.ts';
import { deadline } from '../../../ports/deadline.ts';
import type { TrafficState } from '../embedded/traffic-state.ts';
import type { KeyvalApi, Value } from './api.ts';
import type { Call } from './request.ts';
import {
  type Leased,
  leasedText,
  PROVIDER,
  parseLeased,
  parseSettled,
  type Seen,
  type Settled,
  type Settling,
  seenOf,
  settledText,
} from './values.ts';

/** The key of one service, in the two zones that hold it. */
export interface Zones {
  readonly zone: string;
  readonly 'lease-zone': string;
  readonly key: string;
}

/** One nginx of those that split the traffic of a service. */
export interface Instance {
  readonly url: string;
  readonly look: (call: Call) => Promise<Seen>;
  /** Keeps other writers out. Answers what lets them in again. */
  readonly lock: (call: Call) => Promise<() => Promise<void>>;
  /** Brings it from what was seen into that state, by as many writes as differ. */
  readonly bring: (seen: Seen, state: TrafficState, now: EpochMs, call: Call) => Promise<void>;
  /** False when there is no lease any more. */
  readonly prolong: (leased: Leased, call: Call) => Promise<boolean>;
}

const RETRY_PAUSE = 20;
const RELEASE = 250;

export function createInstance(api: KeyvalApi, { zone, 'lease-zone': leases, key }: Zones): Instance {
  const put = async (where: string, value: Value, call: Call): Promise<void> => {
    if ((await api.change(where, key, value, call)) === 'written') return;
    if ((await api.add(where, key, value, call)) === 'written') return;
    // Somebody without a lock has made it in between.
    if ((await api.change(where, key, value, call)) !== 'written') throw restless(api.url, key);
  };
  const settle = (settled: Settled, call: Call): Promise<void> =>
    put(zone, { value: settledText(settled), expire: null }, call);
  const lease = async (leased: Leased | null, now: EpochMs, call: Call): Promise<void> => {
    if (leased === null) await api.change(leases, key, null, call);
    else await put(leases, { value: leasedText(leased), expire: leased.until - now }, call);
  };
  return {
    url: api.url,
    async look(call) {
      // In this order: a promotion settles its weight before it takes the lease away.
      const leased = await api.get(leases, key, call);
      const settled = await api.get(zone, key, call);
      const place = (name: string): string => `"${key}" of the zone ${name} at ${api.url}`;
      return {
        settled: settled === null ? null : parseSettled(place(zone), settled),
        leased: leased === null ? null : parseLeased(place(leases), leased),
      };
    },
    lock: (call) => lockOf(api, leases, `${key}.lock`, call),
    async bring(seen, state, now, call) {
      const next = seenOf(state);
      const settling = (): Promise<void> => settle(next.settled, call);
      const leasing = (): Promise<void> => lease(next.leased, now, call);
      for (const what of writesOf(seen, next)) await (what === 'settled' ? settling() : leasing());
    },
    async prolong(leased, call) {
      const value = { value: leasedText(leased), expire: leased.ttl };
      return (await api.change(leases, key, value, call)) === 'written';
    },
  };
}

type Part = 'settled' | 'leased';

/**
 * What must be written, in the order in which the users' traffic never goes where neither the old nor the new state
 * has it. On the way home the lease is taken away first: that one write is the abort.
 */
function writesOf(seen: Seen, next: Settling): readonly Part[] {
  const isSettled = JSON.stringify(seen.settled) === JSON.stringify(next.settled);
  const isLeased = next.leased === null && seen.leased === null;
  const isSame = seen.settled?.shares.b === next.settled.shares.b;
  const isLeaseFirst = next.leased === null ? isSame : seen.leased === null && !isSame;
  const order: readonly Part[] = isLeaseFirst ? ['leased', 'settled'] : ['settled', 'leased'];
  return order.filter((part) => (part === 'settled' ? !isSettled : !isLeased));
}

/** A lock is a key that only one writer can add. Whoever dies with it keeps others out no longer than two calls may take. */
async function lockOf(api: KeyvalApi, zone: string, key: string, call: Call): Promise<() => Promise<void>> {
  const value = { value: randomUUID(), expire: 2 * call.timeout };
  for (let isHeld = false; ; isHeld = true) {
    const written = await api.add(zone, key, value, call).catch((error: unknown) => {
      throw isHeld && call.until.aborted ? gaveUp(api.url, call) : error;
    });
    if (written === 'written') break;
    await pause(RETRY_PAUSE, undefined, { signal: call.until }).catch(() => undefined);
    if (call.until.aborted) throw gaveUp(api.url, call);
  }
  return async () => {
    const until = deadline(RELEASE);
    // Where that fails, it runs out.
    await api.change(zone, key, null, { signal: until, until, timeout: RELEASE }).catch(() => undefined);
  };
}

function restless(url: string, key: string): AdapterError {
  const message = `expected "${key}" at ${url} to be there or not, saw both in turn; look for another writer of that key`;
  return new AdapterError(PROVIDER, 'refused', message, { retryable: true });
}

function gaveUp(url: string, { signal }: Call): AdapterError {
  const message = `expected to write the weights at ${url}, saw that another writer was at it all the time`;
  return new AdapterError(PROVIDER, 'timeout', message, { retryable: !signal.aborted });
}

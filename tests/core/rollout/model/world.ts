import {
  emptyRecord,
  type Owner,
  otherSlot,
  type ServiceRecord,
  type Slot,
} from '../../../../src/core/rollout/record.ts';
import type { Append, LedgerEntry } from '../../../../src/ports/ledger.ts';
import type {
  RouterCapabilities,
  Shares,
  Shift,
  TrafficReading,
} from '../../../../src/ports/traffic-router.ts';

/**
 * How one part of the outside world misbehaves. `deaf`: it does what it is told, but the answer is lost.
 * `lies`: a router that says that it has shifted, and has not.
 */
export type Fault = 'none' | 'read-only' | 'refuses' | 'deaf' | 'lies';

/** Who does something: a signal handler has the owner id of the process that it belongs to, and another name. */
export interface By {
  readonly name: string;
  readonly owner: Owner;
}

/** Everything that can be seen from outside, as it happens. */
export type Occurrence =
  | {
      readonly type: 'appended';
      readonly by: By;
      readonly entry: LedgerEntry;
      readonly before: ServiceRecord;
    }
  | {
      readonly type: 'shifted';
      readonly by: By;
      readonly shift: Shift;
      readonly before: TrafficReading;
      readonly after: TrafficReading;
    }
  /** The writer does not know whether its entry was written. */
  | { readonly type: 'unwritten'; readonly by: By }
  | { readonly type: 'read'; readonly by: By; readonly reading: TrafficReading }
  | {
      readonly type: 'looked';
      readonly by: By;
      readonly rollout: string;
      readonly step: number;
      readonly elapsed: number;
      readonly verdict: 'pass' | 'short-of-samples' | 'hold' | 'fail';
      /** The canary is proven no worse than stable. */
      readonly cleared: boolean;
    };

export type Watcher = (occurrence: Occurrence) => void;
export type Refused = 'fenced' | 'down';

/** A router as `src/ports/traffic-router.ts` promises it, and a ledger as `src/ports/ledger.ts` does. */
export interface World {
  readonly capabilities: RouterCapabilities;
  /** What happened, put into words only when somebody asks. */
  readonly trace: (() => string)[];
  faults: { router: Fault; ledger: Fault };
  now: number;
  /** Answers to "which of k?": 0 is the friendly one. */
  choose: (among: number) => number;
  readonly newest: () => LedgerEntry | null | 'down';
  readonly append: (by: By, expected: number, note: string, record: ServiceRecord) => Append | 'down';
  readonly shift: (by: By, shift: Shift) => 'done' | Refused;
  readonly renew: (by: By, holder: string, ttl?: number) => 'done' | Refused;
  readonly read: (by: By) => TrafficReading | 'down';
  readonly pass: (ms: number) => void;
  /** What is true, for checkers only. */
  readonly truth: () => { readonly record: ServiceRecord; readonly reading: TrafficReading };
  readonly watch: (watcher: Watcher) => void;
  readonly tell: Watcher;
}

export const LEASE_TTL = 3_000;
const FRIENDLY = (): number => 0;

export function shares(slot: Slot, weight: number): Shares {
  return slot === 'a' ? { a: weight, b: 100 - weight } : { a: 100 - weight, b: weight };
}

export function createWorld(capabilities: RouterCapabilities): World {
  const watchers: Watcher[] = [];
  const world: Omit<World, keyof Ledger | keyof Router | 'truth'> = {
    capabilities,
    trace: [],
    faults: { router: 'none', ledger: 'none' },
    now: 0,
    choose: FRIENDLY,
    watch: (watcher) => watchers.push(watcher),
    tell: (occurrence) => {
      for (const watcher of watchers) watcher(occurrence);
    },
  };
  const ledger = createLedger(world);
  const router = createRouter(world);
  const truth = () => ({ record: ledger.peek(), reading: router.peek() });
  return Object.assign(world, ledger, router, { truth });
}

type Base = Pick<World, 'capabilities' | 'faults' | 'now' | 'tell' | 'trace'>;
type Ledger = Pick<World, 'newest' | 'append'>;
type Router = Pick<World, 'shift' | 'renew' | 'read' | 'pass'>;

function createLedger(world: Base): Ledger & { peek: () => ServiceRecord } {
  const entries: LedgerEntry[] = [];
  const peek = () => entries.at(-1)?.record ?? emptyRecord('shop', 'production');
  return {
    peek,
    newest: () => (world.faults.ledger === 'refuses' ? 'down' : (entries.at(-1) ?? null)),
    append: (by, expected, note, record) => {
      if (world.faults.ledger === 'refuses' || world.faults.ledger === 'read-only') {
        world.tell({ type: 'unwritten', by });
        return 'down';
      }
      const newest = entries.at(-1);
      if (newest !== undefined && newest.revision !== expected) return { kind: 'conflict', newest };
      const before = peek();
      const entry = { revision: expected + 1, at: world.now, note, record };
      entries.push(entry);
      const rollout = record.rollout;
      world.trace.push(
        () =>
          `${by.name}: ledger ${entry.revision} = ${rollout?.id} ${JSON.stringify(rollout?.phase)} (${note})`,
      );
      world.tell({ type: 'appended', by, entry, before });
      if (world.faults.ledger !== 'deaf') return { kind: 'appended', entry };
      world.tell({ type: 'unwritten', by });
      return 'down';
    },
  };
}

function createRouter(world: Base): Router & { peek: () => TrafficReading } {
  let state: TrafficReading = { shares: shares('a', 100), lease: null, lapsed: null, token: 0 };
  const answer = <T>(value: T): T | 'down' => (world.faults.router === 'deaf' ? 'down' : value);
  return {
    peek: () => state,
    read: (by) => {
      if (world.faults.router === 'refuses' || world.faults.router === 'deaf') return 'down';
      world.tell({ type: 'read', by, reading: state });
      return state;
    },
    shift: (by, shift) => {
      if (world.faults.router === 'refuses' || world.faults.router === 'read-only') return 'down';
      if (world.faults.router === 'lies') return 'done';
      const what = () =>
        `${by.name}: shift ${JSON.stringify(shift.shares)} token ${shift.token} lease ${shift.lease?.holder ?? '-'}`;
      if (world.capabilities.fencing && shift.token < state.token && !helpsFallback(state, shift)) {
        const { token } = state;
        world.trace.push(() => `${what()} REFUSED, router has seen ${token}`);
        return 'fenced';
      }
      world.trace.push(what);
      const before = state;
      state = shifted(world, state, shift);
      world.tell({ type: 'shifted', by, shift, before, after: state });
      return answer('done' as const);
    },
    renew: (_by, holder, ttl = LEASE_TTL) => {
      if (world.faults.router === 'refuses') return 'down';
      if (!world.capabilities.lease) return 'done';
      if (state.lease?.holder !== holder) return 'fenced';
      state = { ...state, lease: { ...state.lease, expiresAt: world.now + ttl } };
      return answer('done' as const);
    },
    pass: (ms) => {
      world.now += ms;
      const { lease } = state;
      if (lease === null || lease.expiresAt > world.now) return;
      world.trace.push(() => `router: the lease of ${lease.holder} lapsed, all on ${lease.fallback}`);
      state = { ...state, shares: shares(lease.fallback, 100), lease: null, lapsed: lease.holder };
    },
  };
}

/** A stale token is obeyed only when it gives the fallback of a held lease more traffic. */
function helpsFallback(state: TrafficReading, shift: Shift): boolean {
  if (state.lease === null) return false;
  const { fallback } = state.lease;
  return shift.shares[fallback] > state.shares[fallback];
}

function shifted(world: Base, state: TrafficReading, shift: Shift): TrafficReading {
  const { capabilities } = world;
  const lease =
    shift.lease === null || !capabilities.lease
      ? null
      : {
          holder: shift.lease.holder,
          fallback: shift.lease.fallback,
          expiresAt: world.now + shift.lease.ttl,
        };
  const token = capabilities.fencing ? Math.max(state.token, shift.token) : 0;
  return { shares: shift.shares, lease, lapsed: null, token };
}

export function isAllOn(reading: TrafficReading, slot: Slot): boolean {
  return reading.shares[slot] === 100 && reading.shares[otherSlot(slot)] === 0;
}

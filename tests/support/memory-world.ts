import type { World } from '../../src/app/world.ts';
import { emptyRecord, type Owner, type ServiceRecord } from '../../src/core/rollout/record.ts';
import type { LedgerEntry } from '../../src/ports/ledger.ts';
import type { Shares } from '../../src/ports/traffic-router.ts';
import { MINUTE } from '../core/rollout/sample-rollout.ts';

/** What is true outside of the processes that act on it. */
export interface Outside {
  now: number;
  shares: Shares;
  newest: LedgerEntry;
}

/** Where v1 serves from slot a. */
export function outside(): Outside {
  const record: ServiceRecord = {
    ...emptyRecord('shop', 'production'),
    stable: { slot: 'a', version: 'v1' },
    promoted: ['v1'],
  };
  return { now: 0, shares: { a: 100, b: 0 }, newest: { revision: 1, at: 0, note: 'before', record } };
}

/** All well, and nothing watched; time passes as it is slept away, and nobody waits for the end of a job. */
export function memoryWorld(out: Outside, owner: Owner): World {
  return {
    service: 'shop',
    environment: 'production',
    owner,
    kpis: [],
    share: null,
    comparison: null,
    judge: null,
    leaseTtl: MINUTE,
    history: null,
    retire: { promoted: 'keep', aborted: 'keep' },
    router: {
      name: 'memory',
      timeout: 2_000,
      capabilities: { lease: false, fencing: false },
      read: () => Promise.resolve({ shares: out.shares, lease: null, lapsed: null, token: 0 }),
      shift: ({ shares }) => {
        out.shares = shares;
        return Promise.resolve();
      },
      renew: () => Promise.resolve(),
    },
    target: {
      deploy: () => Promise.resolve('started'),
      health: () =>
        Promise.resolve([{ check: 'health', title: 'Health', status: 'pass', observed: '', expected: '' }]),
      stop: () => Promise.resolve(),
    },
    metrics: { sample: ({ elapsed }) => Promise.resolve({ at: out.now, elapsed, traffic: null, kpis: {} }) },
    ledger: {
      name: 'memory',
      newest: () => Promise.resolve(out.newest),
      append: (expected, entry) => {
        if (expected !== out.newest.revision)
          return Promise.resolve({ kind: 'conflict', newest: out.newest });
        out.newest = { ...entry, revision: expected + 1 };
        return Promise.resolve({ kind: 'appended', entry: out.newest });
      },
      history: () => Promise.resolve([]),
    },
    notifiers: [],
    probe: { isAlive: () => Promise.resolve('dead') },
    clock: {
      now: () => out.now,
      monotonic: () => out.now,
      sleep: (ms, signal) => {
        if (ms > 60 * MINUTE)
          return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
        out.now += ms;
        return Promise.resolve();
      },
    },
    observe: () => undefined,
  };
}

import type { World as AppWorld } from '../../../../src/app/world.ts';
import type { Finding } from '../../../../src/core/checks/finding.ts';
import { AdapterError } from '../../../../src/ports/adapter-error.ts';
import type { Clock } from '../../../../src/ports/clock.ts';
import type { Ledger } from '../../../../src/ports/ledger.ts';
import type { TrafficRouter } from '../../../../src/ports/traffic-router.ts';
import { isCleared } from './least-served.ts';
import { type By, LEASE_TTL, type World } from './world.ts';

/** A call that the code under test waits for, until the scheduler lets it happen. */
export interface Call {
  readonly name: string;
  readonly happen: () => void;
}

/** Where the calls of one process wait. */
export type Calls = Call[];

/** Sleeps this long belong to a time limit far away; nothing ever wakes them but their signal. */
const FAR_AWAY = 1_000_000;

type Ask = <T>(name: string, act: () => T) => Promise<T>;

/** The ports of one process, over the modelled world: each call waits for its turn. */
export function portsOf(world: World, by: By, calls: Calls, isAlive: (id: string) => boolean): AppWorld {
  const ask: Ask = (name, act) =>
    new Promise((resolve, reject) => {
      const happen = (): void => {
        try {
          resolve(act());
        } catch (error) {
          reject(error);
        }
      };
      calls.push({ name, happen });
    });
  return {
    service: 'shop',
    environment: 'production',
    owner: by.owner,
    kpis: [],
    share: null,
    comparison: null,
    judge: null,
    leaseTtl: LEASE_TTL,
    history: { lookAt: () => undefined },
    retire: { promoted: 'keep', aborted: 'keep' },
    router: routerPort(world, by, ask),
    ledger: ledgerPort(world, by, ask),
    target: {
      deploy: (placement) =>
        ask('deploy', () => {
          if (world.choose(6) === 5) throw failed('target', 'no such image');
          world.trace.push(() => `${by.name}: deploys ${placement.version} to ${placement.slot}`);
          return 'started' as const;
        }),
      health: () => ask('health', () => [healthy(world.choose(8) < 7)]),
      stop: () => ask('stop', () => undefined),
    },
    metrics: {
      sample: ({ elapsed }) => ask('sample', () => ({ at: world.now, elapsed, kpis: {}, traffic: null })),
    },
    notifiers: [],
    probe: {
      isAlive: (owner) =>
        ask('probe', () =>
          isAlive(owner.id) && world.choose(4) < 3 ? ('alive' as const) : ('dead' as const),
        ),
    },
    clock: clockPort(world, calls),
    observe: (happening) => {
      if (happening.type !== 'tick') return;
      const { rollout, verdict } = happening;
      const step = 'step' in rollout.phase ? rollout.phase.step : -1;
      const { elapsed } = happening.sample;
      const cleared = isCleared(rollout.analysis.comparison);
      world.tell({ type: 'looked', by, rollout: rollout.id, step, elapsed, verdict: verdict.kind, cleared });
    },
  };
}

function healthy(yes: boolean): Finding {
  const status = yes ? 'pass' : 'fail';
  return { check: 'health', title: 'Health', status, observed: status, expected: 'pass' };
}

function failed(provider: string, why: 'fenced' | string): AdapterError {
  const code = why === 'fenced' ? 'fenced' : 'unreachable';
  return new AdapterError(provider, code, why, { retryable: code !== 'fenced' });
}

function routerPort(world: World, by: By, ask: Ask): TrafficRouter {
  const obey = (answer: 'done' | 'fenced' | 'down'): void => {
    if (answer !== 'done') throw failed('router', answer);
  };
  return {
    name: 'model-router',
    timeout: 2_000,
    capabilities: world.capabilities,
    read: () =>
      ask('read', () => {
        const reading = world.read(by);
        if (reading === 'down') throw failed('router', reading);
        return reading;
      }),
    shift: (shift) => ask('shift', () => obey(world.shift(by, shift))),
    renew: ({ holder, ttl }) => ask('renew', () => obey(world.renew(by, holder, ttl))),
  };
}

function ledgerPort(world: World, by: By, ask: Ask): Ledger {
  return {
    name: 'model-ledger',
    newest: () =>
      ask('read the ledger', () => {
        const newest = world.newest();
        if (newest === 'down') throw failed('ledger', newest);
        return newest;
      }),
    append: (expected, { note, record }) =>
      ask('append', () => {
        const appended = world.append(by, expected, note, record);
        if (appended === 'down') throw failed('ledger', appended);
        return appended;
      }),
    history: () => Promise.resolve([]),
  };
}

/** Time passes when somebody wakes up: as much as it has slept. */
function clockPort(world: World, calls: Calls): Clock {
  return {
    now: () => world.now,
    monotonic: () => world.now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const since = world.now;
        const wake = (): void => {
          signal.removeEventListener('abort', wake);
          resolve();
        };
        signal.addEventListener('abort', wake);
        const happen = (): void => {
          if (signal.aborted) return;
          world.pass(Math.max(0, since + ms - world.now));
          wake();
        };
        if (ms < FAR_AWAY) calls.push({ name: 'sleep', happen });
      }),
  };
}

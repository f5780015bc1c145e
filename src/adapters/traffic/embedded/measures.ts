import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Slot } from '../../../core/rollout/record.ts';
import type { Milliseconds } from '../../../core/units.ts';
import type { WireReading } from './wire.ts';

export interface Served {
  readonly slot: Slot;
  readonly method: string;
  /**
   * What the client got, three digits. 502: the slot could not be reached, or cut its answer short; 504: it was
   * silent too long; 499: the client left before the end.
   */
  readonly code: number;
  readonly route: string;
  readonly duration: Milliseconds;
  readonly forced: boolean;
}

/** The router's Prometheus metrics. Labels are bounded: slot, method, code, and the names of configured routes. */
export interface Measures {
  served(request: Served): void;
  retried(slot: Slot): void;
  lapsed(): void;
  /** The text exposition format, and its content type. */
  render(): Promise<{ readonly text: string; readonly contentType: string }>;
}

const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1, 2, 5, 10];
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const LABELS = ['slot', 'method', 'code', 'route'] as const;

export function createMeasures(reading: () => WireReading): Measures {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Counter({
    name: 'deploy_canary_router_requests_total',
    help: 'Requests split by weight or by client, by the slot that got them and how they ended.',
    labelNames: LABELS,
    registers,
  });
  const durations = new Histogram({
    name: 'deploy_canary_router_request_duration_seconds',
    help: 'Time from the request head to the last byte of the answer.',
    labelNames: LABELS,
    buckets: BUCKETS,
    registers,
  });
  const forced = new Counter({
    name: 'deploy_canary_router_forced_requests_total',
    help: 'Requests that named their slot in a header. They are in no other metric.',
    labelNames: ['slot', 'code'],
    registers,
  });
  const retries = new Counter({
    name: 'deploy_canary_router_retries_total',
    help: 'Requests tried a second time on the same slot after a refused connection.',
    labelNames: ['slot'],
    registers,
  });
  const lapses = new Counter({
    name: 'deploy_canary_router_lease_lapses_total',
    help: 'Leases that ran out and sent all traffic to their fallback.',
    registers,
  });
  addGauges(registry, reading);
  return {
    served({ slot, method, code, route, duration, forced: asked }) {
      const status = String(code).padStart(3, '0');
      if (asked) return forced.inc({ slot, code: status });
      const labels = { slot, method: METHODS.has(method) ? method : 'OTHER', code: status, route };
      requests.inc(labels);
      durations.observe(labels, duration / 1_000);
    },
    retried: (slot) => retries.inc({ slot }),
    lapsed: () => lapses.inc(),
    render: async () => ({ text: await registry.metrics(), contentType: registry.contentType }),
  };
}

function addGauges(registry: Registry, reading: () => WireReading): void {
  const registers = [registry];
  new Gauge({
    name: 'deploy_canary_router_weight_percent',
    help: 'Share of traffic that the slot is meant to get, 0 to 100.',
    labelNames: ['slot'],
    registers,
    collect() {
      const { shares } = reading();
      this.set({ slot: 'a' }, shares.a);
      this.set({ slot: 'b' }, shares.b);
    },
  });
  new Gauge({
    name: 'deploy_canary_router_lease_remaining_seconds',
    help: 'Time until the held lease runs out; 0 when none is held.',
    registers,
    collect() {
      const { lease } = reading();
      this.set(lease === null ? 0 : Math.max(0, (lease.expiresAt - Date.now()) / 1_000));
    },
  });
}

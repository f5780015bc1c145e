import { FAULTS, type Fault } from './booking-service.ts';

export const SCENARIOS = ['healthy', 'errors', 'latency', 'crash', 'no-data', 'cancel', 'kill'] as const;
export type Scenario = (typeof SCENARIOS)[number];

export interface DemoPlaces {
  readonly directory: string;
  readonly cli: string;
  readonly traffic: number;
  readonly admin: number;
  readonly slots: { readonly a: number; readonly b: number };
}

export const STABLE_VERSION = 'v1.4.0';
export const CANARY_VERSION = 'v1.5.0';
export const TOKEN_ENV = 'DEPLOY_CANARY_ROUTER_TOKEN';

export function faultOf(scenario: Scenario): Fault {
  return FAULTS.find((fault) => fault === scenario) ?? 'none';
}

/** The handbook's KPIs and limits; only the times are compressed: a minute of the real plan is about a third of a second. */
export function demoConfig(places: DemoPlaces, scenario: Scenario): string {
  const service = (verb: string): string =>
    JSON.stringify([
      process.execPath,
      places.cli,
      verb,
      '--directory',
      places.directory,
      '--slot',
      '{slot}',
      '--port-a',
      String(places.slots.a),
      '--port-b',
      String(places.slots.b),
      ...(verb === 'demo-start' ? ['--version-name', '{version}', '--fault', faultOf(scenario)] : []),
    ]);
  return `version: 1
service: booking-api

traffic: deploy_canary_router_requests_total

kpis:
  - id: api-latency-p95
    title: API latency P95
    type: quantile
    quantile: 0.95
    histogram: deploy_canary_router_request_duration_seconds
    target: <= 500 ms
    alert: '> 800 ms'
    for: 6s
    window: 3s
    min-samples: 30
  - id: error-rate
    title: Error rate
    type: ratio
    bad: deploy_canary_router_requests_total{code=~"5.."}
    total: deploy_canary_router_requests_total
    target: <= 1 %
    alert: '> 2 %'
    for: 6s
    window: 3s
    min-samples: 30
  - id: booking-success
    title: Booking success
    type: ratio
    good: bookings_total{outcome="created"}
    total: bookings_total
    target: '>= 98 %'
    alert: < 95 %
    for: 6s
    window: 4s
    min-samples: 15
    no-data: { budget: 3s, then: abort }
  - id: dispatch-p95
    title: Dispatch time P95
    type: quantile
    quantile: 0.95
    histogram: dispatch_seconds
    target: <= 120 s
    alert: '> 180 s'
    for: 6s
    window: 4s
    min-samples: 15
    no-data: { budget: 3s, then: abort }
  - id: database-connections
    title: Database connections
    type: gauge
    scope: shared
    value: db_connections_used_ratio
    unit: ratio
    target: <= 80 %
    alert: '> 90 %'
    for: 6s
    no-data: { budget: 5s, then: pass-with-warning }
  - id: booking-500s
    title: Booking creation 500s
    type: never
    bad: deploy_canary_router_requests_total{route="create-booking",code="500"}
    total: deploy_canary_router_requests_total{route="create-booking"}
    for: 5s
    min-samples: 15
  - id: push-failures
    title: Push failure rate
    type: ratio
    bad: push_notifications_total{outcome="failed"}
    total: push_notifications_total
    alert: '> 5 %'
    for: 6s
    window: 5s
    min-samples: 15
    no-data: { budget: 3s, then: abort }

comparison: { pace: 0.01 }

plan:
  tick: 500ms
  checkpoint: 4s
  steps:
    - { weight: 10, bake: 14s, max-bake: 20s }
    - { weight: 50, bake: 8s, max-bake: 12s }
    - { weight: 100, bake: 10s, max-bake: 14s }
  budgets: { deploy: 10s, shift: 5s, verify: 3s, abort: 10s, hold: 6s }

environments:
  production:
    lease: 3s
    router: { type: embedded, admin: 'http://127.0.0.1:${places.admin}', token-env: ${TOKEN_ENV} }
    metrics:
      type: scrape
      endpoints:
        - url: http://127.0.0.1:${places.admin}/metrics
        - { url: 'http://127.0.0.1:${places.slots.a}/metrics', slot: a }
        - { url: 'http://127.0.0.1:${places.slots.b}/metrics', slot: b }
    target:
      type: command
      start: ${service('demo-start')}
      stop: ${service('demo-stop')}
      health:
        url: { a: 'http://127.0.0.1:${places.slots.a}/healthz', b: 'http://127.0.0.1:${places.slots.b}/healthz' }
        version-field: version
        consecutive: 2
        interval: 100ms
        deadline: 5s
    ledger: { type: file, path: ${JSON.stringify(`${places.directory}/ledger`)} }
`;
}

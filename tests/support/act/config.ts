import type { Site } from './site.ts';
import { stagingConfig } from './staging.ts';

export interface Change {
  /** How long the first step bakes. */
  readonly bake: string;
  /** How long the second one does, at all traffic. */
  readonly last?: string;
  /** Lines of YAML in place of the whole plan; the two above, and `parked`, say nothing then. */
  readonly plan?: string;
  /** What is wrong with the new version; it runs in slot b. */
  readonly fault?: 'none' | 'errors';
  /** How the bakes are left alone; null when they are watched. */
  readonly parked?: { readonly watch: string; readonly grace: string };
  /** Whether production asks what the E2E gate and the load test said. */
  readonly gates?: 'asked' | 'none';
  /** What the checklist after promotion says. */
  readonly after?: 'green' | 'red';
  /** Whether the post of the canary step runs; act would give the whole run up if it were killed. */
  readonly post?: 'runs' | 'none';
}

export interface Places {
  readonly site: Site;
  /** The command line of the workspace. */
  readonly cli: string;
}

const GATES = `    - { check: e2e, max-age: 1h }
    - { check: load-test, max-age: 1h }
    - { check: deployed, environment: staging, max-age: 1h }
`;

const planOf = ({
  bake,
  last = '1s',
  parked,
}: Change): string => `  tick: 250ms${parked === undefined ? '' : `\n  mode: parked\n  parked: ${JSON.stringify(parked)}`}
  checkpoint: 1m
  steps:
    - { weight: 40, bake: ${bake}, max-bake: 60s }
    - { weight: 100, bake: ${last}, max-bake: 60s }
`;

/** The configuration of the repository that act runs: HAProxy, Prometheus, the record on GitHub, and times of seconds. */
export function actConfig({ site, cli }: Places, change: Change): string {
  const { fault = 'none', gates = 'asked', after = 'green', plan = planOf(change) } = change;
  const { a, b } = site.ports;
  const service = (verb: string, ...more: string[]): string =>
    JSON.stringify([
      ...[process.execPath, cli, verb, '--directory', site.folder, '--slot', '{slot}'],
      ...['--port-a', String(a), '--port-b', String(b), ...more],
    ]);
  const served = 'haproxy_server_http_responses_total{proxy="booking"';
  return `version: 1
service: booking-api
traffic: '${served}}'
kpis:
  - id: error-rate
    title: Error rate
    type: ratio
    bad: '${served},code="5xx"}'
    total: '${served}}'
    target: <= 1 %
    alert: '> 10 %'
    for: 1s
    window: 1500ms
    min-samples: 8
    no-data: { budget: 6s, then: abort }
  - id: booking-success
    title: Booking success
    type: ratio
    good: bookings_total{outcome="created"}
    total: bookings_total
    alert: < 50 %
    for: 1s
    window: 1500ms
    min-samples: 3
    no-data: { budget: 6s, then: abort }
plan:
${plan}  budgets: { deploy: 20s, shift: 10s, verify: 10s, abort: 20s, hold: 10s }
checklists:
  staging:
    - { check: ci-status, require: [unit] }
  pull-request:
    - { check: ci-status, require: [unit] }
  production:
    - { check: ci-status, require: [unit] }
${gates === 'asked' ? GATES : ''}    - { check: approval, from: environment }
  after:
    - { check: http, id: answers, title: The new version answers, url: '${site.url}/healthz', status: ${after === 'green' ? 200 : 204}, timeout: 5s }
${stagingConfig(site, cli)}environments:
  production:
    share-tolerance: 30
    router: { type: haproxy, socket: ${site.admin.path}, backend: booking, servers: { a: blue, b: green } }
    metrics:
      type: prometheus
      url: ${site.prometheus}
      slot-label: server
      slots: { a: blue, b: green }
      scrape-interval: 250ms
      lag: 0s
    target:
      type: command
      start: ${service('demo-start', '--version-name', '{version}', '--fault', fault)}
      stop: ${service('demo-stop')}
      health:
        url: { a: 'http://127.0.0.1:${a}/healthz', b: 'http://127.0.0.1:${b}/healthz' }
        version-field: version
        consecutive: 2
        interval: 50ms
        deadline: 10s
    ledger: { type: github }
`;
}

import { join } from 'node:path';

/** What happens to the version that goes to staging. */
export const STAGING_SCENARIOS = ['healthy', 'broken-flow', 'slow', 'old-version', 'destructive'] as const;
export type StagingScenario = (typeof STAGING_SCENARIOS)[number];

export interface StagingPlaces {
  /** A copy of examples/staging, which is the workspace. */
  readonly workspace: string;
  readonly backEnd: number;
  readonly frontEnd: number;
  /** Whether the migrations can be judged: git shows them by commit. */
  readonly hasGit: boolean;
}

/** Requests a second on an ordinary day. */
export const NORMAL_RATE = 15;

const FAULTS: Readonly<Partial<Record<StagingScenario, string>>> = {
  'broken-flow': 'double-payment',
  slow: 'slow',
};

/** The handbook's staging deployment; only the times are compressed. */
export function stagingConfig(places: StagingPlaces, scenario: StagingScenario): string {
  const { workspace, backEnd, frontEnd } = places;
  const program = (...words: readonly string[]): string =>
    JSON.stringify([process.execPath, 'deploy.mjs', ...words, '--folder', 'run']);
  // A deployment that says it is done, and leaves the old version where it was.
  const version = scenario === 'old-version' ? 'v1.4.0' : '{version}';
  const started = ['--port', String(backEnd), '--version', version, '--fault', FAULTS[scenario] ?? 'none'];
  const api = `http://127.0.0.1:${backEnd}`;
  const site = `http://127.0.0.1:${frontEnd}`;
  return `version: 1
service: booking-platform
${places.hasGit ? "\nmigrations:\n  back-end: { files: 'migrations/*.sql', dialect: postgresql }\n" : ''}
deploy:
  staging:
    url: ${site}
    record: { type: file, path: ${JSON.stringify(join(workspace, 'run/deployments'))} }
    services:
      back-end:
        migrate: { run: ${program('migrate')} }
        deploy: ${program('back-end', ...started)}
        health: { url: ${api}/healthz, version-field: version, interval: 200ms, deadline: 6s }
        smoke:
          - { check: http, id: quote, title: A quote, url: ${api}/quotes, assert: [{ path: currency, equals: EUR }] }
      front-end:
        deploy: ${program('front-end', '--version', '{version}')}
        served:
          url: ${site}/
          version: { pattern: 'name="version" content="([^"]+)"' }
          headers: { cache-control: no-cache }
          asset-headers: { cache-control: immutable }
          interval: 200ms
          deadline: 6s

e2e:
  staging:
    run: ${JSON.stringify([process.execPath, '--test', '--test-reporter=junit', '--test-reporter-destination=run/e2e.xml', 'e2e/platform.test.mjs'])}
    env: { BASE_URL: ${api} }
    reports: run/e2e.xml
    flows:
      customer-booking: { tests: ['suite:customer booking'], min-tests: 3 }
      partner-job-completion: { tests: ['suite:partner job completion'] }
      owner-dashboard: { tests: ['suite:owner dashboard'] }
      payment-processing: { tests: ['suite:payment processing'], min-tests: 2 }

load-tests:
  staging:
    generate: { type: autocannon, url: '${api}/quotes', duration: 12s, warm-up: 2s }
    normal: ${NORMAL_RATE} rps
    times: 10
    hold: 8s
    version: { url: ${api}/healthz, field: version }
    latency: { p95: <= 500 ms }
    errors: <= 1 %
`;
}

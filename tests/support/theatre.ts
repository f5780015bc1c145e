import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, watch, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type RunningStep, type StepEnd, startStep, type Workplace } from '../../src/cli/demo/as-runner.ts';
import { type Load, startLoad } from '../../src/cli/demo/load.ts';
import { type Gate, openGate } from './gate.ts';

const HOME = resolve(import.meta.dirname, '../..');
const CLI = join(HOME, 'dist/cli.mjs');
const STUB = join(HOME, 'tests/support/booking-stub.mjs');
const TOKEN = 'a-token-for-tests';

export const STABLE = 'v1';
export const CANARY = 'v2';

export interface Script {
  /** What is wrong with the canary. */
  readonly fault?: 'none' | 'errors';
  readonly rate?: number;
  /** Lines of YAML that replace the plan. */
  readonly plan?: string;
  readonly lease?: string;
  /** How long the operator waits for one answer of the router or of the metrics, and does without the latter. */
  readonly patience?: string;
  /** One line of YAML for another ledger than files. */
  readonly ledger?: string;
  /** One line of YAML that says who is told. */
  readonly notifications?: string;
  /** What the operator sees of the environment besides. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Makes the folder `ledger` before anything is written there, on a small disk for example. */
  readonly ledgerOn?: (folder: string) => void;
  /** Lets the operator's wall clock be moved, by libfaketime. */
  readonly clock?: { readonly library: string };
}

/** A real service in two slots behind the real router under real load, and the built actions to move its traffic. */
export interface Theatre {
  readonly folder: string;
  /** Between the operator and the router's admin API: holds, refuses, lies, or strikes when a request passes. */
  readonly router: Gate;
  /** Between the operator and every metrics endpoint. */
  readonly metrics: Gate;
  readonly load: Load;
  readonly place: Workplace;
  run(
    entry: string,
    inputs?: Readonly<Record<string, string>>,
    state?: Readonly<Record<string, string>>,
  ): Promise<RunningStep>;
  /** Runs an entry to its end. */
  play(
    entry: string,
    inputs?: Readonly<Record<string, string>>,
    state?: Readonly<Record<string, string>>,
  ): Promise<StepEnd>;
  /** The share of slot b: asks the router itself, past the gate. */
  shareOfB(): Promise<number>;
  /** Requests answered by each version from now on, for `ms`. */
  count(ms: number): Promise<Readonly<Record<string, number>>>;
  /** Entries of the ledger, oldest first. */
  ledger(): Promise<Entry[]>;
  /** Calls `strike` as soon as the ledger holds this many entries. */
  atRevision(revision: number, strike: () => void): { cancel: () => void };
  /** Begins another play on the same stage: writes the configuration anew. */
  rewrite(script: Script): Promise<void>;
  /** Moves the operator's wall clock, as in `+3h`. */
  jump(by: string): void;
  close(): Promise<void>;
}

export interface Entry {
  readonly revision: number;
  readonly note: string;
  readonly record: {
    readonly stable: { readonly version: string; readonly slot: string } | null;
    readonly rollout: {
      readonly id: string;
      readonly phase: { readonly name: string };
      readonly canary: { readonly version: string };
      readonly reason: { readonly code: string; readonly message: string } | null;
      readonly steps: readonly { readonly servedMs: number }[];
    } | null;
  };
}

const PLAN = `
  tick: 100ms
  checkpoint: 1h
  steps:
    - { weight: 30, bake: 500ms, max-bake: 3s }
    - { weight: 60, bake: 400ms, max-bake: 3s }
    - { weight: 100, bake: 400ms, max-bake: 3s }
  budgets: { deploy: 8s, shift: 5s, verify: 8s, abort: 8s, hold: 3s }`;

/** The same plan with bakes that nothing outruns: for what must happen in the middle of a step. */
export const SLOW_PLAN = PLAN.replace(/bake: \d+ms, max-bake: 3s/g, 'bake: 40s, max-bake: 60s');
/** The same plan for a machine with more to do than it can: nothing but what the plan says ends a rollout. */
export const PATIENT: Script = {
  plan: PLAN.replace(/max-bake: 3s/g, 'max-bake: 30s').replace(
    /budgets: .*/,
    'budgets: { deploy: 40s, shift: 20s, verify: 30s, abort: 30s, hold: 20s }',
  ),
  lease: '20s',
  patience: '10s',
};
/** Long enough for something to happen in the first step, short enough to see the next one. */
export const UNHURRIED_PLAN = PLAN.replace(/bake: \d+ms, max-bake: 3s/g, 'bake: 2s, max-bake: 8s');

/** Sets everything up with v1 as the stable version, in slot a. */
export async function openTheatre(script: Script = {}): Promise<Theatre> {
  if (!existsSync(CLI)) throw new Error('expected a built dist/: run npm run build');
  const folder = await mkdtemp(join(tmpdir(), 'deploy-canary-test-'));
  const [traffic = 0, admin = 0, a = 0, b = 0] = await freePorts(4);
  const children: ChildProcess[] = [startRouter(folder, { traffic, admin, a, b })];
  const router = await openGate(`http://127.0.0.1:${admin}`);
  const metrics = await openGate(`http://127.0.0.1:${admin}`);
  const rewrite: Theatre['rewrite'] = (more) =>
    writeFile(join(folder, 'deploy-canary.yml'), configOf(more, folder, router.url, metrics.url, { a, b }));
  await rewrite({ ...script, ...PATIENT });
  const { GITHUB_ACTIONS: _, GITHUB_RUN_ID: __, GITHUB_SHA: ___, ...inherited } = process.env;
  const env = {
    ...inherited,
    GITHUB_ACTIONS: 'true',
    DEPLOY_CANARY_ROUTER_TOKEN: TOKEN,
    ...clockOf(script, folder),
    ...script.env,
  };
  script.ledgerOn?.(folder);
  const place: Workplace = { home: HOME, workspace: folder, scratch: folder, env };
  await until(async () => (await readShare(admin)) !== null, 'the router to start');

  const run: Theatre['run'] = (entry, inputs = {}, state = {}) =>
    startStep(place, entry, { config: 'deploy-canary.yml', 'job-limit': '1h', ...inputs }, state, 'pipe');
  const play: Theatre['play'] = async (entry, inputs, state) => (await run(entry, inputs, state)).ended;
  const first = play('canary/main', { version: STABLE });
  // What was deployed is verified by the requests that it serves: without any, the whole budget is waited for some.
  const isUp = (): Promise<boolean> => isServing(a);
  await Promise.race([first, until(isUp, 'the first version to be up')]);
  const load = startLoad(`http://127.0.0.1:${traffic}`, script.rate ?? 80);
  const { code, outputs } = await first;
  if (code !== 0) throw new Error(`the first deployment ended with ${JSON.stringify(outputs)}`);
  await rewrite(script);
  return {
    folder,
    router,
    metrics,
    load,
    place,
    run,
    play,
    shareOfB: async () => (await readShare(admin)) ?? Number.NaN,
    count: (ms) => countFor(load, ms),
    ledger: () => readLedger(folder),
    rewrite,
    jump: (by) => writeFileSync(join(folder, 'clock'), by),
    atRevision: (revision, strike) => watchLedger(folder, revision, strike),
    close: async () => {
      await load.stop();
      for (const port of [a, b]) await endService(folder, port);
      for (const child of children) child.kill('SIGKILL');
      await router.close();
      await metrics.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    },
  };
}

function configOf(
  script: Script,
  folder: string,
  routerUrl: string,
  metricsUrl: string,
  ports: Readonly<Record<'a' | 'b', number>>,
): string {
  const service = (verb: string, ...more: string[]): string =>
    JSON.stringify([
      ...[process.execPath, STUB, verb, '--state', folder, '--slot', '{slot}'],
      ...['--port-a', String(ports.a), '--port-b', String(ports.b), ...more],
    ]);
  const failing = script.fault === 'errors' ? '0.5' : '0';
  const errorBudget = script.patience ?? '400ms';
  const guard = `{ budget: ${errorBudget}, then: abort }`;
  return `version: 1
service: booking-api
traffic: deploy_canary_router_requests_total
kpis:
  - id: error-rate
    title: Error rate
    type: ratio
    bad: deploy_canary_router_requests_total{code=~"5.."}
    total: deploy_canary_router_requests_total
    target: <= 5 %
    alert: '> 20 %'
    for: 300ms
    window: 300ms
    min-samples: 4
    no-data: ${guard}
    error-budget: ${errorBudget}
  - id: latency-p95
    title: Latency P95
    type: quantile
    histogram: deploy_canary_router_request_duration_seconds
    target: <= 800 ms
    alert: '> 2000 ms'
    for: 300ms
    window: 300ms
    min-samples: 4
    no-data: ${guard}
    error-budget: ${errorBudget}
plan:${script.plan ?? PLAN}
environments:
  production:
    lease: ${script.lease ?? '2s'}
    router: { type: embedded, admin: '${routerUrl}', token-env: DEPLOY_CANARY_ROUTER_TOKEN, timeout: ${script.patience ?? '1s'} }
    metrics: { type: scrape, timeout: ${script.patience ?? '300ms'}, endpoints: [{ url: '${metricsUrl}/metrics' }] }
    target:
      type: command
      start: ${service('start', '--version', '{version}', '--failing', failing)}
      stop: ${service('stop')}
      health:
        url: { a: 'http://127.0.0.1:${ports.a}/healthz', b: 'http://127.0.0.1:${ports.b}/healthz' }
        version-header: x-version
        consecutive: 2
        interval: 20ms
        deadline: 3s
    ledger: ${script.ledger ?? '{ type: file, path: ledger }'}
    notifications: ${script.notifications ?? '[]'}
`;
}

function clockOf({ clock }: Script, folder: string): Record<string, string> {
  if (clock === undefined) return {};
  const file = join(folder, 'clock');
  writeFileSync(file, '+0');
  return {
    LD_PRELOAD: clock.library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
}

function startRouter(
  folder: string,
  ports: Readonly<Record<'traffic' | 'admin' | 'a' | 'b', number>>,
): ChildProcess {
  const argv = [
    ...[CLI, 'router', '--listen', `127.0.0.1:${ports.traffic}`, '--admin', `127.0.0.1:${ports.admin}`],
    ...['--slot-a', `http://127.0.0.1:${ports.a}`, '--slot-b', `http://127.0.0.1:${ports.b}`],
    ...['--state', join(folder, 'router.json')],
  ];
  const env = { ...process.env, DEPLOY_CANARY_ROUTER_TOKEN: TOKEN };
  return spawn(process.execPath, argv, { env, stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Below those that the kernel hands out by itself: what is free now is still free when a process of ours takes it. */
const LOWEST_PORT = 12_000;
const PORTS = 20_000;

async function freePorts(count: number): Promise<number[]> {
  const found: number[] = [];
  while (found.length < count) {
    const port = LOWEST_PORT + Math.floor(Math.random() * PORTS);
    if (!found.includes(port) && (await isFree(port))) found.push(port);
  }
  return found;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
    return true;
  } catch {
    return false;
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

async function readShare(admin: number): Promise<number | null> {
  try {
    const answer = await fetch(`http://127.0.0.1:${admin}/v1/traffic`, {
      headers: { authorization: `Bearer ${TOKEN}` },
      signal: AbortSignal.timeout(2_000),
    });
    const match = /"b":\s*([\d.]+)/.exec(await answer.text());
    return match === null ? null : Number(match[1]);
  } catch {
    return null;
  }
}

async function isServing(port: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => null);
  await answer?.text();
  return answer !== null;
}

async function countFor(load: Load, ms: number): Promise<Record<string, number>> {
  const before = load.counts();
  await pause(ms);
  const after = load.counts();
  const newly = Object.entries(after).map(([version, { requests }]): [string, number] => [
    version,
    requests - (before[version]?.requests ?? 0),
  ]);
  return Object.fromEntries(newly.filter(([, requests]) => requests > 0));
}

const ledgerFolder = (folder: string): string => join(folder, 'ledger/production/booking-api');

async function revisions(folder: string): Promise<string[]> {
  const names = await readdir(ledgerFolder(folder)).catch(() => []);
  return names.filter((name) => /^\d+\.json$/.test(name)).sort();
}

async function readLedger(folder: string): Promise<Entry[]> {
  const names = await revisions(folder);
  return Promise.all(
    names.map(
      async (name): Promise<Entry> => JSON.parse(await readFile(join(ledgerFolder(folder), name), 'utf8')),
    ),
  );
}

/** Told by the kernel, and not by a look now and then: the operator must not get any further than it has written. */
function watchLedger(folder: string, revision: number, strike: () => void): { cancel: () => void } {
  const directory = ledgerFolder(folder);
  const isReached = (): boolean =>
    readdirSync(directory).some((name) => /^\d+\.json$/.test(name) && Number.parseInt(name, 10) >= revision);
  const watcher = watch(directory, () => {
    if (!isReached()) return;
    watcher.close();
    strike();
  });
  return { cancel: () => watcher.close() };
}

async function endService(folder: string, port: number): Promise<void> {
  const pid = Number(await readFile(join(folder, `${port}.pid`), 'utf8').catch(() => ''));
  if (pid <= 0) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

export async function until(condition: () => Promise<boolean>, what: string, ms = 60_000): Promise<void> {
  const end = performance.now() + ms;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited ${ms} ms in vain for ${what}`);
    await pause(5);
  }
}

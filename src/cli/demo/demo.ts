import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { deadline } from '../../ports/deadline.ts';
import { type RunningStep, type StepEnd, startStep, type Workplace } from './as-runner.ts';
import {
  CANARY_VERSION,
  type DemoPlaces,
  demoConfig,
  type Scenario,
  STABLE_VERSION,
  TOKEN_ENV,
} from './demo-config.ts';
import { freePorts } from './free-ports.ts';
import { type Load, startLoad } from './load.ts';
import { stopService } from './service-process.ts';
import { heard, print, stdio } from './step-log.ts';

/** Requests a second that the demo's users send. */
const RATE = 150;

interface Demo {
  readonly scenario: Scenario;
  readonly places: DemoPlaces;
  readonly place: Workplace;
  readonly token: string;
  readonly output: string;
  readonly say: (line: string) => void;
}

/** Where a scenario must end: the phase in the ledger, and the version that has all traffic. */
const EXPECTED: Readonly<Record<Scenario, { readonly state: string; readonly serving: string }>> = {
  healthy: { state: 'promoted', serving: CANARY_VERSION },
  errors: { state: 'aborted', serving: STABLE_VERSION },
  latency: { state: 'aborted', serving: STABLE_VERSION },
  crash: { state: 'aborted', serving: STABLE_VERSION },
  'no-data': { state: 'aborted', serving: STABLE_VERSION },
  cancel: { state: 'aborted', serving: STABLE_VERSION },
  kill: { state: 'aborted', serving: STABLE_VERSION },
};

/** Runs one scenario for real, on this machine; true when it ended where it must. */
export async function runDemo(cli: string, scenario: Scenario, output: string): Promise<boolean> {
  const demo = await prepare(cli, scenario, output);
  const router = startRouter(demo);
  let load: Load | null = null;
  try {
    await routerAnswers(demo);
    demo.say(
      `deploy-canary demo, scenario "${scenario}": two versions of a booking service, a router, ${RATE} requests a second\n`,
    );
    demo.say(`1. ${STABLE_VERSION} is deployed first; it becomes stable`);
    await deployFirst(demo);
    load = startLoad(`http://127.0.0.1:${demo.places.traffic}`, RATE);
    await pause(1_500);
    demo.say(
      `2. ${CANARY_VERSION} is rolled out by the canary action: 10 % for 14 s, 50 % for 8 s, 100 % for 10 s\n`,
    );
    const end = await rollOut(demo);
    return await tellEnd(demo, load, end);
  } finally {
    await load?.stop();
    for (const slot of ['a', 'b'] as const) {
      await stopService({ directory: demo.places.directory, slot, port: demo.places.slots[slot] });
    }
    router.kill('SIGTERM');
    await rm(demo.places.directory, { recursive: true, force: true });
  }
}

async function prepare(cli: string, scenario: Scenario, output: string): Promise<Demo> {
  const directory = await mkdtemp(join(tmpdir(), 'deploy-canary-demo-'));
  const [traffic = 0, admin = 0, a = 0, b = 0] = await freePorts(4);
  const places = { directory, cli, traffic, admin, slots: { a, b } };
  const token = randomBytes(24).toString('hex');
  await writeFile(join(directory, 'deploy-canary.yml'), demoConfig(places, scenario));
  await mkdir(resolve(output), { recursive: true });
  const { GITHUB_ACTIONS: _, GITHUB_RUN_ID: __, GITHUB_SHA: ___, ...env } = process.env;
  const place = {
    home: join(dirname(cli), '..'),
    workspace: directory,
    scratch: directory,
    env: { ...env, [TOKEN_ENV]: token },
  };
  return {
    scenario,
    places,
    place,
    token,
    output: resolve(output),
    say: (line) => process.stdout.write(`${line}\n`),
  };
}

function startRouter({ places, place, token }: Demo): ChildProcess {
  const argv = [
    places.cli,
    'router',
    ...['--listen', `127.0.0.1:${places.traffic}`, '--admin', `127.0.0.1:${places.admin}`],
    ...['--slot-a', `http://127.0.0.1:${places.slots.a}`, '--slot-b', `http://127.0.0.1:${places.slots.b}`],
    ...['--route', 'create-booking=POST /bookings', '--token-env', TOKEN_ENV],
    ...['--state', join(places.directory, 'router.json')],
  ];
  return spawn(process.execPath, argv, {
    env: { ...place.env, [TOKEN_ENV]: token },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function routerAnswers(demo: Demo): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if ((await canaryShare(demo)) !== null) return;
    await pause(50);
  }
  throw new Error('the router did not start within 5 s');
}

/** The share of slot b, where the canary runs, as the router says it now. */
async function canaryShare({ places, token }: Demo): Promise<number | null> {
  const headers = { authorization: `Bearer ${token}` };
  const url = `http://127.0.0.1:${places.admin}/v1/traffic`;
  try {
    const answer: unknown = await (await fetch(url, { headers, signal: deadline(1_000) })).json();
    if (typeof answer !== 'object' || answer === null || !('shares' in answer)) return null;
    const { shares } = answer;
    return typeof shares === 'object' && shares !== null && 'b' in shares ? Number(shares.b) : null;
  } catch {
    return null;
  }
}

/** Starts a step whose log a person sees. */
async function shown(
  demo: Demo,
  entry: string,
  inputs: Readonly<Record<string, string>>,
  state: Readonly<Record<string, string>> = {},
): Promise<RunningStep> {
  return heard(await startStep(demo.place, entry, inputs, state, stdio()), print);
}

function inputsFor(version: string, report: string): Record<string, string> {
  return { config: 'deploy-canary.yml', environment: 'production', version, 'job-limit': '10m', report };
}

/** The first version, with its log kept back unless it goes wrong. */
async function deployFirst(demo: Demo): Promise<void> {
  const lines: string[] = [];
  const step = await startStep(demo.place, 'canary/main', inputsFor(STABLE_VERSION, ''), {}, 'pipe');
  const end = await heard(step, (line) => lines.push(line)).ended;
  if (end.code !== 0) throw new Error(`the first deployment failed:\n${lines.join('\n')}`);
}

/** The canary step, and whatever the scenario does to it, and what GitHub would run after it. */
async function rollOut(demo: Demo): Promise<StepEnd> {
  const inputs = inputsFor(CANARY_VERSION, join(demo.output, 'report.html'));
  const main = await shown(demo, 'canary/main', inputs);
  if (demo.scenario === 'cancel' || demo.scenario === 'kill') await interrupt(demo, main);
  const end = await main.ended;
  if (demo.scenario === 'kill') return reconciled(demo);
  await (await shown(demo, 'canary/post', {}, end.state)).ended;
  return end;
}

async function interrupt(demo: Demo, main: RunningStep): Promise<void> {
  while ((await canaryShare(demo)) !== 50 && main.child.exitCode === null) await pause(100);
  await pause(3_000);
  const signal = demo.scenario === 'kill' ? 'SIGKILL' : 'SIGINT';
  const since = performance.now();
  main.child.kill(signal);
  while ((await canaryShare(demo)) !== 0) await pause(10);
  const seconds = ((performance.now() - since) / 1_000).toFixed(2);
  const net =
    signal === 'SIGKILL'
      ? 'the lease ran out and the router took traffic home by itself'
      : 'the signal handler took traffic home';
  demo.say(`\n   ${signal} to the operator at 50 %: ${net} after ${seconds} s\n`);
}

async function reconciled(demo: Demo): Promise<StepEnd> {
  demo.say('3. nobody drives the rollout any more; the reconcile action finds it\n');
  const inputs = { config: 'deploy-canary.yml', environment: 'production' };
  return (await shown(demo, 'reconcile/main', inputs)).ended;
}

/** Asks the router, counts at the versions, compares both with what the ledger says, and tells. */
async function tellEnd(demo: Demo, load: Load, end: StepEnd): Promise<boolean> {
  // Slow requests that were in flight when traffic moved still end where they began.
  await pause(3_000);
  const before = load.counts();
  await pause(2_000);
  const after = load.counts();
  const newly = (version: string): number =>
    (after[version]?.requests ?? 0) - (before[version]?.requests ?? 0);
  const share = await canaryShare(demo);
  const state = end.outputs.state ?? 'unknown';
  const expected = EXPECTED[demo.scenario];
  const counted =
    newly(expected.serving) > 0 &&
    newly(expected.serving === STABLE_VERSION ? CANARY_VERSION : STABLE_VERSION) === 0;
  const right =
    state === expected.state && counted && share === (expected.serving === CANARY_VERSION ? 100 : 0);
  await writeFile(join(demo.output, 'summary.md'), end.summary);
  const lost = Object.values(after).reduce((sum, { failed }) => sum + failed, 0);
  const total = Object.values(after).reduce((sum, { requests }) => sum + requests, 0);
  demo.say('');
  demo.say(`   ledger            ${state} (${end.outputs['reason-code'] ?? 'no reason'})`);
  demo.say(`   router            canary slot ${share ?? '?'} %`);
  demo.say(
    `   last 2 s, counted ${newly(STABLE_VERSION)} requests on ${STABLE_VERSION}, ${newly(CANARY_VERSION)} on ${CANARY_VERSION}`,
  );
  demo.say(`   users             ${total} requests in all, ${lost} failed`);
  demo.say(`   report            ${await fileLine(join(demo.output, 'report.html'))}`);
  demo.say(`   job summary       ${join(demo.output, 'summary.md')}`);
  demo.say('');
  demo.say(
    right
      ? `Scenario "${demo.scenario}" ended where it must.`
      : `Scenario "${demo.scenario}" ended in the WRONG place: expected ${expected.state} with all traffic on ${expected.serving}.`,
  );
  return right;
}

async function fileLine(path: string): Promise<string> {
  return readFile(path).then(
    () => path,
    () => 'none: the operator was killed before it could write one',
  );
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RunningStep, type StepEnd, startStep } from '../../src/cli/demo/as-runner.ts';
import { type DemoPlaces, demoConfig, type Scenario, TOKEN_ENV } from '../../src/cli/demo/demo-config.ts';
import { type Gate, openGate } from '../support/gate.ts';
import { builtCli, builtHome } from './built.ts';
import { dismiss, endServices, hire, newFolder } from './crew.ts';
import { type Load, startLoad } from './load.ts';
import { freePorts } from './ports.ts';
import { addressesOf, startRouter } from './routers.ts';

const TOKEN = 'a-token-for-the-bench';
export const STABLE = 'v1';
/** Requests a second of the demo's users. */
const RATE = 150;

/** A request of the operator to the router's admin API. */
export interface Passed {
  readonly method: string;
  readonly path: string;
  /** Epoch milliseconds at which it came by. */
  readonly at: number;
}

/** The demo's service in two slots behind the built router, under load from another process, and the built actions. */
export interface Stage {
  readonly folder: string;
  readonly load: Load;
  /** What the operators asked the router so far, oldest first. */
  readonly passed: readonly Passed[];
  /** Starts a step with the given scenario and plan. */
  start(
    entry: string,
    how: How,
    inputs: Readonly<Record<string, string>>,
    /** What an earlier step of the same action has saved. */
    state?: Readonly<Record<string, string>>,
  ): Promise<RunningStep>;
  close(): Promise<void>;
}

export interface How {
  readonly scenario: Scenario;
  readonly plan: string;
  /** Options for the Node that runs the action. */
  readonly nodeOptions?: string;
}

export const QUICK: How = {
  scenario: 'healthy',
  plan: `
  tick: 250ms
  checkpoint: 1h
  steps: [{ weight: 100, bake: 1s, max-bake: 12s }]
  budgets: { deploy: 20s, shift: 5s, verify: 3s, abort: 10s, hold: 10s }`,
};

export async function openStage(): Promise<Stage> {
  const folder = newFolder();
  const [a = 0, b = 0] = await freePorts(2);
  const router = startRouter(routerArgv(folder, { a, b }), TOKEN);
  const { url, admin } = await addressesOf(router);
  const gate = await openGate(admin);
  const passed: Passed[] = [];
  gate.set(({ method, path }) => {
    passed.push({ method, path, at: Date.now() });
    return { do: 'pass' };
  });
  const places = { directory: folder, cli: builtCli(), traffic: 0, admin: portOf(gate), slots: { a, b } };
  const start: Stage['start'] = (...step) => startIn(places, ...step);
  const end = await play(start, 'canary/main', QUICK, { version: STABLE });
  if (end.code !== 0) throw new Error(`the first deployment ended with ${JSON.stringify(end.outputs)}`);
  const load = startLoad({ url, rate: RATE, connections: 128, count: null, bookings: true });
  return {
    folder,
    load,
    passed,
    start,
    close: async () => {
      await load.stop();
      endServices(folder);
      await dismiss(router);
      await gate.close();
    },
  };
}

/** Starts a step and waits for its end. */
export async function play(
  start: Stage['start'],
  entry: string,
  how: How,
  inputs: Readonly<Record<string, string>>,
): Promise<StepEnd> {
  return (await start(entry, how, inputs)).ended;
}

/** A workspace with the demo's config in it; `places.directory` is the workspace. */
export function writeConfig(places: DemoPlaces, { scenario, plan }: How): void {
  const text = demoConfig(places, scenario).replace(/^plan:[\s\S]*?^(?=environments:)/m, `plan:${plan}\n\n`);
  mkdirSync(places.directory, { recursive: true });
  writeFileSync(join(places.directory, 'deploy-canary.yml'), text);
}

/** What a step sees of the environment: ours, without whatever another workflow run left in it. */
export function stepEnv(): Readonly<Record<string, string | undefined>> {
  const { GITHUB_ACTIONS: _, GITHUB_RUN_ID: __, GITHUB_SHA: ___, ...env } = process.env;
  return { ...env, [TOKEN_ENV]: TOKEN };
}

async function startIn(
  places: DemoPlaces,
  entry: string,
  how: How,
  inputs: Readonly<Record<string, string>>,
  state: Readonly<Record<string, string>> = {},
): Promise<RunningStep> {
  writeConfig(places, how);
  const { directory } = places;
  const env = how.nodeOptions === undefined ? stepEnv() : { ...stepEnv(), NODE_OPTIONS: how.nodeOptions };
  const place = { home: builtHome(), workspace: directory, scratch: directory, env };
  const given = { config: 'deploy-canary.yml', 'job-limit': '1h', ...inputs };
  const step = await startStep(place, entry, given, state, 'pipe');
  hire(step.child).stdout?.resume();
  return step;
}

function routerArgv(folder: string, { a, b }: DemoPlaces['slots']): string[] {
  return [
    ...[builtCli(), 'router', '--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0'],
    ...['--slot-a', `http://127.0.0.1:${a}`, '--slot-b', `http://127.0.0.1:${b}`],
    ...['--route', 'create-booking=POST /bookings', '--state', join(folder, 'router.json')],
  ];
}

function portOf(gate: Gate): number {
  return Number(new URL(gate.url).port);
}

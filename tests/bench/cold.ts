import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { DemoPlaces } from '../../src/cli/demo/demo-config.ts';
import { builtCli, builtHome } from './built.ts';
import { dismiss, hire, newFolder } from './crew.ts';
import { type Figure, median, skipped } from './figure.ts';
import { type NodeProgram, nodePrograms } from './nodes.ts';
import { openStage, play, QUICK, stepEnv, writeConfig } from './stage.ts';

const RUNS = 5;
const TARGET_MS = 250;
const TARGET_BYTES = 1_000_000;

const INPUTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  canary: { version: 'v9' },
  rollback: { reason: 'a bench of the start' },
  reconcile: {},
};

/** Milliseconds; bytes of the bundle. Read elsewhere, not here. */
const QUOTED = [
  'quoted, measured elsewhere, no inputs until exit 1, median (min):',
  'actions/checkout 7.0.1: N20 99 (93), N24 102 (85) ms, 1.45 MB',
  'google-github-actions/auth 3.0.0: N20 113 (93), N24 100 (94) ms, 0.65 MB',
  'aws-actions/configure-aws-credentials 6.2.3: N20 124 (115), N24 156 (127) ms, 3.09 MB',
  'peter-evans/create-pull-request 8.0.0: N20 142 (127), N24 153 (112) ms, 1.88 MB',
  'aws-actions/amazon-ecs-deploy-task-definition 2.6.3: N20 190 (156), N24 180 (157) ms, 2.63 MB',
  'docker/build-push-action: N20 233 (228), N24 313 (242) ms, 2.54 MB',
];

/** How long an action takes to get going, and how much of it has to be fetched and read. */
export async function measureColdStarts(): Promise<readonly Figure[]> {
  const workspace = await workspaceWithHistory();
  const { found, missing } = nodePrograms();
  const figures: Figure[] = [];
  for (const node of found) {
    for (const action of Object.keys(INPUTS)) {
      figures.push(
        figureOf(`${action}, ${node.name}: first request`, await firstRequests(node, action, workspace)),
      );
    }
    const floor = `${node.name} with an empty file: ${told(await untilExit(node, emptyFile(), 0))}`;
    const refused = await untilExit(node, join(builtHome(), 'actions/canary/main.mjs'), 1);
    figures.push({
      ...figureOf(`canary, ${node.name}: no inputs until exit 1`, refused),
      beside: node === found[0] ? [floor, ...QUOTED] : [floor],
    });
  }
  if (missing !== null) figures.push(skipped('the same on Node 24', missing));
  return [...figures, sizeFigure()];
}

function figureOf(what: string, times: readonly number[]): Figure {
  const met = median(times) <= TARGET_MS;
  return { what, ours: told(times), target: `<= ${TARGET_MS} ms`, met, beside: [] };
}

function told(times: readonly number[]): string {
  return `${median(times).toFixed(0)} (${Math.min(...times).toFixed(0)}) ms`;
}

/** A service that has been promoted once, so that each action has something to do. */
async function workspaceWithHistory(): Promise<string> {
  const stage = await openStage();
  try {
    const { outputs } = await play(stage.start, 'canary/main', QUICK, { version: 'v2' });
    if (outputs.state !== 'promoted') throw new Error(`the preparation ended ${outputs['reason-code']}`);
    const kept = newFolder();
    cpSync(join(stage.folder, 'ledger'), join(kept, 'ledger'), { recursive: true });
    return kept;
  } finally {
    await stage.close();
  }
}

async function firstRequests(node: NodeProgram, action: string, history: string): Promise<number[]> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run += 1) times.push(await firstRequest(node, action, history));
  return times;
}

/** From before the process is made to the first request that a stand-in for the router gets from it. */
async function firstRequest(node: NodeProgram, action: string, history: string): Promise<number> {
  const directory = newFolder();
  cpSync(history, directory, { recursive: true });
  const arrived: { at: number | null } = { at: null };
  const router = createServer(() => {
    arrived.at ??= performance.now();
  }).listen(0, '127.0.0.1');
  await once(router, 'listening');
  const places: DemoPlaces = {
    directory,
    cli: builtCli(),
    traffic: 0,
    admin: portOf(router),
    slots: { a: 1, b: 2 },
  };
  writeConfig(places, QUICK);
  const env = { ...stepEnv(), ...commandFiles(directory), ...inputsOf(action) };
  const came = once(router, 'request', { signal: AbortSignal.timeout(20_000) });
  const began = performance.now();
  const argv = [join(builtHome(), 'actions', action, 'main.mjs')];
  const child = hire(spawn(node.path, argv, { cwd: directory, env, stdio: 'ignore' }));
  const left = once(child, 'close').then(() => {
    if (arrived.at === null) throw new Error(`${action} ended before it asked the router anything`);
  });
  await Promise.race([came, left]);
  await dismiss(child);
  router.closeAllConnections();
  router.close();
  return (arrived.at ?? Number.NaN) - began;
}

function inputsOf(action: string): Record<string, string> {
  const given = { config: 'deploy-canary.yml', ...INPUTS[action] };
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
  );
}

function commandFiles(directory: string): Record<string, string> {
  const files = ['GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY'].map((name): [string, string] => {
    const path = join(directory, name);
    writeFileSync(path, '');
    return [name, path];
  });
  return { ...Object.fromEntries(files), GITHUB_WORKSPACE: directory };
}

async function untilExit(node: NodeProgram, file: string, expected: number): Promise<number[]> {
  const times: number[] = [];
  const cwd = newFolder();
  for (let run = 0; run < RUNS; run += 1) {
    const began = performance.now();
    const child = hire(
      spawn(node.path, [file], { cwd, env: { ...stepEnv(), ...commandFiles(cwd) }, stdio: 'ignore' }),
    );
    const [code] = await once(child, 'close');
    times.push(performance.now() - began);
    if (code !== expected) throw new Error(`expected exit ${expected} of ${file}, got ${String(code)}`);
  }
  return times;
}

function emptyFile(): string {
  const path = join(newFolder(), 'empty.mjs');
  writeFileSync(path, '');
  return path;
}

function sizeFigure(): Figure {
  const dist = join(builtHome(), 'dist');
  const bytes = readdirSync(dist).reduce((sum, name) => sum + statSync(join(dist, name)).size, 0);
  const packed = gzipSync(readFileSync(join(dist, 'index.js'))).length;
  return {
    what: 'dist, every action and the CLI together',
    ours: `${megabytes(bytes)}; index.js ${megabytes(packed)} packed`,
    target: `<= ${megabytes(TARGET_BYTES)}`,
    met: bytes <= TARGET_BYTES,
    beside: ['sizes of known actions: see above; each of them is one action'],
  };
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(2)} MB`;

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

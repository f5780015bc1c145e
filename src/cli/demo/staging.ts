import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type StepEnd, startStep, type Workplace } from './as-runner.ts';
import { freePorts } from './free-ports.ts';
import { NORMAL_RATE, type StagingPlaces, type StagingScenario, stagingConfig } from './staging-config.ts';
import { heard, print } from './step-log.ts';

const VERSION = 'v1.5.0';
const GATES = ['deploy', 'e2e-gate', 'load-test'] as const;
type Gate = (typeof GATES)[number];
type Verdicts = Readonly<Record<Gate, string>>;

/** What each gate must say; a version that is not deployed is not tested. */
const EXPECTED: Readonly<Record<StagingScenario, Verdicts>> = {
  healthy: { deploy: 'pass', 'e2e-gate': 'pass', 'load-test': 'pass' },
  'broken-flow': { deploy: 'pass', 'e2e-gate': 'fail', 'load-test': 'pass' },
  slow: { deploy: 'pass', 'e2e-gate': 'pass', 'load-test': 'fail' },
  'old-version': { deploy: 'fail', 'e2e-gate': 'not run', 'load-test': 'not run' },
  destructive: { deploy: 'fail', 'e2e-gate': 'not run', 'load-test': 'not run' },
};

interface Staging {
  readonly scenario: StagingScenario;
  readonly places: StagingPlaces;
  readonly place: Workplace;
  readonly sha: string;
  readonly output: string;
}

/** Deploys the booking platform to staging, tests its flows, and loads it with ten times its traffic; true when every gate said what it must. */
export async function runStaging(cli: string, scenario: StagingScenario, output: string): Promise<boolean> {
  const staging = await prepare(cli, scenario, output);
  const cdn = startCdn(staging.places);
  try {
    print(`deploy-canary demo, staging, scenario "${scenario}": ${VERSION} of a booking platform`);
    return await tell(staging, await throughTheGates(staging));
  } finally {
    cdn.kill('SIGTERM');
    await stopBackEnd(staging.places.workspace);
    await rm(staging.places.workspace, { recursive: true, force: true });
  }
}

async function prepare(cli: string, scenario: StagingScenario, output: string): Promise<Staging> {
  const home = join(dirname(cli), '..');
  const workspace = await mkdtemp(join(tmpdir(), 'deploy-canary-staging-'));
  const [backEnd = 0, frontEnd = 0] = await freePorts(2);
  cpSync(join(home, 'examples/staging'), workspace, { recursive: true });
  await mkdir(join(workspace, 'run/public'), { recursive: true });
  if (scenario === 'destructive')
    await writeFile(
      join(workspace, 'migrations/003_tidy.sql'),
      'ALTER TABLE bookings DROP COLUMN service;\n',
    );
  const sha = commit(workspace);
  const places = { workspace, backEnd, frontEnd, hasGit: sha !== null };
  await writeFile(join(workspace, 'deploy-canary.yml'), stagingConfig(places, scenario));
  await mkdir(resolve(output), { recursive: true });
  const {
    GITHUB_ACTIONS: _,
    GITHUB_RUN_ID: __,
    GITHUB_SHA: ___,
    NODE_TEST_CONTEXT: ____,
    ...env
  } = process.env;
  const place = { home, workspace, scratch: join(workspace, 'run'), env };
  return { scenario, places, place, sha: sha ?? '0'.repeat(40), output: resolve(output) };
}

/** The commit that is deployed; null on a machine without git. */
function commit(workspace: string): string | null {
  const who = ['-c', 'user.name=demo', '-c', 'user.email=demo@example.com'];
  const git = (...words: readonly string[]): string =>
    execFileSync('git', [...who, ...words], { cwd: workspace, encoding: 'utf8', stdio: 'pipe' });
  try {
    git('init', '-q');
    git('add', '.');
    git('commit', '-q', '-m', 'The booking platform');
    return git('rev-parse', 'HEAD').trim();
  } catch {
    return null;
  }
}

function startCdn({ workspace, frontEnd }: StagingPlaces): ChildProcess {
  const argv = ['cdn.mjs', '--port', String(frontEnd), '--folder', 'run/public'];
  return spawn(process.execPath, argv, { cwd: workspace, stdio: ['ignore', 'ignore', 'inherit'] });
}

async function throughTheGates(staging: Staging): Promise<Verdicts> {
  const deploy = await pass(staging, 'deploy', `1. ${VERSION} is deployed: back end, front end`);
  if (deploy !== 'pass') return { deploy, 'e2e-gate': 'not run', 'load-test': 'not run' };
  const flows = await pass(staging, 'e2e-gate', '2. the flows that must not break are tested');
  const load = `3. ten times its normal traffic of ${NORMAL_RATE} requests a second, for 12 s`;
  return { deploy, 'e2e-gate': flows, 'load-test': await pass(staging, 'load-test', load) };
}

/** Runs one action as a runner does, and answers with its verdict. */
async function pass({ place, sha, output }: Staging, gate: Gate, title: string): Promise<string> {
  print(`\n${title}\n`);
  const report = gate === 'load-test' ? { report: join(output, 'load-test.html') } : {};
  const inputs = { config: 'deploy-canary.yml', environment: 'staging', version: VERSION, sha, ...report };
  const end: StepEnd = await heard(await startStep(place, `${gate}/main`, inputs, {}, 'pipe'), print).ended;
  await writeFile(join(output, `${gate}.md`), end.summary);
  return end.outputs.verdict ?? `no verdict (exit code ${end.code})`;
}

async function tell({ scenario, output }: Staging, verdicts: Verdicts): Promise<boolean> {
  const wrong = GATES.filter((gate) => verdicts[gate] !== EXPECTED[scenario][gate]);
  print('');
  for (const gate of GATES) print(`   ${gate.padEnd(12)} ${verdicts[gate]}`);
  print(`   job summaries and the report of the load are in ${output}\n`);
  if (wrong.length === 0) print(`Scenario "${scenario}": every gate said what it must.`);
  for (const gate of wrong)
    print(`Scenario "${scenario}": ${gate} said ${verdicts[gate]} and must say ${EXPECTED[scenario][gate]}.`);
  return wrong.length === 0;
}

async function stopBackEnd(workspace: string): Promise<void> {
  const pid = Number(await readFile(join(workspace, 'run/back-end.pid'), 'utf8').catch(() => ''));
  if (!Number.isInteger(pid) || pid <= 0) return;
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    // It has ended already.
  }
}

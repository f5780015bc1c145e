import type { CommandEnd } from '../core/checks/command.ts';
import type { Subject } from '../core/checks/gate-result.ts';
import { judgeE2e } from '../core/e2e/evaluate.ts';
import { type E2eResult, toE2eResult } from '../core/e2e/result.ts';
import type { E2eSuite, ReadReport, Reports, TestProgram, TestRun } from '../core/e2e/suite.ts';
import { formatDuration } from '../core/units.ts';
import type { Clock } from '../ports/clock.ts';
import type { CommandOutcome, CommandRunner } from '../ports/command-runner.ts';
import type { ReportSource } from '../ports/report-source.ts';

export interface E2eGate {
  /** Name of the suite in the configuration. */
  readonly name: string;
  readonly service: string;
  readonly suite: E2eSuite;
  readonly subject: Subject;
}

export interface E2eWorld {
  readonly clock: Clock;
  readonly commands: CommandRunner;
  readonly reports: ReportSource;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A directory of the configuration as the machine knows it. */
  readonly directory: (path: string) => string;
  /** Opens a part of the log for what somebody else's program prints. */
  readonly output: (title: string) => OutputLog;
}

export interface OutputLog {
  readonly line: (text: string) => void;
  readonly close: () => void;
}

/** Runs the tests where that is asked for, reads what they have left, and judges it. */
export async function runE2eGate(world: E2eWorld, gate: E2eGate, signal: AbortSignal): Promise<E2eResult> {
  const { clock } = world;
  const { name, service, suite, subject } = gate;
  const startedAt = clock.now();
  const before = suite.program === null ? new Map() : await stampsOf(world, suite, signal);
  const run = suite.program === null ? null : await runTests(world, gate, suite.program, signal);
  const reports = await readAll(world, suite, before, signal);
  const endedAt = clock.now();
  const judged = judgeE2e(suite, { run, reports, sha: subject.sha, now: endedAt });
  const about = { operation: 'e2e-gate' as const, gate: name, service, subject, startedAt, endedAt };
  const result = toE2eResult({ ...about, cancelled: signal.aborted }, judged, reports, endedAt);
  return { ...result, failures: await located(world, result.failures) };
}

async function stampsOf(
  { reports }: E2eWorld,
  suite: E2eSuite,
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const { files } = await reports.find(suite.reports, signal);
  return new Map(files.map(({ path, stamp }) => [path, stamp]));
}

async function runTests(
  world: E2eWorld,
  { service, subject }: E2eGate,
  program: TestProgram,
  signal: AbortSignal,
): Promise<TestRun> {
  const { argv, cwd, env, envFrom, timeout } = program;
  const facts = {
    DEPLOY_CANARY_SERVICE: service,
    DEPLOY_CANARY_ENVIRONMENT: subject.environment,
    DEPLOY_CANARY_VERSION: subject.version,
    DEPLOY_CANARY_SHA: subject.sha,
  };
  const all = {
    ...handedOn(world.env, ['PATH', 'HOME', 'CI']),
    ...facts,
    ...env,
    ...handedOn(world.env, envFrom),
  };
  const startedAt = world.clock.now();
  const began = world.clock.monotonic();
  const log = world.output(`Run ${argv.join(' ')}`);
  const outcome = await world.commands({
    argv,
    cwd: world.directory(cwd),
    env: all,
    timeout,
    signal,
    onLine: log.line,
  });
  log.close();
  return {
    argv,
    startedAt,
    end: endOf(outcome, program),
    isCancelled: outcome.kind === 'aborted',
    output: 'output' in outcome ? outcome.output : '',
    duration: world.clock.monotonic() - began,
  };
}

function handedOn(env: E2eWorld['env'], names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

function endOf(outcome: CommandOutcome, { timeout }: TestProgram): CommandEnd {
  switch (outcome.kind) {
    case 'exited':
      return { kind: 'exited', code: outcome.code };
    case 'killed':
      return { kind: 'killed', signal: outcome.signal };
    case 'timed-out':
      return { kind: 'stopped', why: `not ended within ${formatDuration(timeout)}` };
    case 'aborted':
      return { kind: 'stopped', why: 'stopped, because the run was cancelled' };
    case 'not-found':
      return { kind: 'not-started', why: outcome.why };
  }
}

/** One after the other, so that never more than one is in memory as text. */
async function readAll(
  { reports }: E2eWorld,
  suite: E2eSuite,
  before: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<Reports> {
  if (signal.aborted) return { read: [], unmatched: ['nothing was read, because the run was cancelled'] };
  const { files, unmatched } = await reports.find(suite.reports, signal);
  const read: ReadReport[] = [];
  for (const file of files) {
    const one = await reports.read(file, signal);
    const isLeftOver = before.get(file.path) === file.stamp;
    read.push(one.kind === 'read' ? { ...one, modifiedAt: file.modifiedAt, isLeftOver } : one);
  }
  return { read, unmatched };
}

/** With their files as the workspace has them, so that the place of a failure can be shown. */
async function located(
  { reports }: E2eWorld,
  failures: E2eResult['failures'],
): Promise<E2eResult['failures']> {
  const known = new Map<string, string | null>();
  const found: E2eResult['failures'][number][] = [];
  for (const test of failures) {
    const { file } = test;
    if (file !== null && !known.has(file)) known.set(file, await reports.locate(file));
    found.push({ ...test, file: file === null ? null : (known.get(file) ?? file) });
  }
  return found;
}

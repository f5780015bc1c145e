import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canRun } from '../can-run.ts';

export const hasAct = canRun('act', '--version');

export interface ActRequest {
  readonly folder: string;
  readonly workflow: string;
  readonly event: string;
  readonly payload?: unknown;
  readonly env: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
}

export interface ActEnd {
  readonly code: number | null;
  readonly log: string;
  /** How each job ended, by its id: act says nothing of those that it skipped. */
  readonly jobs: Readonly<Record<string, 'succeeded' | 'failed'>>;
}

export interface ActRun {
  readonly ended: Promise<ActEnd>;
  readonly log: () => string;
  /** Whether a step of a job has begun, by what it uses. */
  readonly hasBegun: (job: string, step: string) => boolean;
  /** As when the machine is gone: act and every process of its steps, at once, without a word. */
  readonly kill: () => void;
  /** Kills the steps in whose command line this stands, if any runs now, and leaves act alone. */
  readonly killSteps: (words: string) => void;
}

/** Runs a workflow with act on this very machine, without containers. */
export function runAct({ folder, workflow, event, payload = {}, env, secrets }: ActRequest): ActRun {
  const home = mkdtempSync(join(tmpdir(), 'act-home-'));
  writeFileSync(join(home, 'event.json'), JSON.stringify(payload));
  writeFileSync(
    join(home, 'secrets'),
    Object.entries(secrets)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  const given = Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
  const argv = [
    ...[event, '-W', workflow, '-P', 'ubuntu-latest=-self-hosted', '-e', join(home, 'event.json')],
    ...['--secret-file', join(home, 'secrets'), '--no-skip-checkout=false', ...given],
  ];
  const child = spawn('act', argv, {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: home, XDG_CACHE_HOME: join(home, 'cache'), NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      log += String(chunk);
    });
  const ended = new Promise<ActEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
      resolve({ code, log, jobs: endsIn(log) });
    });
  });
  const killSteps = (words: string): void =>
    kill(treeOf(child).filter((pid) => commandOf(pid).includes(words)));
  const hasBegun = (job: string, step: string): boolean =>
    log
      .split('\n')
      .some((line) => new RegExp(`/${job}\\s*\\]`).test(line) && line.includes(`Run Main ${step}`));
  return { ended, log: () => log, hasBegun, kill: () => kill(treeOf(child)), killSteps };
}

function endsIn(log: string): ActEnd['jobs'] {
  const lines = log.matchAll(/^\[[^\]]*?([\w-]+)\s*\].*Job (succeeded|failed)$/gm);
  return Object.fromEntries(
    [...lines].flatMap(([, job = '', end]) => (end === 'succeeded' || end === 'failed' ? [[job, end]] : [])),
  );
}

/** act gives each step a process group of its own, so that the whole tree is asked for. */
function treeOf(child: ChildProcess): number[] {
  if (child.pid === undefined) return [];
  const parents = parentsByPid();
  const tree = [child.pid];
  for (let place = 0; place < tree.length; place += 1)
    for (const [pid, parent] of parents) if (parent === tree[place]) tree.push(pid);
  return tree;
}

function kill(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It went by itself.
    }
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function parentsByPid(): Map<number, number> {
  const found = new Map<number, number>();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      found.set(Number(pid), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It is gone.
    }
  }
  return found;
}

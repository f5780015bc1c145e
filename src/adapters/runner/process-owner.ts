import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, tmpdir, userInfo } from 'node:os';
import type { Owner } from '../../core/rollout/record.ts';
import type { OwnerProbe } from '../../ports/owner-probe.ts';
import { runCommand } from './spawn.ts';

type Liveness = 'alive' | 'dead' | 'unknown';
type Env = Readonly<Record<string, string | undefined>>;

const PROC = '/proc';
/** The same words in the same zone, whoever asks. */
const PS_ENV = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/** Who this process is, for the ledger: a job of a workflow run where there is one, a program otherwise. */
export function thisProcess(env: Env, proc: string = PROC): Owner {
  const self = { host: hostname(), pid: process.pid, processStart: ownStart(proc) };
  const random = randomUUID().slice(0, 8);
  const runId = env.GITHUB_RUN_ID;
  if (runId === undefined || runId === '') {
    const id = `${self.host}-${self.pid}-${random}`;
    return { id, kind: 'process', runId: id, ...self, name: userName() };
  }
  const attempt = env.GITHUB_RUN_ATTEMPT ?? '1';
  const id = [runId, attempt, env.GITHUB_JOB ?? 'job', random].join('-');
  const url = runUrl(env, runId, attempt);
  const owner = { id, kind: 'github-run', runId, ...self, name: env.GITHUB_ACTOR ?? userName() } as const;
  return url === null ? owner : { ...owner, url };
}

/**
 * Asks this machine's kernel whether an owner still lives. Another host, another container and a machine that
 * merely has the same name answer `unknown`: hosted runners share names. A process that was stopped, but not
 * ended, is alive; a zombie is not.
 */
export function processProbe(proc: string = PROC): OwnerProbe {
  return {
    isAlive: async (owner, signal) => {
      if (owner.host !== hostname()) return 'unknown';
      const [source, boot, namespace, ticks] = owner.processStart.split('|');
      if (source === 'ps') return askPs(owner, signal);
      const here = kernelOf(proc);
      if (source !== 'linux' || here === null || ticks === undefined) return 'unknown';
      if (boot !== here.boot) return owner.kind === 'process' ? 'dead' : 'unknown';
      return namespace === here.namespace ? askProc(proc, owner.pid, ticks) : 'unknown';
    },
  };
}

function askProc(proc: string, pid: number, ticks: string): Liveness {
  const stat = statOf(proc, String(pid));
  // A process of another user may be hidden from /proc, but not from kill.
  if (stat === null) return exists(pid) ? 'unknown' : 'dead';
  return isGone(stat.state) || stat.ticks !== ticks ? 'dead' : 'alive';
}

async function askPs(owner: Owner, signal: AbortSignal): Promise<Liveness> {
  const outcome = await runCommand({
    argv: ['ps', ...psArguments(owner.pid)],
    cwd: tmpdir(),
    env: PS_ENV,
    timeout: 5_000,
    signal,
  });
  if (outcome.kind !== 'exited') return 'unknown';
  const line = outcome.output.trim();
  if (line === '') return exists(owner.pid) ? 'unknown' : 'dead';
  const { state, start } = parsePs(line);
  return isGone(state) || `ps|${start}` !== owner.processStart ? 'dead' : 'alive';
}

function ownStart(proc: string): string {
  const kernel = kernelOf(proc);
  const stat = statOf(proc, 'self');
  if (kernel !== null && stat !== null) return ['linux', kernel.boot, kernel.namespace, stat.ticks].join('|');
  try {
    const line = execFileSync('ps', psArguments(process.pid), { env: PS_ENV, timeout: 5_000 });
    return `ps|${parsePs(line.toString().trim()).start}`;
  } catch {
    return 'unknown';
  }
}

/** A pid means something only within one boot of one machine, and within one pid namespace of it. */
function kernelOf(proc: string): { readonly boot: string; readonly namespace: string } | null {
  try {
    const boot = readFileSync(`${proc}/sys/kernel/random/boot_id`, 'utf8').trim();
    return { boot, namespace: readlinkSync(`${proc}/self/ns/pid`) };
  } catch {
    return null;
  }
}

/** proc(5): the name in parentheses may hold anything, so count from the last one. Field 3 is the state, 22 the start. */
function statOf(proc: string, pid: string): { readonly state: string; readonly ticks: string } | null {
  try {
    const text = readFileSync(`${proc}/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [state, ticks] = [fields[0], fields[19]];
    return state === undefined || ticks === undefined ? null : { state, ticks };
  } catch {
    return null;
  }
}

function psArguments(pid: number): string[] {
  return ['-o', 'stat=,lstart=', '-p', String(pid)];
}

function parsePs(line: string): { readonly state: string; readonly start: string } {
  const [state = '', ...start] = line.split(/\s+/);
  return { state, start: start.join(' ') };
}

function isGone(state: string): boolean {
  return state.startsWith('Z') || state.startsWith('X');
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that has no name.
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
}

function runUrl(env: Env, runId: string, attempt: string): string | null {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = env;
  if (server === undefined || repository === undefined) return null;
  return `${server}/${repository}/actions/runs/${runId}/attempts/${attempt}`;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Everything that a bench starts or writes, so that nothing outlives it, however it ends. */

const children = new Set<ChildProcess>();
const folders = new Set<string>();

export function hire<T extends ChildProcess>(child: T): T {
  children.add(child);
  child.once('close', () => children.delete(child));
  // What it says is not read; unread, it would stop when the pipe is full.
  child.stderr?.resume();
  return child;
}

const LOADER = join(import.meta.dirname, '../../tools/register.mjs');

/** Runs a TypeScript file of this folder as a process of its own, told what to do in JSON. */
export function hireScript(file: string, order: unknown): ChildProcess {
  const argv = ['--import', LOADER, join(import.meta.dirname, file), JSON.stringify(order)];
  return hire(spawn(process.execPath, argv, { stdio: ['pipe', 'pipe', 'inherit'] }));
}

/** Ends a child the hard way and comes back when it is gone. */
export async function dismiss(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'close');
  child.kill('SIGKILL');
  await gone;
}

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dc-bench-'));
  folders.add(folder);
  return folder;
}

/** Services that the product started for itself leave their pid in a file. Ends them at once. */
export function endServices(folder: string): void {
  for (const name of readdirSync(folder).filter((one) => /^slot-[ab]\.pid$/.test(one))) {
    const pid = Number(readFileSync(join(folder, name), 'utf8'));
    if (Number.isInteger(pid) && pid > 1) end(pid);
  }
}

/** Synchronous, because it is the last thing that a process does. */
export function dismissAll(): void {
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) endServices(folder);
  // A step that was ended in the middle of a deployment may just have started a service.
  for (let look = 0; look < 20 && endStrays() > 0; look += 1) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  }
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  folders.clear();
}

/** Ends every process that was started from, or for, one of our folders; their names are like no other. */
function endStrays(): number {
  if (folders.size === 0 || !existsSync('/proc/self/cmdline')) return 0;
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const strays = pids.filter((pid) => [...folders].some((folder) => commandOf(pid).includes(folder)));
  for (const pid of strays) end(Number(pid));
  return strays.length;
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Milliseconds } from '../../core/units.ts';
import type { Command, CommandRunner } from '../../ports/command-runner.ts';

/** From SIGTERM to SIGKILL. The Actions runner itself gives 7.5 s in all. */
const GRACE: Milliseconds = 2_000;
/** Nothing outlives SIGKILL but a process that hangs in its kernel, and a zombie that nobody reaps. */
const AFTER_KILL: Milliseconds = 500;
const POLL: Milliseconds = 20;
/** How long output may still come after the end of the program that wrote it. */
const DRAIN: Milliseconds = 1_000;
const LONGEST_TIMER: Milliseconds = 2 ** 31 - 1;
const LONGEST_LINE = 16_384;
const DEFAULT_OUTPUT = 65_536;

type Child = ChildProcessByStdio<null, Readable, Readable>;
type Stopped = 'timed-out' | 'aborted';
type End =
  | { readonly kind: 'exit'; readonly code: number | null; readonly signal: string | null }
  | { readonly kind: 'not-started'; readonly error: Error }
  | { readonly kind: Stopped };

/** Runs a program in a process group of its own, so that all of it can be ended. Needs a POSIX system. */
export const runCommand: CommandRunner = async (command) => {
  if (command.signal.aborted) return { kind: 'aborted', output: '' };
  const child = start(command);
  if (child instanceof Error) return { kind: 'not-found', why: whyNotStarted(command, child) };
  const output = collect(child, command);
  const closing = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const end = await endOf(child, command);
  if (end.kind === 'not-started') return { kind: 'not-found', why: whyNotStarted(command, end.error) };
  if (end.kind !== 'exit') {
    await endGroup(child.pid);
    return { kind: end.kind, output: output.finish() };
  }
  const complete = await within(DRAIN, closing);
  const tail = output.finish();
  if (end.code === null) return { kind: 'killed', signal: end.signal ?? 'unknown', output: tail };
  return { kind: 'exited', code: end.code, output: tail, heldOutput: !complete };
};

function start(command: Command): Child | Error {
  const [program, ...args] = command.argv;
  if (program === undefined) return new Error('the command is empty');
  try {
    return spawn(program, args, {
      cwd: command.cwd,
      env: { ...command.env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function endOf(child: Child, command: Command): Promise<End> {
  return new Promise((resolve) => {
    const abort = (): void => settle({ kind: 'aborted' });
    const timer = setTimeout(() => settle({ kind: 'timed-out' }), Math.min(command.timeout, LONGEST_TIMER));
    const settle = (end: End): void => {
      clearTimeout(timer);
      command.signal.removeEventListener('abort', abort);
      resolve(end);
    };
    command.signal.addEventListener('abort', abort, { once: true });
    child.on('error', (error) => settle({ kind: 'not-started', error }));
    child.once('exit', (code, signal) => settle({ kind: 'exit', code, signal }));
  });
}

/** Ends the group and waits until it is gone. Its leader may be dead already: a child may have outlived it. */
async function endGroup(pid: number | undefined): Promise<void> {
  if (pid === undefined) return;
  sendToGroup(pid, 'SIGTERM');
  if (await groupEnds(pid, GRACE)) return;
  sendToGroup(pid, 'SIGKILL');
  await groupEnds(pid, AFTER_KILL);
}

async function groupEnds(pid: number, within: Milliseconds): Promise<boolean> {
  const until = performance.now() + within;
  while (sendToGroup(pid, 0)) {
    if (performance.now() >= until) return false;
    await pause(POLL);
  }
  return true;
}

/** False when there is nobody left to hear it. */
function sendToGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

interface Collected {
  /** Stops reading and tells what was kept. */
  readonly finish: () => string;
}

function collect(child: Child, command: Command): Collected {
  const limit = command.maxOutput ?? DEFAULT_OUTPUT;
  let kept = '';
  const read = (stream: Readable, name: 'stdout' | 'stderr'): LineSplitter => {
    const lines = lineSplitter((line) => {
      kept = newest(`${kept}${line}\n`, 2 * limit, limit);
      command.onLine?.(line, name);
    });
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => lines.push(chunk));
    stream.on('error', () => undefined);
    return lines;
  };
  const both = [read(child.stdout, 'stdout'), read(child.stderr, 'stderr')];
  const finish = (): string => {
    release(child);
    for (const lines of both) lines.end();
    return newest(kept, limit, limit);
  };
  return { finish };
}

/**
 * What still writes to the pipe is told so by its next write: better now, while the version has little traffic
 * or none, than when this process ends.
 */
function release(child: Child): void {
  child.stdout.destroy();
  child.stderr.destroy();
  child.unref();
}

/** Cuts only when `text` has grown beyond `beyond`, so that many short lines do not cost a copy each. */
function newest(text: string, beyond: number, keep: number): string {
  return text.length > beyond ? text.slice(text.length - keep) : text;
}

interface LineSplitter {
  readonly push: (chunk: string) => void;
  readonly end: () => void;
}

function lineSplitter(give: (line: string) => void): LineSplitter {
  let rest = '';
  const piecewise = (line: string): string => {
    let left = line;
    for (; left.length > LONGEST_LINE; left = left.slice(LONGEST_LINE)) give(left.slice(0, LONGEST_LINE));
    return left;
  };
  const whole = (line: string): void => give(piecewise(line.endsWith('\r') ? line.slice(0, -1) : line));
  return {
    push: (chunk) => {
      const lines = (rest + chunk).split('\n');
      rest = piecewise(lines.pop() ?? '');
      lines.forEach(whole);
    },
    end: () => {
      if (rest !== '') whole(rest);
      rest = '';
    },
  };
}

function whyNotStarted(command: Command, error: Error): string {
  const program = command.argv[0] ?? '';
  if (!isDirectory(command.cwd)) return `its directory ${command.cwd} does not exist`;
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return `there is no program ${program}`;
  if (code === 'EACCES') return `there is no program ${program} that this user may execute`;
  return error.message;
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function pause(ms: Milliseconds): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

function within(ms: Milliseconds, done: Promise<void>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    void done.then(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { dismiss, hire, hireScript } from './crew.ts';

export interface LoadOrder {
  readonly url: string;
  /** Requests a second, whether or not earlier ones were answered; null for as fast as they are answered. */
  readonly rate: number | null;
  readonly connections: number;
  /** Ends by itself after so many; null to go on until told. */
  readonly count: number | null;
  /** Quotes and bookings as the demo's users send them, instead of `GET /`. */
  readonly bookings: boolean;
  /** Whether a GET whose kept connection was closed before a byte of the answer is sent again, as browsers do. */
  readonly retry?: boolean;
}

export interface VersionTally {
  readonly answered: number;
  /** Epoch milliseconds. */
  readonly lastAnsweredAt: number;
}

export interface Tally {
  readonly answered: number;
  /** Answered, with another code than 2xx or 3xx. */
  readonly failed: number;
  /** Cut, or never answered. */
  readonly lost: number;
  /** Sent again on another connection. */
  readonly retried: number;
  readonly seconds: number;
  /** Milliseconds from when a request was due. */
  readonly p50: number;
  readonly p99: number;
  readonly versions: Readonly<Record<string, VersionTally>>;
}

export interface Load {
  now(): Promise<Tally>;
  /** Lets what is under way end. */
  stop(): Promise<Tally>;
}

/** Load from a process of its own. */
export function startLoad(order: LoadOrder): Load {
  const child = hireScript('load-process.ts', order);
  const next = tallies(child);
  return {
    now: () => {
      child.stdin?.write('tally\n');
      return next();
    },
    stop: async () => {
      child.stdin?.end();
      const last = await next();
      await dismiss(child);
      return last;
    },
  };
}

/** Sends `order.count` requests and tells what came of them. */
export async function sendAll(order: LoadOrder): Promise<Tally> {
  const child = hireScript('load-process.ts', order);
  const done = await tallies(child)();
  await dismiss(child);
  return done;
}

function tallies(child: ChildProcess): () => Promise<Tally> {
  const waiting: { resolve: (tally: Tally) => void; reject: (error: Error) => void }[] = [];
  linesOf(child).on('line', (line) => waiting.shift()?.resolve(JSON.parse(line)));
  child.once('close', () => {
    for (const { reject } of waiting) reject(new Error('the load ended without a tally'));
  });
  return () => new Promise((resolve, reject) => void waiting.push({ resolve, reject }));
}

export function linesOf({ stdout }: ChildProcess): Interface {
  if (stdout === null) throw new Error('expected a child whose output is a pipe');
  return createInterface({ input: stdout });
}

/** What wrk and our own load can both tell. */
export interface Outcome {
  readonly requests: number;
  readonly bad: number;
  readonly rate: number;
  /** Milliseconds. */
  readonly p99: number;
}

/** As many requests as wrk gets answered over `connections` connections. */
export async function wrk(url: string, connections: number, seconds: number): Promise<Outcome> {
  const argv = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', url];
  const child = hire(spawn('wrk', argv, { stdio: ['ignore', 'pipe', 'ignore'] }));
  let text = '';
  for await (const line of linesOf(child)) text += `${line}\n`;
  const numbers = (pattern: RegExp): number[] => (pattern.exec(text) ?? []).slice(1).map(Number);
  const [requests] = numbers(/(\d+) requests in/);
  const [rate] = numbers(/Requests\/sec:\s+([\d.]+)/);
  const sockets = numbers(/connect (\d+), read (\d+), write (\d+), timeout (\d+)/);
  const others = numbers(/Non-2xx or 3xx responses: (\d+)/);
  const [, size = 'NaN', unit = ''] = /99%\s+([\d.]+)(us|ms|s)\b/.exec(text) ?? [];
  if (requests === undefined || rate === undefined)
    throw new Error(`wrk said something unexpected:\n${text}`);
  const bad = [...sockets, ...others].reduce((sum, one) => sum + one, 0);
  return { requests, bad, rate, p99: Number(size) * ({ us: 0.001, ms: 1, s: 1_000 }[unit] ?? Number.NaN) };
}

import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { LoadOrder, Tally, VersionTally } from './load.ts';

/** Sends requests over raw kept connections. A line on stdin asks for a tally; the end of stdin ends it. */

interface Line {
  readonly socket: Socket;
  /** When the request that is under way was due; null for none. */
  due: number | null;
  text: string;
  /** Whether it has answered before. */
  kept: boolean;
}

const order: LoadOrder = JSON.parse(process.argv[2] ?? 'null');
const { hostname, port } = new URL(order.url);
const lines = new Set<Line>();
const idle: Line[] = [];
const backlog: number[] = [];
const latencies: number[] = [];
const versions: Record<string, { answered: number; lastAnsweredAt: number }> = {};
const started = performance.now();
let sent = 0;
let answered = 0;
let failed = 0;
let lost = 0;
let retried = 0;
let ending = false;

function ask(due: number): void {
  const line = idle.pop();
  if (line !== undefined) write(line, due);
  else if (lines.size < order.connections) open(due);
  else backlog.push(due);
}

function write(line: Line, due: number): void {
  line.due = due;
  line.socket.write(requestText());
}

function requestText(): string {
  sent += 1;
  const booking = order.bookings && sent % 3 === 0;
  const target = booking ? 'POST /bookings' : order.bookings ? 'GET /quotes' : 'GET /';
  const length = booking ? 'Content-Length: 0\r\n' : '';
  return `${target} HTTP/1.1\r\nHost: bench.example\r\n${length}\r\n`;
}

function open(due: number): void {
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  const line: Line = { socket, due: null, text: '', kept: false };
  lines.add(line);
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => hear(line, text));
  socket.on('error', () => undefined);
  socket.on('close', () => closed(line));
  write(line, due);
}

function closed(line: Line): void {
  lines.delete(line);
  const at = idle.indexOf(line);
  if (at !== -1) idle.splice(at, 1);
  if (line.due === null) return;
  if (order.retry === true && line.kept && line.text === '') {
    retried += 1;
    open(line.due);
    return;
  }
  lost += 1;
  afterOne();
}

function hear(line: Line, text: string): void {
  line.text += text;
  const end = line.text.indexOf('\r\n\r\n');
  if (end === -1 || line.due === null) return;
  const head = line.text.slice(0, end);
  if (!isWhole(head, line.text.slice(end + 4))) return;
  tell(head, line.due);
  line.due = null;
  line.text = '';
  line.kept = true;
  if (/\r\nconnection: close/i.test(head)) line.socket.destroy();
  else idle.push(line);
  afterOne();
}

function isWhole(head: string, body: string): boolean {
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) return body.length >= Number(length);
  return body === '0\r\n\r\n' || body.endsWith('\r\n0\r\n\r\n');
}

function tell(head: string, due: number): void {
  answered += 1;
  if (!/^HTTP\/1\.1 [23]/.test(head)) failed += 1;
  latencies.push(performance.now() - due);
  const version = /\r\nx-version: *([^\r]+)/i.exec(head)?.[1] ?? 'none';
  versions[version] = { answered: (versions[version]?.answered ?? 0) + 1, lastAnsweredAt: Date.now() };
}

/** What waits goes first; without a rate the next request follows the answer. */
function afterOne(): void {
  const due = backlog.shift();
  if (due !== undefined) ask(due);
  else if (order.rate === null && mayAsk()) ask(performance.now());
  else if (order.count !== null && answered + lost >= order.count) finish();
}

function mayAsk(): boolean {
  return !ending && (order.count === null || sent < order.count);
}

function tally(): Tally {
  const sorted = [...latencies].sort((one, other) => one - other);
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
  const told: Readonly<Record<string, VersionTally>> = versions;
  const seconds = (performance.now() - started) / 1_000;
  return { answered, failed, lost, retried, seconds, p50: at(0.5), p99: at(0.99), versions: told };
}

function report(): void {
  process.stdout.write(`${JSON.stringify(tally())}\n`);
}

/** Requests under way may end; those that do not within 5 s are lost. */
function finish(): void {
  if (ending) return;
  ending = true;
  clearInterval(pace);
  const until = performance.now() + 5_000;
  const wait = setInterval(() => {
    const open = [...lines].filter((line) => line.due !== null).length;
    if (open > 0 && performance.now() < until) return;
    clearInterval(wait);
    lost += open;
    process.stdout.write(`${JSON.stringify(tally())}\n`, () => process.exit(0));
  }, 5);
}

let due = 0;
const pace = setInterval(() => {
  if (order.rate === null) return;
  const now = performance.now();
  for (; due < Math.floor(((now - started) / 1_000) * order.rate) && mayAsk(); due += 1) ask(now);
}, 5);

if (order.rate === null) for (let line = 0; line < order.connections; line += 1) ask(performance.now());
createInterface({ input: process.stdin }).on('line', report).on('close', finish);

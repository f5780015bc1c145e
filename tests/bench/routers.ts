import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { builtCli } from './built.ts';
import { dismiss, hire, hireScript, newFolder } from './crew.ts';
import { linesOf } from './load.ts';
import { freePorts } from './ports.ts';

/** Splits traffic between two slots by weight; slot b is where a canary would be. */
export interface Router {
  readonly name: string;
  readonly url: string;
  /** Comes back when the router has said that the weight holds. */
  shift(shareOfB: number): Promise<void>;
  close(): Promise<void>;
}

export interface Slots {
  readonly a: number;
  readonly b: number;
  readonly process: ChildProcess;
}

/** Time that a slot takes for a request: about 10 requests are under way at 2,000 a second. */
const THINK_MS = 5;

export async function openSlots(): Promise<Slots> {
  const child = hireScript('slots-process.ts', { thinkMs: THINK_MS });
  const ports: { a: number; b: number } = JSON.parse(await firstLine(child));
  return { ...ports, process: child };
}

async function firstLine(child: ChildProcess): Promise<string> {
  const [line] = await once(linesOf(child), 'line', { signal: AbortSignal.timeout(20_000) });
  return String(line);
}

const TOKEN = 'a-token-for-the-bench';

export async function openEmbedded(slots: Slots): Promise<Router> {
  const argv = [
    ...[builtCli(), 'router', '--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0'],
    ...['--slot-a', `http://127.0.0.1:${slots.a}`, '--slot-b', `http://127.0.0.1:${slots.b}`],
    ...['--state', join(newFolder(), 'router.json')],
  ];
  const child = startRouter(argv, TOKEN);
  const { url, admin } = await addressesOf(child);
  let token = 0;
  return {
    name: 'embedded router',
    url,
    shift: async (b) => {
      token += 1;
      const answer = await fetch(`${admin}/v1/traffic`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${TOKEN}` },
        body: JSON.stringify({ shares: { a: 100 - b, b }, lease: null, token }),
      });
      if (!answer.ok) throw new Error(`the embedded router refused a shift: ${await answer.text()}`);
      await answer.text();
    },
    close: () => dismiss(child),
  };
}

export function startRouter(argv: readonly string[], token: string): ChildProcess {
  const env = { ...process.env, DEPLOY_CANARY_ROUTER_TOKEN: token };
  return hire(spawn(process.execPath, argv, { env, stdio: ['ignore', 'pipe', 'inherit'] }));
}

/** Where users come in, and where the admin API is: the router says so when it has started. */
export async function addressesOf(router: ChildProcess): Promise<{ url: string; admin: string }> {
  const lines = linesOf(router);
  const told: Record<string, string> = {};
  const heard = new Promise<void>((resolve) => {
    lines.on('line', (line) => {
      const [, name, url] = /^(traffic|admin)\s+(\S+)/.exec(line) ?? [];
      if (name !== undefined && url !== undefined) told[name] = url;
      if ('traffic' in told && 'admin' in told) resolve();
    });
  });
  const left = once(router, 'close').then(() => undefined);
  await Promise.race([heard, left, pause(20_000, undefined, { ref: false })]);
  const { traffic: url, admin } = told;
  if (url === undefined || admin === undefined) throw new Error('the router did not say where it listens');
  return { url, admin };
}

/** Null where it is not installed. */
export function haproxyVersion(): string | null {
  const { stdout, status } = spawnSync('haproxy', ['-v'], { encoding: 'utf8' });
  return status === 0 ? (/version (\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? 'of unknown version') : null;
}

export async function openHaproxy(slots: Slots, version: string): Promise<Router> {
  const folder = newFolder();
  const socket = join(folder, 'admin.sock');
  const [port = 0] = await freePorts(1);
  writeFileSync(join(folder, 'haproxy.cfg'), haproxyConfig(socket, port, slots));
  const argv = ['-q', '-db', '-f', join(folder, 'haproxy.cfg')];
  const child = hire(spawn('haproxy', argv, { stdio: ['ignore', 'ignore', 'inherit'] }));
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if ((await say(socket, 'show version').catch(() => '')) !== '') break;
    await pause(50);
  }
  return {
    name: `HAProxy ${version}`,
    url: `http://127.0.0.1:${port}`,
    shift: async (b) => {
      const answer = await say(socket, `set weight app/a ${100 - b}; set weight app/b ${b}`);
      if (answer.trim() !== '') throw new Error(`HAProxy refused a shift: ${answer}`);
    },
    close: () => dismiss(child),
  };
}

function haproxyConfig(socket: string, port: number, { a, b }: Slots): string {
  return `global
  maxconn 512
  stats socket ${socket} mode 600 level admin
defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  timeout http-keep-alive 60s
frontend users
  bind 127.0.0.1:${port}
  default_backend app
backend app
  balance roundrobin
  server a 127.0.0.1:${a} weight 100
  server b 127.0.0.1:${b} weight 0
`;
}

async function say(socket: string, command: string): Promise<string> {
  const line = connect(socket);
  line.end(`${command}\n`);
  let answer = '';
  for await (const text of line.setEncoding('utf8')) answer += String(text);
  return answer;
}

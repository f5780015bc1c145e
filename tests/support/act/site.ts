import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Load, startLoad } from '../../../src/cli/demo/load.ts';
import { stopService } from '../../../src/cli/demo/service-process.ts';
import { freePort, startPrometheus, until } from '../prometheus.ts';
import { type AdminSocket, openAdminSocket } from './admin-socket.ts';

/** Production, small: a real HAProxy before two slots of the booking service, a real Prometheus, and users. */
export interface Site {
  /** Of its processes and their files. */
  readonly folder: string;
  /** Of the processes of staging. */
  readonly staging: string;
  /** Where those who move traffic reach HAProxy. */
  readonly admin: AdminSocket;
  readonly url: string;
  readonly prometheus: string;
  readonly ports: Readonly<Record<'a' | 'b' | 'staging', number>>;
  /** Sends so many requests a second from now on, until the site is closed. */
  readonly startLoad: (rate: number) => Load;
  /** Shares in per cent, as HAProxy itself says. */
  readonly shares: () => Promise<Readonly<Record<'a' | 'b', number>>>;
  readonly close: () => Promise<void>;
}

export async function openSite(): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'site-'));
  const staging = join(folder, 'staging');
  mkdirSync(staging);
  const ports = { a: await freePort(), b: await freePort(), staging: await freePort() };
  const [entrance, exporter] = [await freePort(), await freePort()];
  const socket = join(folder, 'haproxy.sock');
  const config = join(folder, 'haproxy.cfg');
  writeFileSync(config, haproxyConfig({ socket, entrance, exporter, a: ports.a, b: ports.b }));
  const haproxy = spawn('haproxy', ['-db', '-f', config], { stdio: 'ignore' });
  await until(async () => (await ask(socket, 'show version')) !== '', 'HAProxy to start', 10_000);
  const admin = await openAdminSocket(join(folder, 'admin.sock'), socket);
  const prometheus = await startPrometheus(
    [
      { url: `http://127.0.0.1:${exporter}/metrics` },
      { url: `http://127.0.0.1:${ports.a}/metrics`, labels: { server: 'blue' } },
      { url: `http://127.0.0.1:${ports.b}/metrics`, labels: { server: 'green' } },
    ],
    { interval: '250ms' },
  );
  const url = `http://127.0.0.1:${entrance}`;
  const loads: Load[] = [];
  return {
    folder,
    staging,
    admin,
    url,
    prometheus: prometheus.url,
    ports,
    startLoad: (rate) => {
      const load = startLoad(url, rate);
      loads.push(load);
      return load;
    },
    shares: async () => ({ a: await weightOf(socket, 'blue'), b: await weightOf(socket, 'green') }),
    close: async () => {
      for (const load of loads) await load.stop();
      await prometheus.stop();
      await admin.close();
      await end(haproxy);
      for (const slot of ['a', 'b'] as const)
        await stopService({ directory: folder, slot, port: ports[slot] });
      await stopService({ directory: staging, slot: 'a', port: ports.staging });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function haproxyConfig(
  place: Readonly<Record<'entrance' | 'exporter' | 'a' | 'b', number>> & { readonly socket: string },
): string {
  return `global
  stats socket ${place.socket} mode 600 level admin
defaults
  mode http
  timeout connect 2s
  timeout client 10s
  timeout server 10s
  option redispatch
  retries 2
frontend entrance
  bind 127.0.0.1:${place.entrance}
  default_backend booking
backend booking
  balance roundrobin
  server blue 127.0.0.1:${place.a} weight 100
  server green 127.0.0.1:${place.b} weight 0
frontend exporter
  bind 127.0.0.1:${place.exporter}
  http-request use-service prometheus-exporter if { path /metrics }
`;
}

async function weightOf(socket: string, server: string): Promise<number> {
  const told = await ask(socket, `get weight booking/${server}`);
  return Number(/^(\d+)/.exec(told)?.[1] ?? Number.NaN);
}

function ask(socket: string, command: string): Promise<string> {
  return new Promise((resolve) => {
    const connection = createConnection(socket, () => connection.write(`${command}\n`));
    let told = '';
    connection.on('data', (chunk) => {
      told += String(chunk);
    });
    connection.on('error', () => resolve(''));
    connection.on('close', () => resolve(told));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

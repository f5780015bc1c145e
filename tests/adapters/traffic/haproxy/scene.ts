import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRuntimeApi } from '../../../../src/adapters/traffic/haproxy/runtime-api.ts';
import {
  createHaproxyMapRouter,
  type HaproxyMapRouterOptions,
} from '../../../../src/adapters/traffic/haproxy-map-router.ts';
import {
  createHaproxyRouter,
  type HaproxyRouterOptions,
} from '../../../../src/adapters/traffic/haproxy-router.ts';
import type { TrafficRouter } from '../../../../src/ports/traffic-router.ts';
import { type Closable, createCleanup, freePort, type Listening, startSlot, until } from '../scene.ts';

export const isMissing = spawnSync('haproxy', ['-v']).status !== 0;

export interface HaproxyScene extends Closable {
  readonly router: TrafficRouter;
  readonly url: string;
  readonly socket: string;
  readonly tcp: string;
  readonly withOptions: (options: Partial<HaproxyRouterOptions>) => TrafficRouter;
  /** Where the frontend throws dice against a map instead. */
  readonly mapped: (options?: Partial<HaproxyMapRouterOptions>) => TrafficRouter;
  readonly logged: readonly string[];
  /** Reloads as a service manager does: SIGUSR2 to the master. */
  readonly reload: () => Promise<void>;
}

export interface SceneSettings {
  /** Lines of the backend: its balance, its cookie. */
  readonly backend?: string;
  readonly level?: 'admin' | 'operator';
  /** Whether the server state is kept over reloads. */
  readonly keepsState?: boolean;
  /** What the map holds to begin with. */
  readonly map?: string;
  readonly slots?: { readonly a: Listening; readonly b: Listening };
}

/** A real HAProxy in front of two slots: slot a has one server, slot b too. */
export async function openHaproxy(settings: SceneSettings = {}): Promise<HaproxyScene> {
  const cleanup = createCleanup();
  const folder = mkdtempSync(join(tmpdir(), 'haproxy-'));
  cleanup.add({ close: async () => rmSync(folder, { recursive: true, force: true }) });
  const { a, b } = settings.slots ?? {
    a: cleanup.add(await startSlot('a')),
    b: cleanup.add(await startSlot('b')),
  };
  const [port, admin] = [await freePort(), await freePort()];
  const socket = join(folder, 'admin.sock');
  const config = join(folder, 'haproxy.cfg');
  const map = join(folder, 'weights.map');
  writeFileSync(map, settings.map ?? 'booking 0\n');
  writeFileSync(config, configOf({ ...settings, folder, socket, port, admin, a: a.port, b: b.port }));
  const child = spawn('haproxy', ['-W', '-db', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  cleanup.add({ close: () => stop(child) });
  let told = '';
  child.stderr.on('data', (chunk: Buffer) => {
    told += chunk.toString('utf8');
  });
  // The master takes signals only once it has said so.
  const loaded = (): number => told.split('Loading success').length - 1;
  await until(async () => loaded() === 1 && (await answers(socket)));
  const options: HaproxyRouterOptions = {
    socket,
    backend: 'booking',
    servers: { a: ['blue'], b: ['green'] },
    idle: 'weight',
    timeout: 2_000,
  };
  const logged: string[] = [];
  const log = (line: string): void => void logged.push(line);
  const backends = { a: 'blue', b: 'green' };
  const mapOptions: HaproxyMapRouterOptions = { socket, map, key: 'booking', backends, timeout: 2_000 };
  return {
    router: createHaproxyRouter(options, log),
    mapped: (other) => createHaproxyMapRouter({ ...mapOptions, ...other }, log),
    logged,
    url: `http://127.0.0.1:${port}`,
    socket,
    tcp: `127.0.0.1:${admin}`,
    withOptions: (other) => createHaproxyRouter({ ...options, ...other }, log),
    async reload() {
      const state = await say(socket, 'show servers state');
      writeFileSync(join(folder, 'state'), state);
      const entries = await say(socket, `show map ${map}`);
      if (settings.keepsState) writeFileSync(map, entries.replace(/^0x[0-9a-f]+ /gm, ''));
      const before = await pidOf(socket);
      // A master that has only just begun may miss the signal.
      const seen = loaded();
      const ask = setInterval(() => loaded() === seen && child.kill('SIGUSR2'), 250);
      const isNew = async () => loaded() > seen && !['', before].includes(await pidOf(socket));
      await until(isNew).finally(() => clearInterval(ask));
    },
    close: cleanup.run,
  };
}

function configOf(
  place: Omit<SceneSettings, 'slots'> &
    Record<'folder' | 'socket', string> &
    Record<'port' | 'admin' | 'a' | 'b', number>,
) {
  const {
    folder,
    socket,
    port,
    admin,
    a,
    b,
    level = 'admin',
    keepsState = false,
    backend = 'balance roundrobin',
    map,
  } = place;
  const dice = `http-request set-var(txn.share) str(booking),map_str_int(${join(folder, 'weights.map')},0)
  http-request set-var(txn.dice) rand(10000)
  use_backend green if { var(txn.dice),sub(txn.share) lt 0 }
  default_backend blue`;
  return `global
  stats socket ${socket} mode 600 level ${level} expose-fd listeners
  stats socket ipv4@127.0.0.1:${admin} level ${level}
  ${keepsState ? `server-state-file ${join(folder, 'state')}` : ''}
defaults
  mode http
  timeout connect 2s
  timeout client 10s
  timeout server 10s
  ${keepsState ? 'load-server-state-from-file global' : ''}
frontend entrance
  bind 127.0.0.1:${port}
  ${map === undefined ? 'default_backend booking' : dice}
backend booking
  ${backend}
  server blue 127.0.0.1:${a} weight 100 cookie blue
  server green 127.0.0.1:${b} weight 0 cookie green
backend blue
  server one 127.0.0.1:${a}
backend green
  server one 127.0.0.1:${b}
`;
}

function say(socket: string, command: string): Promise<string> {
  return createRuntimeApi(socket, 1_000).say([command], new AbortController().signal);
}

function answers(socket: string): Promise<boolean> {
  return say(socket, 'show version').then(
    () => true,
    () => false,
  );
}

async function pidOf(socket: string): Promise<string> {
  return /^Pid: (\d+)/m.exec(await say(socket, 'show info').catch(() => ''))?.[1] ?? '';
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const left = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await left;
}

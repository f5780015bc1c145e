import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../../src/adapters/runner/clock.ts';
import { runCommand } from '../../src/adapters/runner/spawn.ts';
import { createCommandRouter } from '../../src/adapters/traffic/command-router.ts';
import { createEmbeddedRouter } from '../../src/adapters/traffic/embedded-router.ts';
import { createHaproxyMapRouter } from '../../src/adapters/traffic/haproxy-map-router.ts';
import { createHaproxyRouter } from '../../src/adapters/traffic/haproxy-router.ts';
import { renderSnippet } from '../../src/adapters/traffic/nginx/snippet.ts';
import { createNginxRouter } from '../../src/adapters/traffic/nginx-router.ts';
import type { AdapterContext } from '../../src/ports/adapter-context.ts';
import type { TrafficRouter } from '../../src/ports/traffic-router.ts';
import { builtCli } from './built.ts';
import { dismiss, hire, newFolder } from './crew.ts';
import { freePorts } from './ports.ts';
import { addressesOf, haproxyVersion, type Slots, startRouter } from './routers.ts';

/** A router that runs, and the adapter by which a rollout shifts it. */
export interface Kind {
  readonly name: string;
  readonly url: string;
  readonly router: TrafficRouter;
  close(): Promise<void>;
}

const TOKEN = 'a-token-for-the-bench';
const WEIGHTS = join(import.meta.dirname, '../adapters/traffic/command/weights.mjs');

const context: AdapterContext = {
  service: 'bench',
  environment: 'bench',
  env: { PATH: process.env.PATH, ROUTER_TOKEN: TOKEN },
  baseDir: '.',
  clock: systemClock,
  commands: runCommand,
  mask: () => undefined,
};

export async function openEmbeddedKinds(slots: Slots): Promise<readonly [Kind, Kind]> {
  const argv = [
    ...[builtCli(), 'router', '--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0'],
    ...['--slot-a', `http://127.0.0.1:${slots.a}`, '--slot-b', `http://127.0.0.1:${slots.b}`],
    ...['--state', join(newFolder(), 'router.json')],
  ];
  const child = startRouter(argv, TOKEN);
  const { url, admin } = await addressesOf(child);
  const node = (...words: readonly string[]): string[] => [process.execPath, WEIGHTS, ...words];
  const command = createCommandRouter(
    {
      read: node('get', admin),
      write: node('set', admin, '{a}', '{b}'),
      'working-directory': '.',
      'env-from': ['ROUTER_TOKEN'],
      timeout: 10_000,
    },
    context,
  );
  const router = createEmbeddedRouter({ admin, token: TOKEN, timeout: 2_000 });
  const close = (): Promise<void> => dismiss(child);
  return [
    { name: 'embedded', url, router, close },
    { name: 'command (two node programs, before the embedded router)', url, router: command, close },
  ];
}

export async function openHaproxyKinds(slots: Slots): Promise<readonly Kind[]> {
  const version = haproxyVersion();
  if (version === null) return [];
  const folder = newFolder();
  const [socket, map, config] = ['admin.sock', 'weights.map', 'haproxy.cfg'].map((name) =>
    join(folder, name),
  );
  if (socket === undefined || map === undefined || config === undefined) return [];
  const [weighed = 0, diced = 0] = await freePorts(2);
  writeFileSync(map, 'app 0\n');
  writeFileSync(config, haproxyConfig(socket, map, { weighed, diced }, slots));
  const child = hire(
    spawn('haproxy', ['-q', '-db', '-f', config], { stdio: ['ignore', 'ignore', 'inherit'] }),
  );
  await answers(weighed);
  const close = (): Promise<void> => dismiss(child);
  const timeout = 2_000;
  const servers = { a: ['a'], b: ['b'] };
  const backends = { a: 'slot-a', b: 'slot-b' };
  return [
    {
      name: `HAProxy ${version}, weights of servers`,
      url: `http://127.0.0.1:${weighed}`,
      router: createHaproxyRouter({ socket, backend: 'app', servers, idle: 'weight', timeout }),
      close,
    },
    {
      name: `HAProxy ${version}, value of a map`,
      url: `http://127.0.0.1:${diced}`,
      router: createHaproxyMapRouter({ socket, map, key: 'app', backends, timeout }),
      close,
    },
  ];
}

function haproxyConfig(
  socket: string,
  map: string,
  { weighed, diced }: Readonly<Record<'weighed' | 'diced', number>>,
  { a, b }: Slots,
): string {
  return `global
  maxconn 512
  stats socket ${socket} mode 600 level admin
defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  timeout http-keep-alive 60s
frontend weighed
  bind 127.0.0.1:${weighed}
  default_backend app
frontend diced
  bind 127.0.0.1:${diced}
  http-request set-var(txn.share) str(app),map_str_int(${map},0)
  http-request set-var(txn.dice) rand(10000)
  use_backend slot-b if { var(txn.dice),sub(txn.share) lt 0 }
  default_backend slot-a
backend app
  balance roundrobin
  server a 127.0.0.1:${a} weight 100
  server b 127.0.0.1:${b} weight 0
backend slot-a
  server a 127.0.0.1:${a}
backend slot-b
  server b 127.0.0.1:${b}
`;
}

/** Null where it is not installed. */
export async function openNginxKind(slots: Slots): Promise<Kind | null> {
  const { stderr, error } = spawnSync('nginx', ['-v'], { encoding: 'utf8' });
  if (error !== undefined) return null;
  const folder = newFolder();
  const [port = 0, admin = 0] = await freePorts(2);
  const [config, snippet] = [join(folder, 'nginx.conf'), join(folder, 'deploy-canary.conf')];
  const settings = {
    variable: 'deploy_canary_upstream',
    'split-by': '$request_id',
    upstreams: { a: 'slot_a', b: 'slot_b' },
  };
  const first = { generation: 'first', a: 100, b: 0, token: 0, home: null };
  writeFileSync(snippet, renderSnippet({ ...settings, listen: `127.0.0.1:${admin}`, path: '/' }, first));
  writeFileSync(config, nginxConfig(folder, snippet, port, slots));
  const nginx = ['nginx', '-q', '-c', config, '-p', folder, '-e', join(folder, 'error.log')];
  const child: ChildProcess = hire(
    spawn('nginx', [...nginx.slice(1), '-g', 'daemon off;'], { stdio: 'ignore' }),
  );
  await answers(port);
  const programs = { test: [...nginx, '-t'], reload: [...nginx, '-s', 'reload'] };
  const where = { snippet, status: `http://127.0.0.1:${admin}/`, 'working-directory': '.', 'env-from': [] };
  return {
    name: `nginx ${/nginx\/([\d.]+)/.exec(stderr)?.[1] ?? ''}`,
    url: `http://127.0.0.1:${port}`,
    router: createNginxRouter({ ...settings, ...programs, ...where, timeout: 10_000 }, context),
    close: () => ended(child),
  };
}

function nginxConfig(folder: string, snippet: string, port: number, { a, b }: Slots): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `  ${name}_temp_path ${join(folder, name)};`,
  );
  return `worker_processes 1;
pid ${join(folder, 'nginx.pid')};
events { worker_connections 512; }
http {
  access_log off;
${temporary.join('\n')}
  keepalive_requests 1000000;
  upstream slot_a { server 127.0.0.1:${a}; keepalive 32; }
  upstream slot_b { server 127.0.0.1:${b}; keepalive 32; }
  include ${snippet};
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://$deploy_canary_upstream;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}
`;
}

async function answers(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (
      await fetch(`http://127.0.0.1:${port}`).then(
        () => true,
        () => false,
      )
    )
      return;
    await pause(50);
  }
  throw new Error(`nothing answered on port ${port}`);
}

/** Its workers go with it only when it is asked. */
async function ended(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGTERM');
  await Promise.race([gone, pause(2_000)]);
  await dismiss(child);
}

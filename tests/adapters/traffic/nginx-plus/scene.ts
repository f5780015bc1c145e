import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createNginxPlusRouter,
  type NginxPlusRouterOptions,
} from '../../../../src/adapters/traffic/nginx-plus-router.ts';
import type { AdapterContext } from '../../../../src/ports/adapter-context.ts';
import type { TrafficRouter } from '../../../../src/ports/traffic-router.ts';
import { adapterContext } from '../../../support/adapter-context.ts';
import { createPlusApi, type PlusApi, type PlusSettings } from '../../../support/nginx-plus/server.ts';
import { startFastSlot } from '../fast-load.ts';
import {
  ask,
  type Closable,
  createCleanup,
  freePort,
  type Listening,
  startRawServer,
  startServer,
  until,
} from '../scene.ts';

export const isMissing = spawnSync('nginx', ['-v']).status !== 0;

export const SETTLED = 'deploy_canary';
export const LEASED = 'deploy_canary_lease';
export const KEY = 'booking';

export interface PlusInstance extends Closable {
  readonly api: PlusApi;
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** The API of one NGINX Plus, begun with all traffic on slot a. */
export async function openApi(settings: PlusSettings = {}): Promise<PlusInstance> {
  const api = createPlusApi(settings);
  api.put(SETTLED, KEY, '00000');
  const server = await startServer(api.listener);
  return { api, url: `${server.url}/api`, stop: server.close, close: server.close };
}

export function optionsFor(
  urls: readonly string[],
  own: Partial<NginxPlusRouterOptions> = {},
): NginxPlusRouterOptions {
  return { api: urls, zone: SETTLED, 'lease-zone': LEASED, key: KEY, timeout: 2_000, ...own };
}

export function routerFor(
  urls: readonly string[],
  own: Partial<NginxPlusRouterOptions> = {},
  context: Partial<AdapterContext> = {},
): TrafficRouter {
  return createNginxPlusRouter(optionsFor(urls, own), adapterContext(context));
}

/** The configuration as the guide has it; `keyval` alone is not in an open-source nginx. */
function guideConfig(): string {
  const guide = readFileSync(new URL('../../../../docs/guide/router.md', import.meta.url), 'utf8');
  const [, config] = /```nginx\n(keyval_zone [\s\S]*?)```/.exec(guide) ?? [];
  if (config === undefined) throw new Error('expected the key-value zones in docs/guide/router.md');
  return config;
}

/** Each lookup of a key becomes a header of the request, which the front puts in. */
function withoutKeyvals(config: string): string {
  return config
    .replace(/^keyval_zone .*;\n/gm, '')
    .replace(/^keyval \S+ \$deploy_canary_(\w+) zone=\w+;$/gm, (_, name: string) => {
      const header = `$http_x_keyval_${name}`;
      return `map ${header} $deploy_canary_${name} { default ${header}; }`;
    });
}

export interface SplitScene extends PlusInstance {
  /** Where the users' requests go. */
  readonly users: string;
  readonly usersPort: number;
}

/** A real nginx that runs the configuration of the guide, and looks its keys up in the zones of the API with each request. */
export async function openSplit(splitBy = '$request_id'): Promise<SplitScene> {
  const cleanup = createCleanup();
  const instance = cleanup.add(await openApi());
  const a = cleanup.add(await startFastSlot('a'));
  const b = cleanup.add(await startFastSlot('b'));
  const folder = mkdtempSync(join(tmpdir(), 'nginx-plus-'));
  cleanup.add({ close: async () => rmSync(folder, { recursive: true, force: true }) });
  const port = await freePort();
  const split = withoutKeyvals(guideConfig()).replaceAll('$request_id', splitBy);
  writeFileSync(join(folder, 'nginx.conf'), configOf(folder, port, a, b, split));
  const argv = ['-c', join(folder, 'nginx.conf'), '-p', folder, '-e', join(folder, 'error.log')];
  const child = spawn('nginx', [...argv, '-g', 'daemon off;'], { stdio: 'ignore' });
  cleanup.add({ close: () => stopped(child) });
  await until(async () => (await ask(`http://127.0.0.1:${port}`)).status !== null);
  const front = cleanup.add(await startFront(port, instance.api));
  return { ...instance, users: front.url, usersPort: front.port, close: cleanup.run };
}

/** Stands for the shared memory: what the keys hold now goes with each request that is passed on. */
function startFront(port: number, api: PlusApi): Promise<Listening> {
  return startRawServer((client) => {
    const nginx = connect(port, '127.0.0.1').setNoDelay(true);
    client.setNoDelay(true);
    let rest = '';
    client.on('data', (bytes) => {
      const heads = (rest + bytes.toString('latin1')).split('\r\n\r\n');
      rest = heads.pop() ?? '';
      for (const head of heads) {
        const settled = `x-keyval-settled: ${api.value(SETTLED, KEY) ?? ''}`;
        const leased = `x-keyval-leased: ${api.value(LEASED, KEY) ?? ''}`;
        nginx.write(`${head}\r\n${settled}\r\n${leased}\r\n\r\n`);
      }
    });
    nginx.pipe(client);
    nginx.on('error', () => client.destroy());
    client.on('close', () => nginx.destroy());
  });
}

function configOf(folder: string, port: number, a: Listening, b: Listening, split: string): string {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${join(folder, name)};`)
    .join(' ');
  return `worker_processes 2;
pid ${join(folder, 'nginx.pid')};
events { worker_connections 512; }
http {
  access_log off;
  keepalive_requests 100000;
  ${paths}
  upstream booking_a { server 127.0.0.1:${a.port}; keepalive 32; }
  upstream booking_b { server 127.0.0.1:${b.port}; keepalive 32; }
  ${split}
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

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const left = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await left;
}

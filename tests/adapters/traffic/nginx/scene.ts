import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNginxRouter, type NginxRouterOptions } from '../../../../src/adapters/traffic/nginx-router.ts';
import type { TrafficRouter } from '../../../../src/ports/traffic-router.ts';
import { adapterContext } from '../../../support/adapter-context.ts';
import { startFastSlot } from '../fast-load.ts';
import { ask, type Closable, createCleanup, freePort, type Listening, until } from '../scene.ts';

export const isMissing = spawnSync('nginx', ['-v']).status !== 0;

/** The file as the guide has it, with the names of the guide. */
export function guideSnippet(): string {
  const guide = readFileSync(new URL('../../../../docs/guide/router.md', import.meta.url), 'utf8');
  const [, snippet] = /```nginx\n(# deploy-canary \{[\s\S]*?)```/.exec(guide) ?? [];
  if (snippet === undefined) throw new Error('expected a first snippet in docs/guide/router.md');
  return snippet;
}

export interface NginxScene extends Closable {
  readonly router: TrafficRouter;
  readonly url: string;
  readonly port: number;
  readonly status: string;
  readonly folder: string;
  readonly snippet: string;
  /** Puts text into nginx.conf, in its http block. */
  readonly configure: (text: string) => void;
  /** What somebody else on that machine does, certbot for one. */
  readonly reload: () => void;
  readonly stop: () => Promise<void>;
  readonly logged: readonly string[];
  readonly withOptions: (options: Partial<NginxRouterOptions>) => TrafficRouter;
}

export interface SceneSettings {
  readonly slots?: { readonly a: Listening; readonly b: Listening };
  readonly includes?: boolean;
  readonly server?: string;
  readonly options?: Partial<NginxRouterOptions>;
}

/** A real nginx with two workers in front of two slots, begun with the snippet of the guide. */
export async function openNginx(settings: SceneSettings = {}): Promise<NginxScene> {
  const cleanup = createCleanup();
  const folder = mkdtempSync(join(tmpdir(), 'nginx-'));
  cleanup.add({ close: async () => rmSync(folder, { recursive: true, force: true }) });
  const slots = settings.slots ?? {
    a: cleanup.add(await startFastSlot('a')),
    b: cleanup.add(await startFastSlot('b')),
  };
  const [port, admin] = [await freePort(), await freePort()];
  const [config, snippet] = [join(folder, 'nginx.conf'), join(folder, 'deploy-canary.conf')];
  const status = `http://127.0.0.1:${admin}/`;
  writeFileSync(snippet, guideSnippet().replaceAll('127.0.0.1:8181', `127.0.0.1:${admin}`));
  const configure = (text: string): void =>
    writeFileSync(
      config,
      configOf({ ...settings, folder, snippet, port, a: slots.a.port, b: slots.b.port, text }),
    );
  configure('');
  const base = ['nginx', '-c', config, '-p', folder, '-e', join(folder, 'error.log')];
  const child = spawn(base[0] ?? '', [...base.slice(1), '-g', 'daemon off;'], { stdio: 'ignore' });
  cleanup.add({ close: () => stop(child) });
  await until(async () => (await ask(`http://127.0.0.1:${port}`)).status !== null);
  const options: NginxRouterOptions = {
    snippet,
    status,
    upstreams: { a: 'booking_a', b: 'booking_b' },
    variable: 'deploy_canary_upstream',
    'split-by': '$request_id',
    test: [...base, '-q', '-t'],
    reload: [...base, '-s', 'reload'],
    'working-directory': '.',
    'env-from': [],
    timeout: 8_000,
    ...settings.options,
  };
  const logged: string[] = [];
  const context = {
    ...adapterContext({ env: { PATH: process.env.PATH } }),
    log: (line: string) => void logged.push(line),
  };
  return {
    router: createNginxRouter(options, context),
    url: `http://127.0.0.1:${port}`,
    port,
    status,
    folder,
    snippet,
    configure,
    reload: () => void child.kill('SIGHUP'),
    stop: () => stop(child),
    logged,
    withOptions: (other) => createNginxRouter({ ...options, ...other }, context),
    close: cleanup.run,
  };
}

function configOf(
  place: SceneSettings & Record<'folder' | 'snippet' | 'text', string> & Record<'port' | 'a' | 'b', number>,
) {
  const { folder, snippet, text, port, a, b, includes = true, server = '' } = place;
  return `worker_processes 2;
pid ${join(folder, 'nginx.pid')};
events { worker_connections 512; }
http {
  access_log off;
  client_body_temp_path ${join(folder, 'body')};
  proxy_temp_path ${join(folder, 'proxy')};
  fastcgi_temp_path ${join(folder, 'fastcgi')};
  uwsgi_temp_path ${join(folder, 'uwsgi')};
  scgi_temp_path ${join(folder, 'scgi')};
  upstream booking_a { server 127.0.0.1:${a}; keepalive 32; }
  upstream booking_b { server 127.0.0.1:${b}; keepalive 32; }
  ${includes ? `include ${snippet};` : 'map "" $deploy_canary_upstream { default booking_a; }'}
  ${text}
  server {
    listen 127.0.0.1:${port};
    ${server}
    location / {
      proxy_pass http://$deploy_canary_upstream;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}
`;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const left = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await left;
}

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { freePort } from '../../support/prometheus.ts';
import { metricsServer, saying } from './metrics-server.ts';

export function hasHaproxyExporter(): boolean {
  try {
    return execFileSync('haproxy', ['-vv'], { encoding: 'utf8' }).includes('+PROMEX');
  } catch {
    return false;
  }
}

interface Ports {
  readonly app: number;
  readonly metrics: number;
  readonly a: string;
  readonly b: string;
}

function configOf({ app, metrics, a, b }: Ports): string {
  return `global
  maxconn 100
defaults
  mode http
  timeout connect 2s
  timeout client 5s
  timeout server 5s
frontend app
  bind 127.0.0.1:${app}
  default_backend app
backend app
  balance roundrobin
  server a ${a}
  server b ${b}
frontend metrics
  bind 127.0.0.1:${metrics}
  http-request use-service prometheus-exporter if { path /metrics }
`;
}

async function startHaproxy(ports: Ports): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'haproxy-test-'));
  const file = join(directory, 'haproxy.cfg');
  writeFileSync(file, configOf(ports));
  const child = spawn('haproxy', ['-db', '-f', file], { stdio: 'ignore' });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await gone;
    rmSync(directory, { recursive: true });
  });
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const isUp = await fetch(`http://127.0.0.1:${ports.metrics}/metrics`).then(
      (response) => response.text().then(() => response.ok),
      () => false,
    );
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('haproxy did not start');
}

/** A HAProxy that spreads requests evenly over a slot a that is well and a slot b that fails. */
export async function haproxyWithBadB() {
  const good = await metricsServer(saying('fine'));
  const bad = await metricsServer((_request, response) => void response.writeHead(503).end('ill'));
  const [app, metrics] = [await freePort(), await freePort()];
  await startHaproxy({ app, metrics, a: new URL(good.url).host, b: new URL(bad.url).host });
  return {
    metrics: `http://127.0.0.1:${metrics}/metrics`,
    send: async (count: number): Promise<void> => {
      for (let sent = 0; sent < count; sent += 1) await (await fetch(`http://127.0.0.1:${app}/`)).text();
    },
  };
}

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { metricsServer, saying } from '../metrics-server.ts';
import { counted, data, scraper, selector } from './scraping.ts';

function hasHaproxyExporter(): boolean {
  try {
    return execFileSync('haproxy', ['-vv'], { encoding: 'utf8' }).includes('+PROMEX');
  } catch {
    return false;
  }
}

const available = hasHaproxyExporter();

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
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

describe.skipIf(!available)(available ? 'HAProxy as a source' : 'skipped: needs haproxy', () => {
  it('tells the arms apart by its server label', async () => {
    const good = await metricsServer(saying('fine'));
    const bad = await metricsServer((_request, response) => void response.writeHead(503).end('ill'));
    const [app, metrics] = [await freePort(), await freePort()];
    await startHaproxy({ app, metrics, a: new URL(good.url).host, b: new URL(bad.url).host });
    const responses = 'haproxy_server_http_responses_total{proxy="app"';
    const total = [selector(`${responses}}`)];
    const { sample } = scraper(
      { endpoints: [{ url: `http://127.0.0.1:${metrics}/metrics` }], 'slot-label': 'server' },
      {
        sources: [
          {
            id: 'errors',
            scope: 'per-arm',
            type: 'events',
            bad: [selector(`${responses},code="5xx"}`)],
            total,
          },
          {
            id: 'servers',
            scope: 'shared',
            type: 'gauge',
            value: selector('haproxy_backend_active_servers{proxy="app"}'),
            dividedBy: null,
            scale: 1,
          },
        ],
        traffic: total,
      },
    );
    await sample();
    for (let count = 0; count < 20; count += 1) await (await fetch(`http://127.0.0.1:${app}/`)).text();
    const { kpis, traffic } = await sample();
    expect(kpis).toEqual({
      errors: { canary: counted(10, 10), stable: counted(0, 10) },
      servers: { canary: data({ type: 'value', value: 2 }), stable: null },
    });
    expect(traffic).toEqual({ canary: 10, stable: 10 });
  });
});

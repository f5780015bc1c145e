import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { canRun } from './can-run.ts';

/** What is scraped, and the labels that its series get. */
export interface ScrapeTarget {
  readonly url: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface Prometheus {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

export const hasPrometheus = canRun('prometheus', '--version');

/** A real Prometheus on a port and in a folder of its own, which scrapes the targets. */
export async function startPrometheus(
  targets: readonly ScrapeTarget[],
  { interval = '200ms', web = '', flags = [] as readonly string[] } = {},
): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-test-'));
  const jobs = targets.map(({ url, labels = {} }, index) => {
    const { host, pathname } = new URL(url);
    return {
      job_name: `job-${index}`,
      metrics_path: pathname,
      static_configs: [{ targets: [host], labels }],
    };
  });
  const config = {
    global: { scrape_interval: interval, scrape_timeout: interval },
    scrape_configs: jobs,
  };
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
  if (web !== '') writeFileSync(join(folder, 'web.yml'), web);
  const port = await freePort();
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      ...(web === '' ? [] : [`--web.config.file=${join(folder, 'web.yml')}`]),
      '--log.level=warn',
      ...flags,
    ],
    { cwd: folder, stdio: 'ignore' },
  );
  const gone = new Promise<void>((done) => child.once('exit', () => done()));
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
    rmSync(folder, { recursive: true, force: true });
  };
  await until(() => isListening(port), 'Prometheus to start', 10_000).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { url: `http://127.0.0.1:${port}`, stop };
}

/** Asks again and again until it is so. */
export async function until(
  isSo: () => Promise<boolean> | boolean,
  what: string,
  within = 5_000,
): Promise<void> {
  const deadline = Date.now() + within;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`waited ${within} ms in vain for ${what}`);
    await sleep(20);
  }
}

async function isListening(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/-/ready`).then(
    (response) => response.status === 200 || response.status === 401,
    () => false,
  );
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { quantileOf } from '../../../src/core/load/latency-histogram.ts';
import type { LoadRun } from '../../../src/core/load/load-run.ts';
import { canRun } from '../../support/can-run.ts';
import { expectConsistent, read, reportFolder, runOf } from '../../support/load-reports.ts';

/*
 * Each tool really runs, and its report must say what the tool itself prints, and what the service saw: as many
 * requests, and as many of them refused.
 */

const run = promisify(execFile);
const folder = reportFolder();
const autocannon = createRequire(import.meta.url).resolve('autocannon');

/** Every 50th answer is a 503, every 8th takes 60 ms: the P95 is well among those. */
function startService() {
  const seen = { asked: 0, refused: 0 };
  const server: Server = createServer((_, response) => {
    seen.asked += 1;
    const isRefused = seen.asked % 50 === 0;
    if (isRefused) seen.refused += 1;
    response.statusCode = isRefused ? 503 : 200;
    setTimeout(() => response.end('{}'), seen.asked % 8 === 0 ? 60 : 3);
  }).listen(0, '127.0.0.1');
  return { server, seen };
}

let service: ReturnType<typeof startService> | null = null;
let url = '';

function stopService(): void {
  service?.server.closeAllConnections();
  service?.server.close();
}

afterAll(() => {
  stopService();
  folder.close();
});

/** A service that has not been asked yet. */
async function freshService(): Promise<ReturnType<typeof startService>['seen']> {
  stopService();
  service = startService();
  await once(service.server, 'listening');
  const address = service.server.address();
  url = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}/` : '';
  return service.seen;
}

const p95 = ({ latency }: LoadRun): number =>
  (latency.kind === 'histogram'
    ? quantileOf(latency.histogram, 0.95)
    : latency.percentiles.find(({ quantile }) => quantile === 0.95)?.ms) ?? Number.NaN;

const rate = ({ requests, duration }: LoadRun): number => (requests / duration) * 1_000;

/** The number that the first group of a pattern finds. */
function printed(text: string, pattern: RegExp): number {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`expected ${pattern} in ${text}`);
  return Number(found);
}

function expectSame(run: LoadRun, seen: { readonly asked: number; readonly refused: number }): void {
  expectConsistent(run);
  expect({ requests: run.requests, failed: run.failed }).toEqual({
    requests: seen.asked,
    failed: seen.refused,
  });
}

/** Two ways to take a percentile of few values may be a value apart. */
const expectNear = (ours: number, theirs: number, share: number): void =>
  expect(Math.abs(ours - theirs), `${ours} beside ${theirs}`).toBeLessThanOrEqual(theirs * share);

const program = (name: string) => {
  const available = canRun('sh', '-c', `command -v ${name}`);
  return { name: available ? name : `${name} (skipped: needs ${name})`, available };
};

const k6 = program('k6');
describe.skipIf(!k6.available)(k6.name, () => {
  it('prints the P95, the rate and the errors that its points and its summary are read as', async () => {
    const seen = await freshService();
    const script = folder.write(
      `import http from 'k6/http'; export default function () { http.get('${url}'); }`,
      'script.js',
    );
    const [points, summary] = [`${folder.folder}/points.ndjson`, `${folder.folder}/summary.json`];
    const options = ['--vus', '3', '--duration', '2s', '--no-usage-report', '--no-color', '--quiet'];
    const { stdout } = await run('k6', [
      'run',
      ...options,
      '--out',
      `json=${points}`,
      '--summary-export',
      summary,
      script,
    ]);
    const told = {
      p95: printed(stdout, /http_req_duration\.*:.*p\(95\)=([\d.]+)ms/),
      rate: printed(stdout, /http_reqs\.*: \d+\s+([\d.]+)\/s/),
      refused: printed(stdout, /http_req_failed\.*: [\d.]+%\s+(\d+) out of/),
    };
    for (const one of [runOf(await read(points)), runOf(await read(summary))]) {
      expectSame(one, seen);
      expectNear(p95(one), told.p95, 0.05);
      expectNear(rate(one), told.rate, 0.05);
      expect(one.failed).toBe(told.refused);
    }
  });
});

const vegeta = program('vegeta');
describe.skipIf(!vegeta.available)(vegeta.name, () => {
  it('prints the P95, the rates and the errors that its results and its report are read as', async () => {
    const seen = await freshService();
    const at = (name: string): string => `${folder.folder}/vegeta.${name}`;
    const targets = folder.write(`GET ${url}\n`, 'targets');
    await run('vegeta', [
      'attack',
      '-rate',
      '150',
      '-duration',
      '2s',
      '-targets',
      targets,
      '-output',
      at('bin'),
    ]);
    for (const format of ['json', 'csv'])
      await run('vegeta', ['encode', '--to', format, '--output', at(format), at('bin')]);
    await run('vegeta', ['report', '-type', 'json', '-output', at('report'), at('bin')]);
    const { stdout } = await run('vegeta', ['report', '-type', 'json', at('bin')]);
    const told: { latencies: { '95th': number }; rate: number; throughput: number; success: number } =
      JSON.parse(stdout);
    for (const name of ['json', 'csv', 'report']) {
      const one = runOf(await read(at(name)));
      expectSame(one, seen);
      expectNear(p95(one), told.latencies['95th'] / 1e6, 0.05);
      expectNear(one.offeredRate ?? 0, told.rate, 0.001);
      expectNear(rate(one) * told.success, told.throughput, 0.001);
    }
  });
});

const hey = program('hey');
describe.skipIf(!hey.available)(hey.name, () => {
  it('prints the P95, the rate and the errors that it is read as', async () => {
    const seen = await freshService();
    const { stdout } = await run('hey', ['-n', '400', '-c', '4', url]);
    const one = runOf(await read(folder.write(stdout, 'hey.txt')));
    expectSame(one, seen);
    expect(p95(one)).toBeCloseTo(printed(stdout, /95%+ in ([\d.]+) secs/) * 1_000, 6);
    expectNear(rate(one), printed(stdout, /Requests\/sec:\s+([\d.]+)/), 0.001);
  });
});

const wrk = program('wrk');
describe.skipIf(!wrk.available)(wrk.name, () => {
  it('prints the P99, the rate and the errors that it is read as', async () => {
    const seen = await freshService();
    const { stdout } = await run('wrk', ['-t1', '-c4', '-d2s', '--latency', url]);
    const one = runOf(await read(folder.write(stdout, 'wrk.txt')));
    expectConsistent(one);
    const p99 = one.latency.kind === 'percentiles' ? one.latency.percentiles.at(-1) : null;
    expect(p99).toEqual({ quantile: 0.99, ms: printed(stdout, /99%\s+([\d.]+)ms/) });
    expectNear(rate(one), printed(stdout, /Requests\/sec:\s+([\d.]+)/), 0.001);
    // Four may still have been under way when it stopped.
    expect(seen.asked - one.requests).toBeGreaterThanOrEqual(0);
    expect(seen.asked - one.requests).toBeLessThanOrEqual(4);
    expect(seen.refused - one.failed).toBeLessThanOrEqual(1);
  });
});

describe('autocannon', () => {
  it('prints the percentiles, the rate and the errors that it is read as', async () => {
    const seen = await freshService();
    const { stdout, stderr } = await run(process.execPath, [
      autocannon,
      '--json',
      '-c',
      '3',
      '-a',
      '300',
      url,
    ]);
    expect(stderr).not.toContain('Error');
    const told: { latency: { p97_5: number }; requests: { total: number }; duration: number } =
      JSON.parse(stdout);
    const path = `${folder.folder}/autocannon.json`;
    writeFileSync(path, stdout);
    const one = runOf(await read(path));
    expectSame(one, seen);
    expect(one.latency.kind === 'percentiles' && one.latency.percentiles).toContainEqual({
      quantile: 0.975,
      ms: told.latency.p97_5,
    });
    expectNear(rate(one), told.requests.total / told.duration, 0.001);
  });
});

const locust = program('locust');
describe.skipIf(!locust.available)(locust.name, () => {
  it('writes the P95, the rate and the errors that its CSV is read as, and in its JSON what the service saw', async () => {
    const seen = await freshService();
    const file = folder.write(
      `from locust import HttpUser, task\nclass Guest(HttpUser):\n    host = "${url}"\n    @task\n    def quotes(self): self.client.get("/")\n`,
      'locustfile.py',
    );
    const prefix = `${folder.folder}/locust`;
    const options = [
      '--headless',
      '-u',
      '2',
      '-r',
      '2',
      '-t',
      '4s',
      '--csv',
      prefix,
      '--json-file',
      prefix,
      '-f',
      file,
    ];
    await run('locust', [...options, '--exit-code-on-error', '0']);
    const [csv, json] = [runOf(await read(`${prefix}_stats.csv`)), runOf(await read(`${prefix}.json`))];
    expectConsistent(json);
    // Two may still have been under way when it stopped.
    expect(seen.asked - json.requests).toBeGreaterThanOrEqual(0);
    expect(seen.asked - json.requests).toBeLessThanOrEqual(2);
    expect(seen.refused - json.failed).toBeLessThanOrEqual(1);
    // Its CSV is written every second, the last time before the end.
    expectConsistent(csv);
    expect(csv.requests).toBeLessThanOrEqual(json.requests);
    const row =
      readFileSync(`${prefix}_stats.csv`, 'utf8')
        .split('\n')
        .find((line) => line.includes(',Aggregated,')) ?? '';
    expectNear(rate(csv), Number(row.split(',')[9]), 0.001);
    expect(csv.failed).toBe(Number(row.split(',')[3]));
    expect(p95(csv)).toBe(Number(row.split(',')[16]));
  });
});

import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LoadGate, type LoadGates, loadGates } from '../support/load-gate.ts';
import { jtl } from '../support/load-report.ts';

/*
 * Ways to get a load test through that should not get through, each played against the action as a process. Reports are
 * written as JMeter writes them, or the load is made for real.
 */

let gates: LoadGates;
const servers: Server[] = [];

beforeAll(async () => {
  gates = await loadGates();
});

afterAll(() => {
  gates.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

interface Service {
  readonly url: string;
  version: string;
  /** The version that takes over a second and a half after the load has begun; null for none. */
  next: string | null;
  /** How long an answer takes, in milliseconds. */
  wait: number;
  readonly close: () => void;
}

/** A real service: answers after a while, and says its version at /health. */
async function service(version = 'v2', wait = 5): Promise<Service> {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    if (request.url === '/health') return response.end(JSON.stringify({ version: told.version }));
    const { next } = told;
    if (next !== null) setTimeout(() => Object.assign(told, { version: next, next: null }), 1_500);
    return setTimeout(() => response.end('{}'), told.wait);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  const told: Service = { url: `http://127.0.0.1:${port}`, version, next: null, wait, close };
  return told;
}

/** What answers as a Prometheus does, with one value for every moment; null for no series. */
async function metrics(value: number | null): Promise<string> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => response.end(JSON.stringify(answerTo(new URLSearchParams(body), value))));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return `metrics: { type: prometheus, url: "http://127.0.0.1:${port}", lag: 0s, scrape-interval: 200ms }`;
}

function answerTo(form: URLSearchParams, value: number | null) {
  const [, window = '1', step = '1'] = /\[(\d+)ms:(\d+)ms\]$/.exec(form.get('query') ?? '') ?? [];
  const end = Number(form.get('time'));
  const count = Math.floor(Number(window) / Number(step));
  const values = Array.from({ length: count }, (_, index) => [
    end - (index * Number(step)) / 1_000,
    String(value),
  ]);
  const result = value === null ? [] : [{ metric: { pod: 'a' }, values: values.toReversed() }];
  return { status: 'success', data: { resultType: 'matrix', result } };
}

/** Ten times 4 requests/s, held for 5 s. */
const READ = `
reports: ['load/*.jtl']
normal: 4 rps
hold: 5s
version: off
min-requests: 100
latency: { p95: "<= 500 ms" }`;

const now = (): number => Date.now();
const ago = (ms: number): number => now() - ms;

function gateWith(...reports: readonly string[]): LoadGate {
  const gate = gates.open();
  for (const [index, report] of reports.entries()) gate.write(`load/${index}.jtl`, report);
  return gate;
}

/** Ten times 10 requests/s, made for real and held for 2 s. */
function made(url: string, more = '', settings = 'duration: 3s'): string {
  return `
generate: { type: autocannon, url: "${url}/book", ${settings} }
normal: 10 rps
hold: 2s
min-requests: 100
dip: 20
latency: { p95: "<= 500 ms" }
${more === '' ? 'version: off' : more}`;
}

describe.concurrent('an honest load test', { timeout: 120_000 }, () => {
  it('is let through when it is read, and told in outputs, summary and page', async () => {
    const gate = gateWith(jtl({ startedAt: ago(10_000), seconds: 8, rate: 42 }));
    const { code, outputs, summary, result } = await gate.run(READ);
    expect(result?.findings.filter(({ status }) => status !== 'pass')).toEqual([]);
    expect(code).toBe(0);
    expect(outputs.verdict).toBe('pass');
    expect(Number(outputs.rate)).toBeCloseTo(42, 0);
    expect(Number(outputs.p95)).toBeGreaterThan(99);
    expect(outputs['error-rate']).toBe('0');
    expect(summary).toContain('title "Load over time"');
    expect(summary).toContain('title "Latency by percentile"');
    expect(existsSync(join(gate.folder, 'page.html'))).toBe(true);
  });

  it('is let through when it is made', async () => {
    const { url } = await service();
    const asked = `version: { url: "${url}/health", field: version }`;
    const { code, log, result } = await gates.open().run(made(url, asked));
    expect(result?.findings.filter(({ status }) => status !== 'pass')).toEqual([]);
    expect(code).toBe(0);
    expect(log).toContain('autocannon: 105 requests/s');
  });
});

describe.concurrent('a load test says no to', { timeout: 120_000 }, () => {
  it('ten times normal traffic at the peak only', async () => {
    const rate = (second: number): number => (second === 4 ? 80 : 20);
    const end = await gateWith(jtl({ startedAt: ago(10_000), seconds: 8, rate })).run(READ);
    expect(end.failed).toContain('load');
    expect(end.seen('load')).toMatch(/^fail: held (never|only).* 80 requests\/s at its peak/);
    expect(end.code).toBe(1);
  });

  it('a test that is too short', async () => {
    const end = await gateWith(jtl({ startedAt: ago(10_000), seconds: 3, rate: 42 })).run(READ);
    expect(end.failed).toEqual(expect.arrayContaining(['duration', 'load']));
  });

  it('a test of too few requests', async () => {
    const few = READ.replace('min-requests: 100', 'min-requests: 1000');
    const end = await gateWith(jtl({ startedAt: ago(10_000), seconds: 8, rate: 42 })).run(few);
    expect(end.failed).toEqual(['size']);
  });

  it('load on the wrong version', async () => {
    const { url } = await service('v1');
    const asked = `version: { url: "${url}/health", field: version }`;
    const end = await gateWith(jtl({ startedAt: ago(10_000), seconds: 8, rate: 42 })).run(
      READ.replace('version: off', asked),
    );
    expect(end.failed).toEqual(['version']);
    expect(end.seen('version')).toBe('fail: v1');
  });

  it('a version that is swapped in the middle of the test', async () => {
    const under = await service('v2');
    const asked = `version: { url: "${under.url}/health", field: version }`;
    under.next = 'v3';
    const end = await gates.open().run(made(under.url, asked, 'duration: 4s'));
    expect(end.failed).toContain('version');
    expect(end.seen('version')).toContain('v2, v3');
  });

  it('errors just above the limit', async () => {
    const fails = (request: number): boolean => request % 80 === 0;
    const end = await gateWith(jtl({ startedAt: ago(10_000), seconds: 8, rate: 42, fails })).run(READ);
    expect(end.failed).toContain('error-rate');
    expect(end.seen('error-rate')).toMatch(/^fail: 1\.49 %/);
  });

  it('fast errors that make the latency look good', async () => {
    const latency = (request: number): number => (request % 10 < 3 ? 1 : request % 16 === 7 ? 900 : 100);
    const fails = (request: number): boolean => request % 10 < 3;
    const much = READ.replace('latency:', 'errors: "<= 50 %"\nlatency:').replace('normal: 4', 'normal: 2');
    const load = { startedAt: ago(10_000), seconds: 8, rate: 42, latency, fails };
    const end = await gateWith(jtl(load)).run(much);
    expect(end.failed).toEqual(['latency-p95']);
  });

  it('a long easy part that thins out what was slow under load', async () => {
    const slow = (request: number): number =>
      request > 40 * 5 && request <= 40 * 5 + 210 && request % 10 === 0 ? 900 : 50;
    const rate = (second: number): number => (second >= 10 && second < 15 ? 42 : 20);
    const load = { startedAt: ago(60_000), seconds: 50, rate, latency: slow };
    const end = await gateWith(jtl(load)).run(READ);
    expect(end.failed).toContain('latency-p95');
    expect(end.result?.figures.p95?.value).toBeLessThan(100);
  });

  it('the report of an old run', async () => {
    const end = await gateWith(jtl({ startedAt: ago(7_200_000), seconds: 8, rate: 42 })).run(READ);
    expect(end.failed).toEqual(['report']);
    expect(end.seen('report')).toMatch(/is of a test that ended (1h 59m|2h)/);
  });

  it('no report, an empty one, and one that is cut short', async () => {
    const none = await gates.open().run(READ);
    expect(none.seen('report')).toBe('fail: no report at load/*.jtl');
    expect(none.failed).toContain('load');
    const empty = await gateWith('').run(READ);
    expect(empty.failed).toContain('report');
    const whole = jtl({ startedAt: ago(10_000), seconds: 8, rate: 42 });
    const cut = await gateWith(whole.slice(0, -20)).run(READ);
    expect(cut.failed).toContain('report');
    expect(cut.code).toBe(1);
  });

  it('two generators of which one is bad, and whose percentiles are good on average', async () => {
    const startedAt = ago(10_000);
    const fast = jtl({ startedAt, seconds: 8, rate: 20, latency: () => 20 });
    const latency = (request: number): number => (request % 6 === 0 ? 900 : 100);
    const slow = jtl({ startedAt, seconds: 8, rate: 22, latency });
    const end = await gateWith(fast, slow).run(READ);
    expect(end.result?.generators.map(({ p95Ms }) => Math.round(Number(p95Ms) / 100))).toEqual([0, 9]);
    expect(end.failed).toEqual(['latency-p95']);
  });

  it('the same report twice, and two runs that did not run together', async () => {
    const startedAt = ago(60_000);
    const half = jtl({ startedAt, seconds: 8, rate: 21 });
    const twice = await gateWith(half, half).run(READ);
    expect(twice.failed).toContain('report');
    expect(twice.seen('report')).toContain('the very same run');
    const later = jtl({ startedAt: startedAt + 20_000, seconds: 8, rate: 42 });
    const apart = await gateWith(half, later).run(READ);
    expect(apart.seen('report')).toContain('not all under way at the same time');
  });

  it('coordinated omission: too few connections for slow answers', async () => {
    const { url } = await service('v2', 60);
    const few = 'duration: 3s, rate: 110, connections: 2';
    const end = await gates.open().run(made(url, '', few));
    expect(end.failed).toEqual(expect.arrayContaining(['coordinated-omission', 'load', 'latency-p95']));
    expect(end.seen('coordinated-omission')).toContain('were never sent by autocannon');
  });

  it('a resource beyond its limit, and one of which nothing is known', async () => {
    const resources = 'resources: [{ name: Database connections, query: db_used, limit: "<= 80 %" }]';
    const report = jtl({ startedAt: ago(10_000), seconds: 8, rate: 42 });
    const over = await gateWith(report).run(`${READ}\n${await metrics(0.83)}\n${resources}`);
    expect(over.failed).toEqual(['resource-database-connections']);
    expect(over.seen('resource-database-connections')).toBe('fail: 83 %');
    const unknown = await gateWith(report).run(`${READ}\n${await metrics(null)}\n${resources}`);
    expect(unknown.outputs.verdict).toBe('inconclusive');
    expect(unknown.code).toBe(1);
  });

  it('normal traffic that is unknown, or nothing', async () => {
    const report = jtl({ startedAt: ago(10_000), seconds: 8, rate: 42 });
    const queried = READ.replace('normal: 4 rps', 'normal: { query: rps, over: 7d }');
    const empty = await gateWith(report).run(`${queried}\n${await metrics(null)}`);
    expect(empty.failed).toEqual(['load']);
    expect(empty.seen('load')).toMatch(/^no-data: normal traffic is not known/);
    const zero = await gateWith(report).run(`${queried}\n${await metrics(0)}`);
    expect(zero.seen('load')).toMatch(/^fail: normal traffic of 0 requests\/s/);
    const known = await gateWith(report).run(`${queried}\n${await metrics(4)}`);
    expect(known.code).toBe(0);
  });

  it('a run that is worse than the last accepted one, and does not become the next to compare with', async () => {
    const kept = `${READ}\naccepted: { type: file }\nregression: { latency: 20 }`;
    const gate = gates.open();
    const play = (ms: number) => {
      gate.write('load/0.jtl', jtl({ startedAt: ago(10_000), seconds: 8, rate: 42, latency: () => ms }));
      return gate.run(kept);
    };
    const first = await play(100);
    expect([first.code, first.result?.keeping, first.seen('regression')]).toEqual([
      0,
      'kept',
      'skipped: no accepted run to compare with',
    ]);
    const worse = await play(130);
    expect([worse.failed, worse.result?.keeping]).toEqual([['regression'], 'not-kept']);
    expect(worse.seen('regression')).toContain('P95 130 ms after 100 ms');
    const better = await play(118);
    expect([better.code, better.result?.keeping, better.result?.baseline?.revision]).toEqual([0, 'kept', 1]);
  });

  it('a target that is down', async () => {
    const gone = await service();
    gone.close();
    const end = await gates.open().run(made(gone.url, ''));
    expect(end.failed).toContain('report');
    expect(end.seen('report')).toContain('ECONNREFUSED');
  });

  it('a generator that is not there, and one that crashes half way', async () => {
    const test = `
generate: { type: k6, script: load.js }
normal: 10 rps
hold: 2s
version: off`;
    const absent = await gates.open().run(test, { PATH: '/nowhere' });
    expect(absent.seen('report')).toContain('error: k6 could not be started: there is no program k6');
    const gate = gates.open();
    mkdirSync(join(gate.folder, 'bin'));
    // It writes a report that would do, and dies.
    const report = jtl({ startedAt: ago(10_000), seconds: 8, rate: 200 });
    const program = `#!/bin/sh\nfor word; do case "$word" in json=*) file="\${word#json=}";; esac; done\ncp '${gate.folder}/would-do.jtl' "$file"\nkill -9 $$\n`;
    gate.write('would-do.jtl', report);
    writeFileSync(join(gate.folder, 'bin/k6'), program);
    chmodSync(join(gate.folder, 'bin/k6'), 0o755);
    const crashed = await gate.run(test, { PATH: `${join(gate.folder, 'bin')}:${process.env.PATH}` });
    expect(crashed.seen('report')).toBe('fail: k6 was ended by SIGKILL half way');
    expect(crashed.code).toBe(1);
  });
});

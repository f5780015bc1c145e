import { writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/core/checks/finding.ts';
import { AdapterError } from '../../../src/ports/adapter-error.ts';
import { describeDeployTarget } from '../../contract/deploy-target.ts';
import { type BookingSlots, bookingSlots } from './booking-slots.ts';

const { signal } = new AbortController();
const a1 = { slot: 'a', version: '1.0.0' } as const;

describeDeployTarget('command target', async () => {
  const slots = await bookingSlots();
  return {
    target: slots.target(),
    running: slots.running,
    starts: () => slots.starts().length,
    sicken: (slot) => slots.behave(slot, 'status=503'),
    close: async () => slots.close(),
  };
});

let slots: BookingSlots;
beforeEach(async () => {
  slots = await bookingSlots();
});
afterEach(() => slots.close());

/** A target whose start command is a piece of JavaScript. */
function scripted(
  script: string,
  more: { top?: Record<string, unknown>; env?: Record<string, string> } = {},
) {
  const start = [process.execPath, '-e', script, '--', '{slot}', '{version}', '{service}', '{environment}'];
  return slots.target({ ...more, top: { start, ...more.top } });
}

async function failureOf(work: Promise<unknown>): Promise<AdapterError> {
  const error = await work.catch((rejected: unknown) => rejected);
  if (error instanceof AdapterError) return error;
  throw new Error(`expected an AdapterError, got ${String(error)}`);
}

describe('starting a version by a command', () => {
  it('tells the command where, what and for whom, in arguments and in its environment', async () => {
    const script = 'console.log(JSON.stringify([process.argv.slice(1), process.env, process.cwd()]))';
    const more = {
      top: { env: { REGION: 'eu {slot}' }, 'env-from': ['API_TOKEN'] },
      env: { API_TOKEN: 's3cr3t' },
    };
    await scripted(script, more).deploy(a1, signal);
    const [argv, env, cwd] = JSON.parse(slots.log.at(-1) ?? '');
    expect(argv).toEqual(['a', '1.0.0', 'booking', 'production']);
    expect(cwd).toBe(slots.state);
    expect(env).toEqual({
      PATH: process.env.PATH,
      HOME: slots.context.env.HOME,
      REGION: 'eu {slot}',
      API_TOKEN: 's3cr3t',
      DEPLOY_CANARY_SLOT: 'a',
      DEPLOY_CANARY_VERSION: '1.0.0',
      DEPLOY_CANARY_SERVICE: 'booking',
      DEPLOY_CANARY_ENVIRONMENT: 'production',
    });
  });

  it('masks what it hands on before the first command runs, unless it is too short to be a secret', () => {
    const env = { API_TOKEN: 's3cr3t', DEBUG: '1' };
    slots.target({ top: { 'env-from': ['API_TOKEN', 'DEBUG'] }, env });
    expect(slots.masked).toEqual(['s3cr3t']);
  });

  it('asks for a variable that it should hand on but that is not set', async () => {
    const target = slots.target({ top: { 'env-from': ['API_TOKEN'] } });
    const failure = await failureOf(target.deploy(a1, signal));
    expect(failure).toMatchObject({ code: 'refused', retryable: false });
    expect(failure.message).toContain('API_TOKEN');
    expect(slots.starts()).toEqual([]);
  });

  it.each([
    '-rf',
    '--version',
    '',
    'v 1',
    'v1;id',
    '$(id)',
    '`id`',
    'v1\n',
    'v1\u0000',
    '\u001b[31m',
    '../..',
    'v1"',
    "v1'",
  ])('refuses to deploy the version %j', async (version) => {
    const failure = await failureOf(slots.target().deploy({ slot: 'a', version }, signal));
    expect(failure).toMatchObject({ code: 'refused', retryable: false });
    expect(await failureOf(slots.target().health({ slot: 'a', version }, signal))).toEqual(failure);
    expect(slots.starts()).toEqual([]);
  });

  it.each([
    '1.2.3',
    'v1.2.3-rc.1+build.7',
    '9fceb02d0ae598e95dc970b74767f19372d61af8',
    'release/2026-11',
    'sha256:ab12',
  ])('deploys the version %j', async (version) => {
    expect(await slots.target().deploy({ slot: 'a', version }, signal)).toBe('started');
    expect(slots.starts()).toEqual([`${slots.decade}1 ${version}`]);
  });

  it('shows the last words of a command that failed', async () => {
    const script =
      "for (let i = 0; i < 50; i++) console.log('line ' + i); console.error('no space in the cluster'); process.exitCode = 3";
    const failure = await failureOf(scripted(script).deploy(a1, signal));
    expect(failure).toMatchObject({ code: 'exit-code', retryable: false });
    expect(failure.message).toMatch(/expected the start command .* to exit with 0, saw 3/);
    expect(failure.message).toContain('line 49');
    expect(failure.message).not.toContain('line 30\n');
    expect(slots.log).toContain('no space in the cluster');
  });

  it('ends a command that takes too long', async () => {
    const failure = await failureOf(
      scripted('setInterval(() => {}, 1000)', { top: { timeout: '300ms' } }).deploy(a1, signal),
    );
    expect(failure).toMatchObject({ code: 'timeout' });
    expect(failure.message).toContain('within 300ms');
  });

  it('ends the command when it is told to stop', async () => {
    const stop = new AbortController();
    const began = performance.now();
    const deployed = scripted('setInterval(() => {}, 1000)').deploy(a1, stop.signal);
    setTimeout(() => stop.abort(), 300);
    expect(await failureOf(deployed)).toMatchObject({ code: 'timeout', retryable: true });
    expect(performance.now() - began).toBeLessThan(4_000);
  });

  it('says so when there is no such program', async () => {
    const failure = await failureOf(
      slots.target({ top: { start: ['./no-such-script'] } }).deploy(a1, signal),
    );
    expect(failure).toMatchObject({ code: 'refused', retryable: false });
    expect(failure.message).toContain('there is no program ./no-such-script');
  });

  it('warns when the service that it left running holds its output', async () => {
    const { start } = slots.config();
    const careless = slots.target({ top: { start: [...(Array.isArray(start) ? start : []), '--careless'] } });
    expect(await careless.deploy(a1, signal)).toBe('started');
    expect(slots.log.join('\n')).toMatch(/still holds its output/);
  });

  it('runs commands in the working directory of the config', async () => {
    writeFileSync(join(slots.state, 'hello.mjs'), "console.log('hello from ' + process.cwd())");
    await slots
      .target({ top: { start: [process.execPath, 'hello.mjs'], 'working-directory': slots.state } })
      .deploy(a1, signal);
    expect(slots.log).toEqual([`hello from ${slots.state}`]);
  });
});

describe('emptying a slot by a command', () => {
  it('does nothing where no command is given', async () => {
    await slots.target({ top: { stop: undefined } }).stop('a', signal);
    expect(slots.log).toEqual([]);
  });

  it('fails when the command fails', async () => {
    const stop = [process.execPath, '-e', 'process.exit(1)'];
    expect(await failureOf(slots.target({ top: { stop } }).stop('a', signal))).toMatchObject({
      code: 'exit-code',
    });
  });

  it('does not pretend to know the version', async () => {
    const stop = [process.execPath, '-e', 'console.log(JSON.stringify(process.env))'];
    await slots.target({ top: { stop } }).stop('b', signal);
    const env: unknown = JSON.parse(slots.log[0] ?? '');
    expect(env).toMatchObject({ DEPLOY_CANARY_SLOT: 'b' });
    expect(env).not.toHaveProperty('DEPLOY_CANARY_VERSION');
  });
});

describe('asking a service for its health', () => {
  let server: Server | undefined;
  let requests = 0;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    server = undefined;
  });

  /** A real service in slot a that answers as told, request by request. */
  async function service(answer: RequestListener): Promise<void> {
    requests = 0;
    server = createServer((request, response) => {
      requests += 1;
      answer(request, response);
    });
    await new Promise<void>((resolve) => server?.listen(slots.decade * 10 + 1, '127.0.0.1', resolve));
  }

  const json = (version: unknown): string => JSON.stringify({ build: { version }, list: ['x', '1.0.0'] });
  const one = (findings: readonly Finding[], check: string) =>
    findings.find((finding) => finding.check === check);

  it('wants good answers in a row, not just two of many', async () => {
    await service((_, response) => {
      response.writeHead(requests % 2 === 0 ? 503 : 200).end(json('1.0.0'));
    });
    const findings = await slots.target({ health: { deadline: '400ms' } }).health(a1, signal);
    expect(one(findings, 'health')).toMatchObject({ status: 'fail' });
    expect(one(findings, 'version')).toMatchObject({ status: 'pass' });
    expect(requests).toBeGreaterThan(3);
  });

  it('waits for a service that starts slowly', async () => {
    await service((_, response) => {
      response.writeHead(requests < 4 ? 503 : 200).end(json(requests < 6 ? '0.9.0' : '1.0.0'));
    });
    const findings = await slots.target({ health: { consecutive: 3 } }).health(a1, signal);
    expect(findings.map((finding) => finding.status)).toEqual(['pass', 'pass']);
    expect(requests).toBe(8);
    expect(one(findings, 'health')?.detail).toMatch(/^8 requests in /);
  });

  it.each([
    ['build.version', 'pass'],
    ['/build/version', 'pass'],
    ['list.1', 'pass'],
    ['version', 'no-data'],
    ['build', 'no-data'],
    ['build.version.length', 'no-data'],
    ['constructor.name', 'no-data'],
  ])('reads the version from the field %s: %s', async (field, status) => {
    await service((_, response) => response.end(json('1.0.0')));
    const findings = await slots
      .target({ health: { 'version-field': field, deadline: '200ms' } })
      .health(a1, signal);
    expect(one(findings, 'version')?.status).toBe(status);
  });

  it('reads the version from a header', async () => {
    await service((_, response) => response.setHeader('X-Version', '1.0.0').end());
    const health = { 'version-field': undefined, 'version-header': 'x-VERSION', deadline: '300ms' };
    expect(one(await slots.target({ health }).health(a1, signal), 'version')?.status).toBe('pass');
    const other = { ...health, 'version-header': 'x-release' };
    expect(one(await slots.target({ health: other }).health(a1, signal), 'version')).toMatchObject({
      status: 'no-data',
      observed: 'no header x-release',
    });
  });

  it('does not take a service that says no version for the new one', async () => {
    await service((_, response) => response.end('OK'));
    const target = slots.target({ health: { deadline: '200ms' } });
    const findings = await target.health(a1, signal);
    expect(one(findings, 'health')?.status).toBe('pass');
    expect(one(findings, 'version')).toMatchObject({
      status: 'no-data',
      observed: 'an answer that is not JSON',
    });
    expect(await target.deploy(a1, signal)).toBe('started');
  });

  it('shows a version of foreign text short and without control characters', async () => {
    await service((_, response) => response.end(json(`\u001b[31m${'x'.repeat(5_000)}`)));
    const findings = await slots.target({ health: { deadline: '200ms' } }).health(a1, signal);
    expect(one(findings, 'version')?.observed).toBe(`?[31m${'x'.repeat(95)}...`);
  });

  it('asks each slot at its own URL when there are two', async () => {
    await service((request, response) => response.end(json(request.url === '/b' ? '2.0.0' : '1.0.0')));
    const base = `http://127.0.0.1:${slots.decade}1`;
    const target = slots.target({ health: { url: { a: `${base}/a`, b: `${base}/b` } } });
    expect((await target.health(a1, signal)).map((finding) => finding.status)).toEqual(['pass', 'pass']);
    const inB = await target.health({ slot: 'b', version: '2.0.0' }, signal);
    expect(inB.map((finding) => finding.status)).toEqual(['pass', 'pass']);
  });

  it('does not follow a redirect', async () => {
    await service((request, response) => {
      if (request.url === '/login') response.end(json('1.0.0'));
      else response.writeHead(302, { location: '/login' }).end();
    });
    const findings = await slots.target({ health: { deadline: '200ms' } }).health(a1, signal);
    expect(one(findings, 'health')).toMatchObject({ status: 'fail', observed: 'HTTP 302' });
  });

  it('takes another status for healthy when the config says so', async () => {
    await service((_, response) => response.writeHead(204).end());
    const target = slots.target({ health: { status: 204, deadline: '200ms' } });
    expect(one(await target.health(a1, signal), 'health')?.status).toBe('pass');
  });

  it('calls slow answers slow when there is a limit, and only then', async () => {
    await service((_, response) => setTimeout(() => response.end(json('1.0.0')), 120));
    const slow = await slots
      .target({ health: { 'max-latency': '50ms', deadline: '700ms' } })
      .health(a1, signal);
    expect(one(slow, 'latency')).toMatchObject({ status: 'fail', expected: '<= 50ms' });
    expect(one(slow, 'health')?.status).toBe('pass');
    const quick = await slots.target({ health: { 'max-latency': '2s' } }).health(a1, signal);
    expect(one(quick, 'latency')?.status).toBe('pass');
    expect(one(await slots.target().health(a1, signal), 'latency')).toBeUndefined();
  });

  it.each([
    ['never answers', () => undefined],
    [
      'never ends its answer',
      (_: unknown, response: { write: (text: string) => void }) => response.write('{'),
    ],
  ])('gives up on a service that %s', async (_, answer) => {
    await service(answer);
    const began = performance.now();
    const findings = await slots
      .target({ health: { timeout: '100ms', deadline: '400ms' } })
      .health(a1, signal);
    expect(one(findings, 'health')).toMatchObject({ status: 'fail', observed: 'no answer within 100 ms' });
    expect(one(findings, 'version')).toMatchObject({ status: 'no-data' });
    expect(performance.now() - began).toBeLessThan(1_500);
  });

  it('reads only the beginning of an endless answer', async () => {
    await service((_, response) => {
      const more = setInterval(() => response.write('x'.repeat(20_000)), 5);
      response.once('close', () => clearInterval(more));
    });
    const findings = await slots.target({ health: { deadline: '500ms' } }).health(a1, signal);
    expect(one(findings, 'health')?.status).toBe('pass');
    expect(one(findings, 'version')?.status).toBe('no-data');
  });

  it('keeps asking to the end of the deadline, although one request might take longer than that', async () => {
    const asked = slots.target({ health: { timeout: '5s', deadline: '2s' } }).health(a1, signal);
    setTimeout(() => void service((_, response) => response.end(json('1.0.0'))), 500);
    expect((await asked).map((finding) => finding.status)).toEqual(['pass', 'pass']);
  });

  it('says what is wrong when nothing listens', async () => {
    const findings = await slots.target({ health: { deadline: '100ms' } }).health(a1, signal);
    expect(one(findings, 'health')).toMatchObject({
      status: 'fail',
      observed: 'connection refused',
      expected: `HTTP 200 from http://127.0.0.1:${slots.decade}1/healthz`,
    });
  });
});

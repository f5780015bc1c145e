import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startProxy } from '../../../src/adapters/traffic/embedded/start-proxy.ts';
import { ask, createCleanup, openScene, pause, startRawServer, startServer, TOKEN } from './scene.ts';

const cleanup = createCleanup();
afterEach(cleanup.run);

const bearer = { authorization: `Bearer ${TOKEN}` };

const answerSchema = z.looseObject({
  error: z.string().optional(),
  lease: z.looseObject({ expiresAt: z.number() }).nullish(),
});

async function tell(url: string, method: string, body: unknown, headers: Record<string, string> = bearer) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body: text }) });
  const answer: unknown = await response.json();
  return { status: response.status, body: answerSchema.parse(answer) };
}

describe('the admin API', () => {
  it.each([
    ['no token', {}],
    ['another token', { authorization: 'Bearer nope' }],
    ['the beginning of the token', { authorization: `Bearer ${TOKEN.slice(0, -1)}` }],
    ['another scheme', { authorization: `Basic ${TOKEN}` }],
  ])('refuses %s, and changes nothing', async (_what, headers) => {
    const { proxy } = cleanup.add(await openScene());
    const shift = { shares: { a: 0, b: 100 }, lease: null, token: 1 };
    for (const [path, method, body] of [
      ['/v1/traffic', 'GET', undefined],
      ['/v1/traffic', 'PUT', shift],
      ['/v1/lease', 'POST', { holder: 'x', ttl: 1_000 }],
    ] as const) {
      const answer = await tell(`${proxy.adminUrl}${path}`, method, body, headers);
      expect(answer).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    }
    const { body } = await tell(`${proxy.adminUrl}/v1/traffic`, 'GET', undefined);
    expect(body).toEqual({ shares: { a: 100, b: 0 }, lease: null, lapsed: null, token: 0 });
  });

  const lease = { holder: 'x', ttl: 1_000, fallback: 'a' };
  const shift = { shares: { a: 90, b: 10 }, lease: null, token: 1 };
  it.each([
    ['shares that do not add up to 100', { ...shift, shares: { a: 90, b: 9 } }],
    ['a share above 100', { ...shift, shares: { a: -10, b: 110 } }],
    ['a share that is text', { ...shift, shares: { a: '90', b: 10 } }],
    ['a slot that does not exist', { ...shift, shares: { a: 90, b: 10, c: 0 } }],
    ['a token that is no whole number', { ...shift, token: 1.5 }],
    ['a missing lease', { shares: shift.shares, token: 1 }],
    ['a lease without time', { ...shift, lease: { ...lease, ttl: 0 } }],
    ['a lease longer than a day', { ...shift, lease: { ...lease, ttl: 86_400_001 } }],
    ['a lease without a holder', { ...shift, lease: { ...lease, holder: '' } }],
    ['a lease that falls back to nowhere', { ...shift, lease: { ...lease, fallback: 'c' } }],
    ['a misspelt field', { ...shift, tokn: 2 }],
    ['no JSON', '{'],
  ])('does not take %s', async (_what, body) => {
    const { proxy } = cleanup.add(await openScene());
    const answer = await tell(`${proxy.adminUrl}/v1/traffic`, 'PUT', body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
    expect(answer.body.error).not.toBe('');
  });

  it('says what is not there, what is not understood, and what is too much', async () => {
    const { proxy } = cleanup.add(await openScene());
    const at = (path: string, method: string, body?: unknown) =>
      tell(`${proxy.adminUrl}${path}`, method, body);
    expect(await at('/v2/traffic', 'GET')).toMatchObject({ status: 404, body: { code: 'not-found' } });
    expect(await at('/constructor', 'GET')).toMatchObject({ status: 404 });
    expect(await at('/v1/traffic', 'DELETE')).toMatchObject({
      status: 405,
      body: { code: 'method-not-allowed' },
    });
    expect(await at('/v1/traffic', 'PUT', 'x'.repeat(70_000))).toMatchObject({ status: 413 });
    expect(await at('/v1/lease', 'POST', { holder: 'x' })).toMatchObject({ status: 400 });
  });

  it('answers a renewal with how things are', async () => {
    const { proxy } = cleanup.add(await openScene());
    await tell(`${proxy.adminUrl}/v1/traffic`, 'PUT', { ...shift, lease });
    const renewed = await tell(`${proxy.adminUrl}/v1/lease`, 'POST', { holder: 'x', ttl: 60_000 });
    expect(renewed).toMatchObject({ status: 200, body: { lease: { holder: 'x', fallback: 'a' }, token: 1 } });
    expect((renewed.body.lease?.expiresAt ?? 0) - Date.now()).toBeGreaterThan(50_000);
    const other = await tell(`${proxy.adminUrl}/v1/lease`, 'POST', { holder: 'y', ttl: 60_000 });
    expect(other).toMatchObject({ status: 409, body: { code: 'fenced' } });
  });

  it('shows metrics on this machine without a token, unless told to ask for it', async () => {
    const open = cleanup.add(await openScene());
    expect((await fetch(`${open.proxy.adminUrl}/metrics`)).headers.get('content-type')).toContain(
      'text/plain',
    );
    const closed = cleanup.add(await openScene({ metricsNeedToken: true }));
    expect((await fetch(`${closed.proxy.adminUrl}/metrics`)).status).toBe(401);
    expect((await fetch(`${closed.proxy.adminUrl}/metrics`, { headers: bearer })).status).toBe(200);
    expect((await fetch(`${closed.proxy.trafficUrl}/metrics`)).headers.get('x-served-by')).toBe('a');
  });

  it('tells weights and the lease as metrics', async () => {
    const { proxy, metrics } = cleanup.add(await openScene());
    await tell(`${proxy.adminUrl}/v1/traffic`, 'PUT', { ...shift, lease: { ...lease, ttl: 60_000 } });
    const text = await metrics();
    expect(text).toContain('deploy_canary_router_weight_percent{slot="a"} 90');
    expect(text).toContain('deploy_canary_router_weight_percent{slot="b"} 10');
    expect(Number(/^deploy_canary_router_lease_remaining_seconds (\S+)$/m.exec(text)?.[1])).toBeGreaterThan(
      50,
    );
  });
});

describe('starting the router', () => {
  const slots = { a: 'http://127.0.0.1:1', b: 'http://127.0.0.1:2' };
  it.each([
    ['without a token', { token: ' ' }, 'unauthorized'],
    ['with a slot that is no address', { slots: { ...slots, b: 'localhost:3000' } }, 'refused'],
    ['with shares that do not add up', { initialShares: { a: 100, b: 100 } }, 'refused'],
    ['with a route that is no path', { routes: [{ name: 'x', match: 'bookings' }] }, 'refused'],
    [
      'with more routes than a label may hold',
      { routes: Array(21).fill({ name: 'x', match: '/' }) },
      'refused',
    ],
  ])('fails %s', async (_what, wrong, code) => {
    await expect(startProxy({ slots, token: TOKEN, ...wrong })).rejects.toMatchObject({ code });
  });

  it('fails on a port that is taken, and leaves nothing open', async () => {
    const taken = cleanup.add(await startServer((_request, response) => response.end()));
    const traffic = { port: taken.port };
    await expect(startProxy({ slots, token: TOKEN, traffic })).rejects.toMatchObject({ code: 'io' });
  });

  it('listens on this machine only', async () => {
    const { proxy } = cleanup.add(await openScene());
    expect(new URL(proxy.adminUrl).hostname).toBe('127.0.0.1');
  });
});

describe('closing the router', () => {
  const slow = () =>
    startServer((_request, response) => {
      response.write('begun ');
      setTimeout(() => response.end('done'), 300);
    });

  it('lets what is in flight end, and takes nothing new', async () => {
    const upstream = cleanup.add(await slow());
    const { proxy } = cleanup.add(await openScene({ slots: { a: upstream.url } }));
    const running = ask(proxy.trafficUrl);
    await pause(100);
    const closing = proxy.close({ deadline: 2_000 });
    await pause(20);
    expect(await ask(proxy.trafficUrl)).toMatchObject({ status: null });
    expect(await running).toMatchObject({ status: 200, body: 'begun done' });
    await closing;
    await expect(fetch(proxy.adminUrl)).rejects.toThrow();
  });

  it('does not wait for websockets, which never end by themselves', async () => {
    const upstream = await startRawServer((socket) => {
      const head = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n';
      socket.once('data', () => socket.write(head));
    });
    cleanup.add(upstream);
    const { proxy } = cleanup.add(await openScene({ slots: { a: upstream.url } }));
    const socket = connect(Number(new URL(proxy.trafficUrl).port), '127.0.0.1');
    const ended = new Promise((resolve) => socket.on('error', () => undefined).once('close', resolve));
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
    const began = performance.now();
    await proxy.close({ deadline: 10_000 });
    await ended;
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it('cuts what has not ended by the deadline', async () => {
    const upstream = cleanup.add(await startServer((_request, response) => response.write('never ends')));
    const { proxy } = cleanup.add(await openScene({ slots: { a: upstream.url } }));
    const running = ask(proxy.trafficUrl);
    await pause(50);
    const began = performance.now();
    await proxy.close({ deadline: 100 });
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(await running).toMatchObject({ status: null });
  });
});

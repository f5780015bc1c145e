import { createHash } from 'node:crypto';
import { Agent, request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import {
  ask,
  createCleanup,
  freePort,
  type Listening,
  openScene,
  pause,
  startRawServer,
  startServer,
  startSlot,
  until,
} from './scene.ts';

const cleanup = createCleanup();
afterEach(cleanup.run);

/** The router with all traffic on this slot a. */
async function inFrontOf(a: Listening, options: Parameters<typeof openScene>[0] = {}) {
  cleanup.add(a);
  return cleanup.add(await openScene({ ...options, slots: { a: a.url } }));
}

/** Sends raw bytes and gives back all that comes until the connection ends or falls silent. */
function raw(url: string, bytes: string, silence = 300): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let text = '';
    const done = (): void => {
      socket.destroy();
      resolve(text);
    };
    socket.setTimeout(silence, done);
    socket.on('error', done);
    socket.on('close', done);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.write(bytes);
  });
}

const echo = (): Promise<Listening> =>
  startServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url, headers } = request;
      response.end(JSON.stringify({ method, url, headers, body: Buffer.concat(chunks).toString('utf8') }));
    });
  });

describe('what the router passes on', () => {
  it('is the path to the byte, and who asked', async () => {
    const { proxy } = await inFrontOf(await echo());
    const seen = JSON.parse((await ask(`${proxy.trafficUrl}/`, { path: '/a/../b//c%2Fd?x=1?y&z' })).body);
    expect(seen).toMatchObject({ method: 'GET', url: '/a/../b//c%2Fd?x=1?y&z' });
    expect(seen.headers).toMatchObject({ 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http' });
    expect(seen.headers.host).toBe(new URL(proxy.trafficUrl).host);
    const absolute = await raw(
      proxy.trafficUrl,
      'GET http://shop.example/x?y HTTP/1.1\r\nHost: shop.example\r\n\r\n',
    );
    expect(absolute).toContain('"url":"/x?y"');
  });

  it('goes below the path of the slot, and under its own host name when told so', async () => {
    const upstream = cleanup.add(await echo());
    const { proxy } = cleanup.add(
      await openScene({ slots: { a: `${upstream.url}/base` }, rewriteHost: true }),
    );
    const seen = JSON.parse((await ask(`${proxy.trafficUrl}/x`)).body);
    expect(seen).toMatchObject({ url: '/base/x', headers: { host: new URL(upstream.url).host } });
  });

  it('includes the body of a DELETE that comes in chunks, and nothing after it', async () => {
    const { proxy } = await inFrontOf(await echo());
    const answer = await ask(proxy.trafficUrl, {
      method: 'DELETE',
      headers: { 'transfer-encoding': 'chunked' },
      body: 'GET /smuggled HTTP/1.1\r\n\r\n',
    });
    expect(JSON.parse(answer.body)).toMatchObject({
      method: 'DELETE',
      body: 'GET /smuggled HTTP/1.1\r\n\r\n',
    });
  });

  it('is an ordinary request when a client offers h2c', async () => {
    const { proxy } = await inFrontOf(await echo());
    const head = 'POST /java HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n';
    const text = await raw(
      proxy.trafficUrl,
      `${head}HTTP2-Settings: AAMAAABk\r\nContent-Length: 2\r\n\r\nhi`,
    );
    expect(text).toContain('HTTP/1.1 200 OK');
    expect(text).toContain('connection: keep-alive');
    expect(text).toContain('"body":"hi"');
    expect(text).not.toContain('h2c');
    expect(await raw(proxy.trafficUrl, `${head.replace('POST', 'GET')}\r\n`)).toContain('HTTP/1.1 200 OK');
  });

  it('is 10 MB both ways, byte for byte', async () => {
    const upstream = await startServer((request, response) => request.pipe(response));
    const { proxy } = await inFrontOf(upstream);
    const block = Buffer.alloc(64 * 1_024, 'shine');
    const sent = createHash('sha256');
    const blocks = Array.from({ length: 160 }, () => block);
    for (const one of blocks) sent.update(one);
    const got = createHash('sha256');
    let size = 0;
    await new Promise<void>((resolve, reject) => {
      const request = httpRequest(proxy.trafficUrl, { method: 'POST' }, (response) => {
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          got.update(chunk);
        });
        response.on('end', resolve);
        response.on('error', reject);
      });
      request.on('error', reject);
      Readable.from(blocks).pipe(request);
    });
    expect(size).toBe(10 * 1_024 * 1_024);
    expect(got.digest('hex')).toBe(sent.digest('hex'));
  });

  it('reuses connections to the slots, and lets them go when they are not used', async () => {
    const sockets = new Set<Socket>();
    const upstream = await startServer((request, response) => {
      sockets.add(request.socket);
      response.end();
    });
    const { proxy } = await inFrontOf(upstream, { upstreamIdle: 100 });
    for (let turn = 0; turn < 5; turn += 1) {
      await ask(proxy.trafficUrl, { headers: { connection: 'close' } });
    }
    expect(sockets.size).toBe(1);
    await until(() => [...sockets].every((socket) => socket.destroyed));
  });

  it('is a websocket, both ways, counted once it is open', async () => {
    const upstream = await startRawServer((socket) => {
      socket.once('data', (head) => {
        const opened = head.toString('latin1').includes('sec-websocket-key: abc');
        socket.write(
          `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Key: ${opened}\r\n\r\n`,
        );
        socket.on('data', (chunk) => socket.write(`echo:${chunk}`));
      });
    });
    const { proxy, metrics } = await inFrontOf(upstream);
    const socket = connect(Number(new URL(proxy.trafficUrl).port), '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.write('GET /live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n');
    socket.write('Sec-WebSocket-Key: abc\r\n\r\n');
    await until(() => text.includes('101 Switching Protocols'));
    socket.write('ping');
    await until(() => text.includes('echo:ping'));
    expect(text).toMatch(/x-key: true/i);
    expect(await metrics()).toContain('requests_total{slot="a",method="GET",code="101",route="other"} 1');
    socket.destroy();
  });

  it('is the refusal of a websocket, and a 502 when nobody answers it', async () => {
    const upgrade = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
    const { proxy } = await inFrontOf(
      await startServer((_request, response) => response.writeHead(403).end('no')),
    );
    expect(await raw(proxy.trafficUrl, upgrade)).toContain('HTTP/1.1 403 Forbidden');
    const gone = cleanup.add(await openScene({ slots: { a: `http://127.0.0.1:${await freePort()}` } }));
    expect(await raw(gone.proxy.trafficUrl, upgrade)).toContain('HTTP/1.1 502 Bad Gateway');
    expect(await gone.metrics()).toContain(
      'requests_total{slot="a",method="GET",code="502",route="other"} 1',
    );
  });
});

describe('when things break, the router', () => {
  it('answers 502 for a slot that is not there, and asks no other slot', async () => {
    const { proxy, metrics } = cleanup.add(
      await openScene({ slots: { a: `http://127.0.0.1:${await freePort()}` } }),
    );
    const answer = await ask(`${proxy.trafficUrl}/`, { method: 'POST', body: 'pay' });
    expect(answer).toMatchObject({ status: 502, slot: '' });
    const text = await metrics();
    expect(text).toContain('requests_total{slot="a",method="POST",code="502",route="other"} 1');
    expect(text).not.toContain('requests_total{slot="b"');
  });

  it('asks the same slot once more when a GET was refused a connection, and a POST never', async () => {
    const port = await freePort();
    const { proxy, metrics } = cleanup.add(await openScene({ slots: { a: `http://127.0.0.1:${port}` } }));
    const post = ask(proxy.trafficUrl, { method: 'POST' });
    const get = ask(proxy.trafficUrl);
    expect(await post).toMatchObject({ status: 502 });
    expect(await ask(proxy.trafficUrl, { headers: { 'content-length': 1 }, body: 'x' })).toMatchObject({
      status: 502,
    });
    cleanup.add(await startServer((_request, response) => response.end('back'), port));
    expect(await get).toMatchObject({ status: 200, body: 'back' });
    expect(await metrics()).toContain('retries_total{slot="a"} 1');
  });

  it.each([
    ['dies', 'resetAndDestroy'],
    ['hangs up', 'destroy'],
  ] as const)(
    'cuts the answer of a slot that %s in the middle of it, and counts it as failed',
    async (_what, how) => {
      const upstream = await startRawServer((socket) => {
        socket.once('data', () => {
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this');
          setTimeout(() => socket[how](), 50);
        });
      });
      const { proxy, metrics } = await inFrontOf(upstream);
      expect(await ask(proxy.trafficUrl)).toMatchObject({ status: null });
      expect(await metrics()).toContain('requests_total{slot="a",method="GET",code="502",route="other"} 1');
    },
  );

  it('counts a client that leaves in the middle of an upload or of an answer as such', async () => {
    const upstream = await startServer((request, response) => {
      request.resume();
      if (request.method === 'GET') response.writeHead(200).write('the first part');
    });
    const { proxy, metrics } = await inFrontOf(upstream);
    const upload = httpRequest(proxy.trafficUrl, { method: 'PUT', headers: { 'content-length': 1_000_000 } });
    upload.on('error', () => undefined);
    upload.write('some of it');
    const download = httpRequest(proxy.trafficUrl, (response) => {
      response.on('error', () => undefined);
      response.once('data', () => download.destroy());
    });
    download.on('error', () => undefined).end();
    await pause(100);
    upload.destroy();
    await until(async () => (await metrics()).includes('method="PUT",code="499"'));
    await until(async () => (await metrics()).includes('method="GET",code="499"'));
    expect(await metrics()).not.toContain('code="50');
  });

  it('answers 504 for a slot that says nothing, and 408 for a client that stops sending', async () => {
    const upstream = await startRawServer((socket) => socket.resume());
    const { proxy, metrics } = await inFrontOf(upstream, { upstreamTimeout: 150 });
    expect(await ask(proxy.trafficUrl)).toMatchObject({ status: 504 });
    const half = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf';
    expect(await raw(proxy.trafficUrl, half, 1_000)).toContain('HTTP/1.1 408');
    expect(await metrics()).toContain('method="GET",code="504"');
  });

  it.each([
    ['a status below 100', 'HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n', 502],
    ['an unasked 101', 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n', 502],
    ['no HTTP at all', 'SSH-2.0-OpenSSH_9.6\r\n', 502],
    ['a reason with a control character', 'HTTP/1.1 200 O\u0001K\r\nContent-Length: 2\r\n\r\nok', 200],
    [
      'trailers',
      'HTTP/1.1 200 OK\r\nTrailer: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx: 1\r\n\r\n',
      200,
    ],
  ])('outlives a slot that answers with %s', async (_what, bytes, status) => {
    const { proxy } = await inFrontOf(
      await startRawServer((socket) => socket.once('data', () => socket.end(bytes))),
    );
    expect(await ask(proxy.trafficUrl, { timeout: 1_000 })).toMatchObject({ status });
    const old = await raw(proxy.trafficUrl, 'GET / HTTP/1.0\r\n\r\n');
    expect(old).toContain(`HTTP/1.1 ${status}`);
  });

  it('outlives a client that speaks no HTTP', async () => {
    const { proxy } = await inFrontOf(await startSlot('a'));
    expect(await raw(proxy.trafficUrl, 'HELO shop.example\r\n\r\n')).toContain('400 Bad Request');
    await raw(proxy.trafficUrl, 'CONNECT shop.example:443 HTTP/1.1\r\nHost: shop.example\r\n\r\n');
    await raw(
      proxy.trafficUrl,
      'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n',
    );
    const chunked = 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
    await raw(proxy.trafficUrl, `${chunked}3\r\nabc\r\nzz\r\n`);
    expect(await ask(proxy.trafficUrl)).toMatchObject({ status: 200, slot: 'a' });
  });

  it("keeps a client's connection usable after a 502 for a large upload", async () => {
    const upstream = await startRawServer((socket) => socket.once('data', () => socket.destroy()));
    const { proxy } = await inFrontOf(upstream);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const body = 'x'.repeat(2_000_000);
    expect(await ask(proxy.trafficUrl, { agent, method: 'POST', body })).toMatchObject({ status: 502 });
    expect(await ask(proxy.trafficUrl, { agent })).toMatchObject({ status: 502 });
    agent.destroy();
  });
});

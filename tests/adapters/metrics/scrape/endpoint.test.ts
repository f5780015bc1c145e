import { createServer as createTcpServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { EndpointAnswer } from '../../../../src/adapters/metrics/scrape/endpoint.ts';
import { LARGEST_BODY, readEndpoint } from '../../../../src/adapters/metrics/scrape/endpoint.ts';
import { AdapterError } from '../../../../src/ports/adapter-error.ts';
import { metricsServer, saying } from '../metrics-server.ts';

const never = new AbortController().signal;

function read(url: string, timeout = 2_000, token: string | null = null): Promise<EndpointAnswer> {
  return readEndpoint({ url, timeout, token }, never);
}

async function failure(reading: Promise<EndpointAnswer>): Promise<AdapterError> {
  const error = await reading.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof AdapterError) return error;
  throw new Error(`expected an AdapterError, saw ${String(error)}`);
}

/** Answers raw bytes and closes: what a broken or old server does. */
async function rawServer(answer: string): Promise<string> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}/metrics`;
}

describe('an endpoint that answers', () => {
  it('is read, with the time of its own clock', async () => {
    const server = await metricsServer(saying('up 1\n'));
    const answer = await read(server.url);
    expect(answer.series).toEqual([{ name: 'up', labels: new Map(), value: 1 }]);
    expect(Math.abs((answer.date ?? 0) - Date.now())).toBeLessThan(5_000);
  });

  it('is read as OpenMetrics when its type or its end says so', async () => {
    const text = 'a_total 1 # {t="x"} 1\n# EOF\n';
    const server = await metricsServer(saying(text, 'application/openmetrics-text; version=1.0.0'));
    expect((await read(server.url)).series).toHaveLength(1);
    server.answerWith(saying(text));
    expect((await read(server.url)).series).toHaveLength(1);
    server.answerWith(saying('a_total 1\n', 'application/openmetrics-text; version=1.0.0'));
    expect((await failure(read(server.url))).message).toContain('expected # EOF as the last line');
  });

  it('is asked for the text that a person sees, and may compress it', async () => {
    const server = await metricsServer((request, response) => {
      expect(request.headers.accept).toMatch(/^text\/plain;version=0\.0\.4/);
      response.setHeader('content-encoding', 'gzip');
      response.end(gzipSync('up 1\n'));
    });
    expect((await read(server.url)).series).toHaveLength(1);
  });

  it('may forget the last line feed where HTTP tells the length', async () => {
    const server = await metricsServer(saying('a 1\nb 12'));
    expect((await read(server.url)).series).toHaveLength(2);
  });

  it('gets the bearer token', async () => {
    const server = await metricsServer((request, response) => {
      response.writeHead(request.headers.authorization === 'Bearer s3cret' ? 200 : 401).end('up 1\n');
    });
    expect((await read(server.url, 2_000, 's3cret')).series).toHaveLength(1);
    expect(await failure(read(server.url))).toMatchObject({
      code: 'unauthorized',
      retryable: false,
      message: expect.stringContaining('expected status 200, saw 401; check the token that token-env names'),
    });
  });
});

describe('an endpoint that cannot be read', () => {
  it('is unreachable when nothing listens', async () => {
    const server = await metricsServer(saying('up 1\n'));
    await server.stop();
    const error = await failure(read(`${server.url}?key=s3cret`));
    expect(error).toMatchObject({ code: 'unreachable', retryable: true, provider: 'scrape' });
    expect(error.message).toMatch(
      /127\.0\.0\.1:\d+\/metrics: expected an answer, saw .*ECONNREFUSED.*; check url/,
    );
    expect(error.message).not.toContain('s3cret');
  });

  it('is unreachable when its name is unknown', async () => {
    const error = await failure(read('http://no-such-host.invalid/metrics'));
    expect(error.code).toBe('unreachable');
  });

  it.each([
    ['never answers', (): void => undefined],
    [
      'never ends its answer',
      (_request: unknown, response: { write(text: string): unknown }): void => void response.write('up 1\n'),
    ],
  ])('is late when it %s', async (_title, listener) => {
    const server = await metricsServer(listener);
    const start = performance.now();
    expect(await failure(read(server.url, 200))).toMatchObject({
      code: 'timeout',
      retryable: true,
      message: expect.stringContaining(
        'expected a complete answer within 200ms, saw none; check the instance',
      ),
    });
    expect(performance.now() - start).toBeLessThan(1_500);
  });

  it.each([
    [500, 'refused', 'saw 500; check url, and the log'],
    [404, 'refused', 'saw 404'],
    [403, 'unauthorized', 'saw 403; check the token'],
    [302, 'refused', 'saw 302; give the url that it redirects to'],
    [304, 'refused', 'saw 304'],
  ])('is refused with status %i', async (status, code, message) => {
    const server = await metricsServer((_request, response) => {
      response.writeHead(status, { location: '/other' }).end();
    });
    const error = await failure(read(server.url));
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
    expect(server.asked()).toBe(1);
  });

  it('says where garbage is', async () => {
    const server = await metricsServer(saying('<!doctype html>\n<html></html>\n', 'text/html'));
    const error = await failure(read(server.url));
    expect(error).toMatchObject({ code: 'invalid-answer', retryable: false });
    expect(error.message).toContain(
      'line 1: expected a metric name, a comment or an empty line, saw "<!doctype',
    );
    expect(error.message).toContain('; point url at Prometheus or OpenMetrics text');
  });

  it('is garbage when it is not UTF-8', async () => {
    const server = await metricsServer((_request, response) => {
      response.end(Buffer.from([0x61, 0x7b, 0x62, 0x3d, 0x22, 0xff, 0x22, 0x7d, 0x20, 0x31, 0x0a]));
    });
    expect((await failure(read(server.url))).code).toBe('invalid-answer');
  });

  it('is cut off at the limit while it sends too much', async () => {
    let sent = 0;
    const chunk = Buffer.alloc(1024 * 1024, '#');
    const server = await metricsServer((_request, response) => {
      const more = (): void => {
        while (!response.destroyed && sent < 8 * LARGEST_BODY) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', more);
        }
        response.end();
      };
      more();
    });
    const error = await failure(read(server.url, 10_000));
    expect(error).toMatchObject({ code: 'invalid-answer' });
    expect(error.message).toContain('expected at most 16 MB, saw more; serve fewer series');
    expect(sent).toBeLessThan(2 * LARGEST_BODY);
  });

  it('is cut off at the limit when a small answer unpacks into too much', async () => {
    const packed = gzipSync(Buffer.alloc(LARGEST_BODY + 1, '\n'));
    const server = await metricsServer((_request, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end(packed);
    });
    expect((await failure(read(server.url, 10_000))).message).toContain('at most 16 MB');
  });

  it('may send just as much as allowed', async () => {
    const line = `# ${'x'.repeat(1_021)}\n`;
    const server = await metricsServer(saying(line.repeat(LARGEST_BODY / line.length)));
    expect((await read(server.url, 10_000)).series).toEqual([]);
  });

  it('is not read when its answer breaks off', async () => {
    const cut = await rawServer('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nrequests_total 12');
    expect((await failure(read(cut))).code).toBe('unreachable');
    const chunked = await rawServer('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nup 1\n\r\n');
    expect((await failure(read(chunked))).code).toBe('unreachable');
    const unframed = await rawServer('HTTP/1.1 200 OK\r\n\r\nrequests_total 12');
    expect((await failure(read(unframed))).message).toContain(
      'expected a line feed at the end of the last line',
    );
    expect((await failure(read(await rawServer('hello')))).code).toBe('unreachable');
  });

  it('is given up at once when the caller cancels', async () => {
    const server = await metricsServer(() => undefined);
    const cancel = new AbortController();
    const reading = failure(readEndpoint({ url: server.url, timeout: 10_000, token: null }, cancel.signal));
    setTimeout(() => cancel.abort(), 50);
    const start = performance.now();
    expect((await reading).code).toBe('unreachable');
    expect(performance.now() - start).toBeLessThan(2_000);
    const early = readEndpoint({ url: server.url, timeout: 10_000, token: null }, AbortSignal.abort());
    expect((await failure(early)).code).toBe('unreachable');
  });
});

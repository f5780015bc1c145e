import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { canRun } from '../../../support/can-run.ts';
import { answering, asking, matrix } from './asking.ts';

const error = (why: RegExp) => ({ kind: 'error', why: expect.stringMatching(why) });
const refusal = (errorType: string, text: string): string =>
  JSON.stringify({ status: 'error', errorType, error: text });

describe('a Prometheus that does not answer well', () => {
  it.each([
    [
      422,
      refusal('execution', 'query processing would load too many samples'),
      /saw 422 \(execution: query processing would load too many samples.*narrow the selectors, or raise the query limits/,
    ],
    [
      400,
      refusal('bad_data', 'parse error'),
      /saw 400 \(bad_data: parse error\); check matchers, slot-label and/,
    ],
    [
      503,
      refusal('timeout', 'query timed out'),
      /saw 503 \(timeout: query timed out\); look at the log and the load/,
    ],
    [200, refusal('internal', 'odd'), /\(internal: odd\)/],
    [500, 'oh no\n\nsecond line', /saw 500 \(oh no second line\)/],
    [404, '404 page not found', /check url, its path included/],
    [429, '', /saw 429 \(nothing\)/],
    [
      200,
      '<html>login</html>',
      /expected an answer of Prometheus, saw <html>login<\/html>; point url at the root/,
    ],
    [200, '', /expected an answer of Prometheus, saw nothing/],
    [200, matrix().slice(0, -9), /expected an answer of Prometheus, saw \{"status"/],
    [200, '{"status":"success","data":{"resultType":"vector","result":[]}}', /at data\.resultType/],
    [
      200,
      matrix({ metric: {}, values: [] }).replace('"values":[]', '"values":[[1]]'),
      /at data\.result\.0\.values\.0/,
    ],
    [
      200,
      `${matrix().slice(0, -1)},"warnings":["store 10.0.0.3 is down"]}`,
      /expected all data, saw a part of it \(store 10\.0\.0\.3 is down\); see which of its stores/,
    ],
    [200, `${matrix().slice(0, -1)},"isPartial":true}`, /saw a part of it \(isPartial\)/],
  ])('reads an error from %d %s', async (status, text, message) => {
    const { errors } = await asking(answering(status, text));
    expect(await errors()).toEqual(error(message));
  });

  it('takes hints at the query for what they are', async () => {
    const { errors } = await asking(
      answering(200, `${matrix().slice(0, -1)},"infos":["might not be a counter"]}`),
    );
    expect(await errors()).toMatchObject({ kind: 'no-data' });
  });

  it('does not follow a redirect', async () => {
    const { errors, asked } = await asking(answering(302, '', { location: 'http://127.0.0.1:1/' }));
    expect(await errors()).toEqual(error(/saw 302 .*give the url that it redirects to/));
    expect(asked.every(({ path }) => path === '/api/v1/query')).toBe(true);
  });

  it('waits no longer than its timeout, and reads nothing without end', async () => {
    const slow = await asking((_request, response) => void response.writeHead(200).write('{"status":'), {
      timeout: '200ms',
    });
    expect(await slow.errors()).toEqual(
      error(/expected a complete answer within 200ms, saw none; raise timeout/),
    );
    const endless = await asking((_request, response) => {
      const chunk = Buffer.alloc(1024 * 1024, 0x20);
      const more = (): void => {
        if (!response.destroyed) response.write(chunk, more);
      };
      more();
    });
    expect(await endless.errors()).toEqual(error(/expected at most 16 MB, saw more; narrow the selectors/));
  });

  it('sees an answer that is cut off', async () => {
    const { errors } = await asking((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{', () => response.destroy());
    });
    expect(await errors()).toEqual(error(/expected an answer, saw aborted; check url/));
  });

  it('reads no data from values that are no numbers, and no arm from another label', async () => {
    const now = Date.now() / 1_000 - 6;
    const metric = { __name__: 'requests_total', slot: 'b', job: 'j', instance: 'i' };
    const { errors } = await asking(
      answering(
        200,
        matrix(
          {
            metric,
            values: [
              [now, 'NaN'],
              [now + 0.5, '+Inf'],
            ],
          },
          { metric: { ...metric, slot: 'c' }, values: [[now, '7']] },
        ),
      ),
      { 'scrape-interval': '1m' },
    );
    expect(await errors()).toMatchObject({ kind: 'no-data' });
  });
});

describe('asking Prometheus', () => {
  it('asks for raw samples of both slots at one instant, under the path that the url has', async () => {
    const { sample, asked } = await asking(
      answering(200, matrix()),
      { slots: { a: 'v1.0', b: 'v2' }, 'slot-label': 'version', matchers: 'namespace="booking"', lag: '1s' },
      { path: '/prometheus/' },
    );
    const { at } = await sample();
    const queries = asked.map(({ form }) => form.get('query'));
    expect(queries.toSorted()).toEqual([
      'requests_total{namespace="booking",version=~"v1\\\\.0|v2"}[37500ms]',
      '{__name__=~"up|process_start_time_seconds",namespace="booking",version=~"v1\\\\.0|v2"}[37500ms]',
    ]);
    expect(new Set(asked.map(({ form }) => form.get('time')))).toEqual(new Set([String(at / 1_000)]));
    expect(asked.map(({ path }) => path)).toEqual(['/prometheus/api/v1/query', '/prometheus/api/v1/query']);
    expect(Date.now() - at).toBeGreaterThanOrEqual(1_000);
  });

  it('sends its token or its password, masked before, and never tells them', async () => {
    const refused = answering(401, '');
    const token = await asking(refused, { 'token-env': 'TOKEN' }, { env: { TOKEN: 'hunter2' } });
    expect(await token.errors()).toEqual(error(/saw 401; check token-env or basic/));
    expect(token.asked[0]?.headers.authorization).toBe('Bearer hunter2');
    expect(token.masked).toEqual(['hunter2']);
    const basic = { user: 'me', 'password-env': 'PASSWORD' };
    const password = await asking(refused, { basic }, { env: { PASSWORD: 'hunter3' } });
    const reading = await password.errors();
    const header = Buffer.from('me:hunter3').toString('base64');
    expect(password.asked[0]?.headers.authorization).toBe(`Basic ${header}`);
    expect(password.masked).toEqual(['hunter3', header]);
    expect(JSON.stringify(reading)).not.toMatch(/hunter|aHVudGVy/);
  });

  it('asks nobody while the secret is missing', async () => {
    const { errors, asked } = await asking(answering(200, matrix()), { 'token-env': 'TOKEN' });
    expect(await errors()).toEqual(
      error(/expected a secret in the environment variable TOKEN, saw none; set it/),
    );
    expect(asked).toEqual([]);
  });

  it('says which certificates it could not read', async () => {
    const { errors } = await asking(answering(200, matrix()), { 'ca-file': 'no/such.pem' });
    expect(await errors()).toEqual(error(/expected certificates in the ca-file .*no\/such\.pem, saw ENOENT/));
  });
});

const needs = canRun('openssl', 'version') ? '' : ' (skipped: needs openssl)';

describe.skipIf(needs !== '')(`a Prometheus with a certificate of one's own${needs}`, () => {
  it('is trusted with its ca-file, and not without', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'prometheus-tls-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const made = [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-keyout',
      key,
      '-out',
      cert,
    ];
    execFileSync('openssl', [...made, ...subject], { stdio: 'ignore' });
    const server = createServer(
      { key: readFileSync(key), cert: readFileSync(cert) },
      answering(200, matrix()),
    );
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
      rmSync(folder, { recursive: true });
    });
    const address = server.address();
    const port = address !== null && typeof address !== 'string' ? address.port : 0;
    const url = `https://localhost:${port}`;
    const trusting = await asking(answering(500, ''), { url, 'ca-file': cert });
    expect(await trusting.errors()).toMatchObject({ kind: 'no-data' });
    const careful = await asking(answering(500, ''), { url });
    expect(await careful.errors()).toEqual(error(/self-signed certificate; check url and ca-file/));
  });
});

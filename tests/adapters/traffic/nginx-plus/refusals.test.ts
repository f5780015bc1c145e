import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type NginxPlusRouterOptions,
  nginxPlusRouterSchema,
} from '../../../../src/adapters/traffic/nginx-plus-router.ts';
import { AdapterError } from '../../../../src/ports/adapter-error.ts';
import { createPlusApi, type Fault, type PlusSettings } from '../../../support/nginx-plus/server.ts';
import { createCleanup } from '../scene.ts';
import { KEY, LEASED, openApi, routerFor, SETTLED } from './scene.ts';

const quiet = new AbortController().signal;
const cleanup = createCleanup();
afterEach(cleanup.run);
const open = async (settings?: PlusSettings) => cleanup.add(await openApi(settings));
const lease = { holder: 'rollout-1', ttl: 60_000, fallback: 'a' } as const;
const trial = { shares: { a: 90, b: 10 }, lease, token: 1 };

async function failureOf(call: Promise<unknown>): Promise<AdapterError> {
  const error = await call.catch((reason: unknown) => reason);
  if (error instanceof AdapterError) return error;
  throw new Error('expected an AdapterError', { cause: error });
}

describe('what an API says no to', () => {
  it.each<[string, PlusSettings, Partial<NginxPlusRouterOptions>, string, RegExp]>([
    ['is read-only', { readOnly: true }, {}, 'refused', /405 MethodDisabled.*write=on/],
    ['does not have the zone', {}, { zone: 'other' }, 'refused', /404 KeyvalNotFound.*compare `zone`/],
    [
      'has a lease zone without a timeout',
      { noTimeout: true },
      {},
      'refused',
      /timeout is not enabled.*`lease-zone` a `timeout`/,
    ],
    ['is too old', { versions: [1, 2, 3, 4] }, {}, 'refused', /from 5 to 9, saw 1, 2, 3, 4; update nginx/],
    ['asks who one is', { authorization: 'Bearer x' }, {}, 'unauthorized', /saw 401; check `token-env`/],
  ])('is told with its fix when it %s', async (_, settings, own, code, message) => {
    const { url } = await open(settings);
    const error = await failureOf(routerFor([url], own).shift(trial, quiet));
    expect(error).toMatchObject({ code, retryable: false });
    expect(error.message).toMatch(message);
  });

  it.each<[string, Fault, string, boolean]>([
    ['an error of the server', { status: 500 }, 'refused', true],
    ['a gateway without the server', { status: 503 }, 'unreachable', true],
    ['a page that is not there', { status: 404 }, 'refused', false],
    ['somewhere else', { status: 302 }, 'refused', false],
    ['a page with 200', { status: 200 }, 'invalid-answer', false],
    ['a value that is no text', { status: 200, body: '{"booking": 7}' }, 'invalid-answer', false],
    ['nothing, and hangs up', 'hang-up', 'unreachable', true],
  ])('is told as %s', async (_, fault, code, retryable) => {
    const { api, url } = await open();
    const router = routerFor([url]);
    await router.read(quiet);
    api.fault = () => fault;
    for (const call of [router.read(quiet), router.shift(trial, quiet), router.renew(lease, quiet)]) {
      expect(await failureOf(call)).toMatchObject({ code, retryable });
    }
  });

  it('speaks the newest version that both know', async () => {
    const { api, url } = await open({ versions: [6, 7, 10, 11] });
    const paths = new Set<string>();
    api.fault = (_, path) => {
      paths.add(path.slice(0, '/api/7/http/'.length));
      return null;
    };
    await routerFor([url]).read(quiet);
    expect(paths).toEqual(new Set(['/api/', '/api/7/http/']));
  });
});

describe('values that this router did not write', () => {
  it.each(['', '10', '10001', '0100O', '01000x', '01000 token=-1', '01000 token=1.5', '01000 holder='])(
    'are no weight: %j in the settled key',
    async (value) => {
      const { api, url } = await open();
      api.put(SETTLED, KEY, value);
      const error = await failureOf(routerFor([url]).read(quiet));
      expect(error).toMatchObject({ code: 'invalid-answer', retryable: false });
      expect(error.message).toContain('five digits');
    },
  );

  it.each(['01000', '01000 holder=x&fallback=c&ttl=1&until=1', '01000 holder=x&fallback=a&ttl=soon&until=1'])(
    'are no weight: %j in the key of the lease',
    async (value) => {
      const { api, url } = await open();
      api.put(LEASED, KEY, value);
      expect(await failureOf(routerFor([url]).read(quiet))).toMatchObject({ code: 'invalid-answer' });
    },
  );

  it('keep a holder whole, whatever is in its name', async () => {
    const { url } = await open();
    const router = routerFor([url]);
    const holder = 'a b&token=9=%20\n"ü';
    await router.shift({ ...trial, lease: { ...lease, holder } }, quiet);
    expect(await router.read(quiet)).toMatchObject({ lease: { holder }, token: 1 });
  });
});

describe('credentials', () => {
  it('are a bearer token from the environment, masked', async () => {
    const masked: string[] = [];
    const { url } = await open({ authorization: 'Bearer open-sesame' });
    const context = {
      env: { NGINX_TOKEN: ' open-sesame\n' },
      mask: (secret: string) => void masked.push(secret),
    };
    await routerFor([url], { 'token-env': 'NGINX_TOKEN' }, context).read(quiet);
    expect(masked).toEqual(['open-sesame']);
  });

  it('are a user and a password from the environment, masked as they are sent', async () => {
    const masked: string[] = [];
    const encoded = Buffer.from('ci:open-sesame').toString('base64');
    const { url } = await open({ authorization: `Basic ${encoded}` });
    const context = { env: { PASSWORD: 'open-sesame' }, mask: (secret: string) => void masked.push(secret) };
    await routerFor([url], { basic: { user: 'ci', 'password-env': 'PASSWORD' } }, context).read(quiet);
    expect(masked).toEqual(['open-sesame', encoded]);
  });

  it('are missed at once', () => {
    expect(() => routerFor(['http://x/api'], { 'token-env': 'NOT_SET' })).toThrow(/NOT_SET, saw none/);
    expect(() => routerFor(['http://x/api'], { 'ca-file': '/nowhere/ca.pem' })).toThrow(/check `ca-file`/);
  });
});

const needs = spawnSync('openssl', ['version']).status === 0 ? '' : ' (skipped: needs openssl)';

describe.skipIf(needs !== '')(`an API that asks for a certificate${needs}`, () => {
  it('is spoken to with that certificate and its own authority, and not without', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nginx-plus-tls-'));
    cleanup.add({ close: async () => rmSync(folder, { recursive: true, force: true }) });
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
    spawnSync('openssl', [...made, ...subject]);
    const pem = readFileSync(cert);
    const tls = { key: readFileSync(key), cert: pem, ca: pem, requestCert: true, rejectUnauthorized: true };
    const api = createPlusApi();
    api.put(SETTLED, KEY, '00000');
    const server = createServer(tls, api.listener);
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    cleanup.add({ close: async () => void server.close() });
    const address = server.address();
    const url = `https://localhost:${address !== null && typeof address !== 'string' ? address.port : 0}/api`;
    const known = { 'ca-file': cert, 'client-cert': { cert, key } };
    expect((await routerFor([url], known).read(quiet)).shares.b).toBe(0);
    for (const own of [{}, { 'ca-file': cert }]) {
      expect(await failureOf(routerFor([url], own).read(quiet))).toMatchObject({ code: 'unreachable' });
    }
  });
});

describe('the configuration', () => {
  const whole = { type: 'nginx-plus', api: ['http://127.0.0.1:8080/api'], key: 'booking' };
  it.each<[string, object, RegExp]>([
    ['one zone for both', { zone: 'x', 'lease-zone': 'x' }, /expected two zones/],
    [
      'two ways in',
      { 'token-env': 'T', basic: { user: 'u', 'password-env': 'P' } },
      /token-env or basic, saw both/,
    ],
    ['one nginx twice', { api: ['http://a/api', 'http://a/api/'] }, /each nginx once/],
    ['no nginx', { api: [] }, /api/],
    ['a password in the URL', { api: ['http://u:p@a/api'] }, /without credentials/],
    ['a key that is a path', { key: 'a/b' }, /key/],
  ])('refuses %s', (_, own, message) => {
    const parsed = nginxPlusRouterSchema.safeParse({ ...whole, ...own });
    expect(JSON.stringify(parsed.error?.issues)).toMatch(message);
  });
});

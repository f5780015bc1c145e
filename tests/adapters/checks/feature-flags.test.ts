import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checksOf, contextIn, findingOf } from '../../support/check-context.ts';
import { subject } from '../../support/gate-subject.ts';
import { json, serve } from './web-server.ts';

const context = contextIn('.', { env: { TOKEN: 't0ken' } });

/**
 * OpenFeature's own description of the protocol: what is asked and answered must fit it. Its `oneOf` lists a flag
 * without a value last, which a flag with a value fits as well: it is read as `anyOf`.
 */
const text = readFileSync(new URL('../../support/ofrep/openapi-subset.json', import.meta.url), 'utf8');
const ajv = new Ajv({ strict: false, formats: { float: true } }).addSchema(
  JSON.parse(text.replaceAll('"oneOf"', '"anyOf"')),
  'ofrep',
);

/** Why something does not fit; null when it does. */
function misfit(schema: string, data: unknown): string | null {
  const validate = ajv.getSchema(`ofrep#/components/schemas/${schema}`);
  return validate?.(data) === true ? null : `${schema}: ${JSON.stringify(validate?.errors)}`;
}

interface Evaluation {
  readonly status: number;
  readonly schema: string | null;
  readonly body: unknown;
}

/** A flag system that speaks OFREP, and fails the test when either side does not. */
function ofrepServer(evaluations: Readonly<Record<string, Evaluation>>, seen: IncomingMessage[] = []) {
  const misfits: (string | null)[] = [];
  onTestFinished(() => expect(misfits.filter((one) => one !== null)).toEqual([]));
  return serve((request, response, body) => {
    seen.push(request);
    const [, key = ''] = /^\/flags\/ofrep\/v1\/evaluate\/flags\/([^/]+)$/.exec(request.url ?? '') ?? [];
    const missing = { status: 404, schema: 'flagNotFound', body: { key, errorCode: 'FLAG_NOT_FOUND' } };
    const { status, schema, body: answer } = evaluations[decodeURIComponent(key)] ?? missing;
    misfits.push(
      request.method === 'POST' ? null : 'not a POST',
      misfit('evaluationRequest', JSON.parse(body)),
    );
    if (schema !== null) misfits.push(misfit(schema, answer));
    json(response, status, answer);
  });
}

const value = (key: string, more: object): Evaluation => ({
  status: 200,
  schema: 'serverEvaluationSuccess',
  body: { key, reason: 'STATIC', ...more },
});

describe('flags by OFREP', () => {
  const entry = (url: string, flags: object, more = {}) => ({
    check: 'feature-flags',
    source: { type: 'ofrep', url: `${url}/flags/`, ...more },
    flags,
  });

  it('are right by value or by variant', async () => {
    const url = await ofrepServer({
      'new checkout': value('new checkout', { value: true }),
      colour: value('colour', { value: '#00f', variant: 'blue' }),
    });
    const finding = await findingOf(entry(url, { 'new checkout': true, colour: 'blue' }), context);
    expect(finding).toMatchObject({ status: 'pass', observed: '2 flags as needed' });
  });

  it.each([
    ['another value', value('f', { value: false }), 'not-met', 'f is false'],
    ['no value, so that the code would choose', value('f', {}), 'not-met', 'f could not be evaluated'],
    [
      'no such flag',
      { status: 404, schema: 'flagNotFound', body: { key: 'f', errorCode: 'FLAG_NOT_FOUND' } },
      'missing',
      'f is unknown',
    ],
    [
      'a context that does not do',
      {
        status: 400,
        schema: 'evaluationFailure',
        body: { key: 'f', errorCode: 'TARGETING_KEY_MISSING', errorDetails: 'no key' },
      },
      'not-met',
      'f could not be evaluated (TARGETING_KEY_MISSING: no key)',
    ],
  ] as const)('say no to %s', async (_, evaluation, code, observed) => {
    const url = await ofrepServer({ f: evaluation });
    const finding = await findingOf(entry(url, { f: true }), context);
    expect(finding).toMatchObject({ status: 'fail', code });
    expect(finding.observed).toContain(observed);
  });

  it.each([
    ['a token that is refused', { status: 401, schema: null, body: {} }, 'unauthorized'],
    ['a server in trouble', { status: 500, schema: null, body: { errorDetails: 'oh' } }, 'unreadable'],
    ['an answer of another kind', { status: 200, schema: null, body: [] }, 'unreadable'],
  ] as const)('take %s for an error', async (_, evaluation, code) => {
    const url = await ofrepServer({ f: evaluation });
    expect(await findingOf(entry(url, { f: true }), context)).toMatchObject({ status: 'error', code });
  });

  it('are asked for with the token, the key and the context that are configured', async () => {
    const seen: IncomingMessage[] = [];
    const url = await ofrepServer({ f: value('f', { value: true }) }, seen);
    const more = {
      'token-env': 'TOKEN',
      'api-key-env': 'TOKEN',
      context: { targetingKey: 'x', plan: 'pro' },
    };
    expect(await findingOf(entry(url, { f: true }, more), context)).toMatchObject({ status: 'pass' });
    expect(seen[0]?.headers).toMatchObject({ authorization: 'Bearer t0ken', 'x-api-key': 't0ken' });
  });
});

describe('flags in Unleash and LaunchDarkly', () => {
  const unleash = (request: IncomingMessage, response: ServerResponse): void => {
    const isKnown = request.headers.authorization === 't0ken';
    const flags: Readonly<Record<string, object>> = {
      on: { name: 'on', environments: [{ name: 'production', enabled: true }] },
      off: { name: 'off', environments: [{ name: 'production', enabled: false }] },
      gone: { name: 'gone', archived: true, environments: [{ name: 'production', enabled: true }] },
      elsewhere: { name: 'elsewhere', environments: [{ name: 'staging', enabled: true }] },
    };
    const flag = flags[(request.url ?? '').replace('/api/admin/projects/shop/features/', '')];
    json(response, !isKnown ? 401 : flag === undefined ? 404 : 200, flag ?? {});
  };
  const launchDarkly = (request: IncomingMessage, response: ServerResponse): void => {
    const isKnown = request.headers.authorization === 't0ken';
    const flags: Readonly<Record<string, object>> = {
      on: { key: 'on', environments: { production: { on: true } } },
      off: { key: 'off', environments: { production: { on: false } } },
      gone: { key: 'gone', archived: true, environments: { production: { on: true } } },
      elsewhere: { key: 'elsewhere', environments: { staging: { on: true } } },
    };
    const name = (request.url ?? '').replace('/api/v2/flags/shop/', '').replace('?env=production', '');
    json(response, !isKnown ? 401 : flags[name] === undefined ? 404 : 200, flags[name] ?? {});
  };

  it.each([
    ['unleash', unleash],
    ['launchdarkly', launchDarkly],
  ] as const)('%s: what is on is on, what is unknown or archived is a fail', async (type, answer) => {
    const url = await serve(answer);
    const source = { type, url, project: 'shop', 'token-env': 'TOKEN' };
    const ask = (flags: object) => findingOf({ check: 'feature-flags', source, flags }, context);
    expect(await ask({ on: true, off: false })).toMatchObject({ status: 'pass' });
    expect(await ask({ off: true })).toMatchObject({
      status: 'fail',
      code: 'not-met',
      observed: 'off is false',
    });
    expect(await ask({ other: false })).toMatchObject({ status: 'fail', code: 'missing' });
    expect(await ask({ gone: true })).toMatchObject({ status: 'fail', code: 'missing' });
    expect(await ask({ elsewhere: true })).toMatchObject({
      status: 'fail',
      observed: 'elsewhere could not be evaluated (no environment production)',
    });
    const stranger = contextIn('.', { env: { TOKEN: 'other' } });
    const entry = { check: 'feature-flags', source, flags: { on: true } };
    expect(await findingOf(entry, stranger)).toMatchObject({ status: 'error', code: 'unauthorized' });
  });
});

describe('a flag system that is in trouble', () => {
  it.each([
    ['unleash', 500, {}],
    ['unleash', 200, { name: 'on' }],
    ['launchdarkly', 500, {}],
    ['launchdarkly', 200, []],
  ] as const)('%s with HTTP %s and %j is an error', async (type, status, body) => {
    const url = await serve((_, response) => json(response, status, body));
    const source = { type, url, project: 'shop', 'token-env': 'TOKEN' };
    const finding = await findingOf({ check: 'feature-flags', source, flags: { on: true } }, context);
    expect(finding.status).toBe('error');
  });

  it.each(['unleash', 'launchdarkly', 'ofrep'])('%s that is away is an error', async (type) => {
    const url = await serve((request) => void request.socket.destroy());
    const more = type === 'ofrep' ? {} : { project: 'shop', 'token-env': 'TOKEN' };
    const entry = { check: 'feature-flags', source: { type, url, ...more }, flags: { on: true } };
    expect(await findingOf(entry, context)).toMatchObject({ status: 'error', code: 'unavailable' });
  });
});

describe('flags in a file of the repository', () => {
  function repository(text: string) {
    const home = mkdtempSync(join(tmpdir(), 'flags-'));
    onTestFinished(() => rmSync(home, { recursive: true, force: true }));
    const git = (...argv: readonly string[]) =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...argv], {
        cwd: home,
        encoding: 'utf8',
      });
    git('init', '-q');
    writeFileSync(join(home, 'flags.yml'), text);
    git('add', '.');
    git('commit', '-qm', 'flags');
    const sha = git('rev-parse', 'HEAD').trim();
    const source = { type: 'file', path: 'flags.yml', at: 'production' };
    const here = contextIn(home);
    const ask = (flags: object, more = {}) =>
      findingOf({ check: 'feature-flags', source: { ...source, ...more }, flags }, here, { ...subject, sha });
    return { home, ask };
  }

  it('are read as they are in the commit, whatever else is checked out', async () => {
    const { home, ask } = repository('production: { checkout: true, colour: blue }\n');
    writeFileSync(join(home, 'flags.yml'), 'production: { checkout: false }\n');
    expect(await ask({ checkout: true, colour: 'blue' })).toMatchObject({ status: 'pass' });
    expect(await ask({ checkout: false })).toMatchObject({ status: 'fail', observed: 'checkout is true' });
    expect(await ask({ other: false })).toMatchObject({ status: 'fail', code: 'missing' });
    expect(await ask({ toString: true })).toMatchObject({ status: 'fail', code: 'missing' });
  });

  it('that cannot be read are an error', async () => {
    const { ask } = repository('production: [\n');
    expect(await ask({ checkout: true })).toMatchObject({ status: 'error', code: 'unreadable' });
    expect(await ask({ checkout: true }, { path: 'other.yml' })).toMatchObject({
      status: 'error',
      code: 'unavailable',
    });
    const { ask: elsewhere } = repository('staging: {}\n');
    expect(await elsewhere({ checkout: true })).toMatchObject({ status: 'error', code: 'unreadable' });
  });
});

describe('feature-flags', () => {
  it.each([
    ['no flags', { source: { type: 'file', path: 'f' }, flags: {} }],
    ['another system', { source: { type: 'optimizely' }, flags: { a: true } }],
    [
      'a token in place of its variable',
      { source: { type: 'unleash', url: 'http://u', 'token-env': '*:a.b' }, flags: { a: true } },
    ],
  ])('is not configured with %s', (_, more) => {
    expect(() => checksOf({ check: 'feature-flags', ...more })).toThrow();
  });
});

import { describe, expect, it } from 'vitest';
import { checksOf, contextIn, findingOf } from '../../support/check-context.ts';
import { json, serve } from './web-server.ts';

const context = contextIn('.');

describe('an http check', () => {
  it('says yes to the status, the values and the time that were asked for', async () => {
    const url = await serve((_, response) =>
      json(response, 200, { status: 'ok', slo: { left: '0.42' }, items: [1] }),
    );
    const finding = await findingOf(
      {
        check: 'http',
        url,
        'max-latency': '5s',
        assert: [
          { path: 'status', 'one-of': ['ok', 'up'] },
          { path: '/slo/left', min: 0.1, max: 1 },
          { path: 'items.0', equals: 1 },
          { path: 'status', matches: '^o' },
        ],
      },
      context,
    );
    expect(finding).toMatchObject({ status: 'pass', code: 'met', evidence: [{ url: `${url}/` }] });
  });

  it.each([
    ['another status', 503, {}, {}, 'HTTP 503'],
    ['a redirect', 302, {}, {}, 'HTTP 302'],
    ['another value', 200, { up: false }, { path: 'up', equals: true }, 'up is false'],
    ['a value that is not there', 200, {}, { path: 'up', equals: true }, 'up is not there'],
    ['a number that is too small', 200, { n: 4 }, { path: 'n', min: 5 }, 'n is 4'],
    ['a number that is too large', 200, { n: 6 }, { path: 'n', max: 5 }, 'n is 6'],
    ['a text that is no number', 200, { n: 'many' }, { path: 'n', min: 5 }, 'n is many'],
    ['an empty text for a number', 200, { n: '' }, { path: 'n', min: 0 }, 'n is '],
    ['a text of another shape', 200, { v: 'v2' }, { path: 'v', matches: '^v1' }, 'v is v2'],
    ['none of the values', 200, { v: 'v2' }, { path: 'v', 'one-of': ['v1', 3] }, 'v is v2'],
  ])('says no to %s', async (_, status, body, assertion, observed) => {
    const url = await serve((_request, response) => json(response, status, body));
    const assert = 'path' in assertion ? [assertion] : [];
    const finding = await findingOf({ check: 'http', url, assert }, context);
    expect(finding).toMatchObject({ status: 'fail', code: 'not-met', observed });
  });

  it('says no to an answer that is too slow, and to one that is not JSON', async () => {
    const url = await serve((_, response) => void setTimeout(() => response.end('<html>'), 80));
    const entry = { check: 'http', url, 'max-latency': '20ms', assert: [{ path: 'up' }] };
    expect((await findingOf(entry, context)).observed).toMatch(
      /^an answer after .*; an answer that is not JSON$/,
    );
  });

  it('takes silence for an error', async () => {
    const hung = await serve(() => undefined);
    expect(await findingOf({ check: 'http', url: hung, timeout: '100ms' }, context)).toMatchObject({
      status: 'error',
      code: 'timed-out',
    });
    const cut = await serve((request) => void request.socket.destroy());
    const finding = await findingOf({ check: 'http', url: cut }, context);
    expect(finding).toMatchObject({ status: 'error', code: 'unavailable' });
    expect(finding.observed).toContain('saw UND_ERR_SOCKET');
  });

  it('sends headers from secrets, masks them, and never shows a query', async () => {
    const masked: string[] = [];
    const seen: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      seen.push(request.headers.authorization, request.method, request.url);
      json(response, 500, {});
    });
    const env = { API_TOKEN: 'Bearer s3cret' };
    const finding = await findingOf(
      {
        check: 'http',
        url: `${url}/x?key=s3cret`,
        method: 'POST',
        'headers-env': { authorization: 'API_TOKEN' },
      },
      contextIn('.', { env, mask: (secret) => masked.push(secret) }),
    );
    expect(seen).toEqual(['Bearer s3cret', 'POST', '/x?key=s3cret']);
    expect(masked).toEqual(['Bearer s3cret']);
    expect(JSON.stringify(finding)).not.toContain('s3cret');
  });

  it('says which secret is missing', async () => {
    const entry = { check: 'http', url: 'http://127.0.0.1:1', 'headers-env': { authorization: 'API_TOKEN' } };
    const finding = await findingOf(entry, contextIn('.', { env: {} }));
    expect(finding).toMatchObject({ status: 'error', code: 'unauthorized' });
    expect(finding.observed).toContain('API_TOKEN');
  });

  it.each([
    ['a URL with credentials', { url: 'http://a:b@c/' }],
    ['another protocol', { url: 'file:///etc/passwd' }],
    ['a broken pattern', { url: 'http://c/', assert: [{ path: 'a', matches: '(' }] }],
    ['an unknown key', { url: 'http://c/', expect: 200 }],
  ])('is not configured with %s', (_, more) => {
    expect(() => checksOf({ check: 'http', ...more })).toThrow();
  });
});

import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkAge, parseDocument } from '../../../../src/adapters/metrics/document/document.ts';
import {
  commandMetricsSchema,
  jsonMetricsSchema,
} from '../../../../src/adapters/metrics/document/document-provider.ts';
import type { Reading } from '../../../../src/core/analysis/sample.ts';
import type { MetricsSpec } from '../../../../src/ports/metrics-provider.ts';
import { selector } from '../../../contract/metrics-provider.ts';
import { adapterContext } from '../../../support/adapter-context.ts';

const AT = '2026-11-26T07:00:00Z';
const document = (series: unknown, at: unknown = AT): string => JSON.stringify({ version: 1, at, series });
const one = { name: 'hits_total', labels: { code: '200' }, slot: 'b', value: 3 };

describe('a document of metrics', () => {
  it('says series by name, labels and slot, and histograms by their buckets', () => {
    const { series, date } = parseDocument(
      document([
        one,
        { name: 'seconds', slot: 'a', buckets: { '0.1': 2, '+Inf': 3 } },
        { name: 'pool', value: 0.5 },
      ]),
    );
    expect(date).toBe(Date.parse(AT));
    expect(series.map(({ name, labels, value }) => [name, Object.fromEntries(labels), value])).toEqual([
      ['hits_total', { code: '200', slot: 'b' }, 3],
      ['seconds_bucket', { slot: 'a', le: '0.1' }, 2],
      ['seconds_bucket', { slot: 'a', le: '+Inf' }, 3],
      ['pool', {}, 0.5],
    ]);
  });

  it.each([
    ['nothing', '', /expected one JSON document, saw ""/],
    ['words before it', `ready\n${document([one])}`, /check that nothing else is written/],
    ['another version', JSON.stringify({ version: 2, at: AT, series: [] }), /^version: /],
    ['no time', JSON.stringify({ version: 1, series: [] }), /^at: /],
    ['a time in words', document([one], 'yesterday'), /^at: /],
    ['a key that it does not know', document([{ ...one, unit: 's' }]), /^series\.0/],
    ['a value in words', document([{ ...one, value: '3' }]), /^series\.0/],
    ['a slot that there is not', document([{ ...one, slot: 'c' }]), /^series\.0/],
    ['the slot among the labels', document([{ ...one, labels: { slot: 'b' } }]), /^series\.0/],
    ['a name that no selector can name', document([{ ...one, name: 'hits-total' }]), /^series\.0/],
    ['a negative bucket', document([{ name: 's', buckets: { '+Inf': -1 } }]), /^series\.0/],
    ['one series twice', document([one, { ...one, value: 4 }]), /expected each series once/],
  ])('is refused with %s', (_what, text, why) => {
    expect(() => parseDocument(text)).toThrow(why);
  });

  it('is refused when its numbers are old, or of the future', () => {
    const told = parseDocument(document([one]));
    expect(() => checkAge(told, told.date + 60_000, 60_000)).not.toThrow();
    expect(() => checkAge(told, told.date + 61_000, 60_000)).toThrow(
      /saw some that are 1m 1s old; check `at`/,
    );
    expect(() => checkAge(told, told.date - 61_000, 60_000)).toThrow(/saw some of 1m 1s ahead/);
  });
});

const spec: MetricsSpec = {
  sources: [
    {
      id: 'hits',
      scope: 'per-arm',
      type: 'events',
      bad: [selector('hits_total{code="500"}')],
      total: [selector('hits_total')],
    },
  ],
  traffic: null,
};
const asked = { canary: 'b', stable: 'a', elapsed: 1_000 } as const;
const { signal } = new AbortController();
const node = (script: string): string[] => [process.execPath, '-e', script];

async function commandReads(
  entry: Record<string, unknown>,
  env: Record<string, string> = {},
): Promise<Reading | undefined> {
  const context = adapterContext({ env: { PATH: process.env.PATH, ...env } });
  const provider = commandMetricsSchema.parse({ type: 'command', ...entry }).create(context, spec);
  return (await provider.sample(asked, signal)).kpis.hits?.canary;
}

describe('a metrics command', () => {
  it.each([
    ['is not there', ['no-such-program'], /expected the metrics command no-such-program to start/],
    [
      'fails',
      node('console.error("no licence"); process.exit(3)'),
      /to exit with 0, saw 3 \(no licence\); check/,
    ],
    ['says nothing', node(''), /expected one JSON document, saw ""/],
    [
      'says numbers of long ago',
      node(`console.log(${JSON.stringify(document([one], '2020-01-01T00:00:00Z'))})`),
      /expected numbers of the last 1m/,
    ],
  ])('that %s is an error, not health', async (_what, command, why) => {
    expect(await commandReads({ command })).toEqual({ kind: 'error', why: expect.stringMatching(why) });
  });

  it('is ended when it takes too long', async () => {
    const command = node('setTimeout(() => undefined, 60_000)');
    const why = expect.stringMatching(/to end within 300ms.*raise timeout/);
    expect(await commandReads({ command, timeout: '300ms' })).toEqual({ kind: 'error', why });
  });

  it('gets the variables that it is promised, and is not run without them', async () => {
    const script = node('console.error(process.env.KEY, process.env.OTHER); process.exit(1)');
    const entry = { command: script, 'env-from': ['KEY'] };
    expect(await commandReads(entry, { KEY: 'opened', OTHER: 'closed' })).toMatchObject({
      why: expect.stringContaining('(opened undefined)'),
    });
    expect(await commandReads(entry)).toMatchObject({
      why: expect.stringContaining('the variable KEY that env-from lists'),
    });
  });
});

describe('a metrics document over HTTP', () => {
  async function reads(body: string, token: string | undefined): Promise<Reading | undefined> {
    const server = createServer((request, response) => {
      const isKnown = request.headers.authorization === 'Bearer t0k3n';
      response.writeHead(isKnown ? 200 : 401).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const entry = { type: 'json', url: `http://127.0.0.1:${port}/m?key=s3cr3t`, 'token-env': 'TOKEN' };
    const env = token === undefined ? {} : { TOKEN: token };
    const provider = jsonMetricsSchema.parse(entry).create(adapterContext({ env }), spec);
    return (await provider.sample(asked, signal)).kpis.hits?.canary;
  }

  it.each([
    ['a wrong token', document([one]), 'wrong', /expected status 200, saw 401; check the token/],
    ['no token', document([one]), undefined, /expected a token in the variable TOKEN, saw none/],
    ['a page for people', '<html>', 't0k3n', /expected one JSON document, saw "<html>"/],
    ['old numbers', document([one], '2020-01-01T00:00:00Z'), 't0k3n', /expected numbers of the last 1m/],
  ])('is an error with %s, told without the secrets of its address', async (_what, body, token, why) => {
    const reading = await reads(body, token);
    expect(reading).toEqual({ kind: 'error', why: expect.stringMatching(why) });
    expect(JSON.stringify(reading)).not.toMatch(/s3cr3t|t0k3n/);
  });
});

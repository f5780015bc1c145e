import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { quantileOf } from '../../../src/core/load/latency-histogram.ts';
import type { LoadRun } from '../../../src/core/load/load-run.ts';
import { expectConsistent, fixture, read, reportFolder, runOf } from '../../support/load-reports.ts';
import {
  gatlingBinary,
  gatlingText,
  jtlCsv,
  jtlXml,
  k6Points,
  PLAIN,
  type Sent,
  vegetaCsv,
  vegetaJson,
} from '../../support/load-writers.ts';

/** Cuts that are tried side by side. */
const AT_ONCE = 32;

const folder = reportFolder();
afterAll(folder.close);

const START = 1_795_676_000_000;
const sent: fc.Arbitrary<readonly Sent[]> = fc.array(
  fc.record({
    at: fc.integer({ min: START, max: START + 20_000 }),
    took: fc.integer({ min: 0, max: 30_000 }),
    status: fc.constantFrom(200, 204, 302, 404, 503),
  }),
  { minLength: 1, maxLength: 40 },
);

const WRITERS: Readonly<Record<string, (sent: readonly Sent[]) => string | Buffer>> = {
  'k6 points': k6Points,
  'a JTL as CSV': jtlCsv,
  'a JTL as XML': jtlXml,
  'vegeta JSON': vegetaJson,
  'vegeta CSV': vegetaCsv,
  'a Gatling log': gatlingText,
  'a binary Gatling log': gatlingBinary,
};

function expectAsSent(run: LoadRun, all: readonly Sent[]): void {
  expectConsistent(run);
  const failed = all.filter(({ status }) => status >= 400).length;
  expect({ requests: run.requests, failed: run.failed }).toEqual({ requests: all.length, failed });
  expect(Object.values(run.errors).reduce((sum, times) => sum + times, 0)).toBe(failed);
  const first = Math.min(...all.map(({ at }) => at));
  expect(run.startedAt).toBe(first);
  expect(run.duration).toBeCloseTo(Math.max(...all.map(({ at, took }) => at + took)) - first, 1);
  expect(run.series.reduce((sum, one) => sum + one.requests, 0)).toBe(all.length);
  if (run.latency.kind !== 'histogram') throw new Error('expected a histogram');
  const sorted = all.map(({ took }) => took).sort((one, other) => one - other);
  const p95 = sorted[Math.ceil(0.95 * sorted.length) - 1] ?? 0;
  expect(Math.abs((quantileOf(run.latency.histogram, 0.95) ?? -1) - p95)).toBeLessThanOrEqual(
    0.001 + p95 * 0.005,
  );
}

describe('whatever was sent', () => {
  it.each(Object.entries(WRITERS))('is what is read from %s', async (_, write) => {
    await fc.assert(
      fc.asyncProperty(sent, async (all) => {
        expectAsSent(runOf(await read(folder.write(write(all)))), all);
      }),
      { numRuns: 40 },
    );
  });

  it('is read from a JTL with its columns in any order, any delimiter and any label', async () => {
    const style = fc.record({
      delimiter: fc.constantFrom(',', ';', '\t', '|'),
      first: fc.nat(7),
      label: fc.string({ maxLength: 12 }).filter((label) => label.trim() === label && !/[\r\n]/.test(label)),
    });
    await fc.assert(
      fc.asyncProperty(sent, style, async (all, how) => {
        expectAsSent(runOf(await read(folder.write(jtlCsv(all, how)))), all);
        expectAsSent(runOf(await read(folder.write(jtlXml(all)))), all);
      }),
      { numRuns: 60 },
    );
  });
});

const TEXTS = ['wrk.txt', 'hey.txt', 'hey-refused.txt'];
const DOCUMENTS = [
  'k6-export.json',
  'k6-machine.json',
  'vegeta-report.json',
  'autocannon.json',
  'artillery-refused.json',
  'locust.json',
];

/** Without white space, and of k6 without the metrics and the script that nobody reads. */
function compact(name: string): Buffer {
  const told: unknown = JSON.parse(readFileSync(fixture(name), 'utf8'));
  const read = (key: string, value: unknown): unknown => {
    if (Array.isArray(value)) return value.filter((one) => !UNREAD.test(nameOf(one)));
    return UNREAD.test(key) ? undefined : value;
  };
  return Buffer.from(JSON.stringify(told, read));
}

const UNREAD = /^(script|vus.*|data_.*|iteration_.*|http_req_(?!failed|duration$).*)$/;

const nameOf = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string'
    ? value.name
    : '';

const few: readonly Sent[] = [503, 200].map((status, index) => ({
  at: START + index * 400,
  took: 12 + index,
  status,
}));
const GROWING = Object.entries(WRITERS).map(([name, write]): [string, Buffer] => [
  name,
  Buffer.from(write(few)),
]);
const WHOLE: [string, Buffer][] = [
  ...[...TEXTS, 'locust_stats.csv'].map((name): [string, Buffer] => [name, readFileSync(fixture(name))]),
  ...DOCUMENTS.map((name): [string, Buffer] => [name, compact(name)]),
  ...GROWING,
  ['a JTL with quotes', Buffer.from(jtlCsv(few, { ...PLAIN, label: 'a "trip", both' }))],
];

describe('a report that was cut', () => {
  it.each(WHOLE)(
    'at any byte is an error with its place, or a smaller report that is whole: %s',
    async (name, content) => {
      const whole = runOf(await read(folder.write(content, 'whole')));
      const isGrowing = !/\.\w+$/.test(name);
      const lengths = Array.from(content, (_, length) => length);
      for (let from = 0; from < lengths.length; from += AT_ONCE) {
        const batch = lengths.slice(from, from + AT_ONCE);
        await Promise.all(batch.map((length) => expectCut(content, length, whole, isGrowing)));
      }
    },
  );
});

/** A document is whole or it is not; a report that grows may end after any of its lines. */
async function expectCut(content: Buffer, length: number, whole: LoadRun, isGrowing: boolean): Promise<void> {
  const path = folder.write(content.subarray(0, length), `cut-${length % AT_ONCE}`);
  const reading = await read(path);
  if (reading.kind === 'unreadable') {
    expect(reading.file).toBe(path);
    expect(Object.values(reading.position).every((at) => Number.isInteger(at) && at >= 0)).toBe(true);
    return;
  }
  const run = runOf(reading);
  expectConsistent(run);
  const missing = content.subarray(length).toString('latin1').trim();
  const isSmaller = isGrowing && run.requests < whole.requests && run.failed <= whole.failed;
  expect(isSmaller || missing === '', `cut at ${length} of ${content.length}`).toBe(true);
}

describe('a report in which bytes were changed', () => {
  it.each(WHOLE)('is an error, or a report without contradictions: %s', async (_, content) => {
    const change = fc.record({ at: fc.nat(content.length - 1), byte: fc.integer({ min: 0, max: 255 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const changed = Buffer.from(content);
        for (const { at, byte } of changes) changed[at] = byte;
        const reading = await read(folder.write(changed, 'changed'));
        if (reading.kind === 'read') expectConsistent(runOf(reading));
      }),
      { numRuns: 100 },
    );
  });
});

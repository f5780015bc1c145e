import { describe, expect, it } from 'vitest';
import { quantileOf } from '../../../src/core/load/latency-histogram.ts';
import type { LoadRun, LoadTool } from '../../../src/core/load/load-run.ts';
import { expectConsistent, fixture, problemOf, read, runOf } from '../../support/load-reports.ts';

/** As the tool itself printed or wrote them; `p95` in milliseconds. */
interface Told {
  readonly tool: LoadTool;
  readonly requests: number;
  readonly errors: Readonly<Record<string, number>>;
  /** Requests a second. */
  readonly rate: number;
  readonly p95: number | null;
  readonly points?: number;
}

const http503 = (times: number) => ({ 'HTTP 503': times });
const gatling503 = (times: number) => ({ 'status.find.in([200, 209], 304), found 503': times });

const REPORTS: Readonly<Record<string, Told>> = {
  'k6-export.json': { tool: 'k6', requests: 68, errors: { http_req_failed: 1 }, rate: 45.3, p95: 16.27 },
  'k6-handled.json': { tool: 'k6', requests: 67, errors: { http_req_failed: 2 }, rate: 44.4, p95: 19.56 },
  'k6-machine.json': { tool: 'k6', requests: 65, errors: { http_req_failed: 1 }, rate: 42.3, p95: 17.63 },
  'k6-points.ndjson': { tool: 'k6', requests: 68, errors: http503(1), rate: 46.7, p95: 16.27, points: 1 },
  'vegeta.ndjson': { tool: 'vegeta', requests: 60, errors: http503(1), rate: 40.3, p95: 19.43, points: 1 },
  'vegeta.csv': { tool: 'vegeta', requests: 60, errors: http503(1), rate: 40.3, p95: 19.43, points: 1 },
  'vegeta-report.json': { tool: 'vegeta', requests: 60, errors: http503(1), rate: 40.3, p95: 19.43 },
  'hey.txt': { tool: 'hey', requests: 300, errors: http503(6), rate: 448.4, p95: 13.2 },
  'wrk.txt': { tool: 'wrk', requests: 1_296, errors: { 'non-2xx or 3xx': 25 }, rate: 431.3, p95: null },
  'autocannon.json': { tool: 'autocannon', requests: 300, errors: http503(6), rate: 99.7, p95: null },
  'artillery.json': {
    tool: 'artillery',
    requests: 130,
    errors: http503(3),
    rate: 10.1,
    p95: 39.3,
    points: 2,
  },
  'locust_stats.csv': { tool: 'locust', requests: 491, errors: http503(10), rate: 122.6, p95: 18, points: 4 },
  'locust.json': {
    tool: 'locust',
    requests: 571,
    errors: { 'failed requests': 11 },
    rate: 123,
    p95: 18,
    points: 4,
  },
  'jtl-flat.csv': { tool: 'jmeter', requests: 45, errors: http503(1), rate: 72.2, p95: 140, points: 1 },
  'jtl-flat.xml': { tool: 'jmeter', requests: 45, errors: {}, rate: 44.7, p95: 118, points: 1 },
  'jtl-semicolon.csv': { tool: 'jmeter', requests: 45, errors: http503(1), rate: 54.3, p95: 186, points: 1 },
  'jtl-parent.csv': { tool: 'jmeter', requests: 45, errors: http503(2), rate: 32.1, p95: 368, points: 1 },
  'jtl-parent.xml': { tool: 'jmeter', requests: 45, errors: http503(1), rate: 31.8, p95: 280, points: 1 },
  'gatling-3.10.log': {
    tool: 'gatling',
    requests: 160,
    errors: gatling503(3),
    rate: 41.5,
    p95: 82,
    points: 4,
  },
  'gatling-3.14.log': {
    tool: 'gatling',
    requests: 160,
    errors: gatling503(4),
    rate: 41.7,
    p95: 292,
    points: 4,
  },
};

const NEVER_ANSWERED: Readonly<Record<string, number>> = {
  'vegeta-refused.ndjson': 10,
  'hey-refused.txt': 20,
  'autocannon-refused.json': 1_242,
  'artillery-refused.json': 10,
};

const p95Of = ({ latency }: LoadRun): number | null =>
  latency.kind === 'histogram'
    ? quantileOf(latency.histogram, 0.95)
    : (latency.percentiles.find(({ quantile }) => quantile === 0.95)?.ms ?? null);

describe('a report that the tool itself wrote', () => {
  it.each(Object.entries(REPORTS))('is read as %s tells it', async (name, told) => {
    const run = runOf(await read(fixture(name)));
    expectConsistent(run);
    const { tool, requests, failed, errors } = run;
    expect({ tool, requests, errors }).toEqual({
      tool: told.tool,
      requests: told.requests,
      errors: told.errors,
    });
    expect(failed).toBe(Object.values(told.errors).reduce((sum, times) => sum + times, 0));
    expect(requests / (run.duration / 1_000)).toBeCloseTo(told.rate, 0);
    expect(run.series).toHaveLength(told.points ?? 0);
    if (told.points !== undefined)
      expect(run.series.reduce((sum, one) => sum + one.requests, 0)).toBe(requests);
    const p95 = p95Of(run);
    if (told.p95 === null) expect(p95).toBeNull();
    else expect((p95 ?? 0) / told.p95).toBeCloseTo(1, 1);
  });

  it.each(Object.entries(NEVER_ANSWERED))(
    'counts every request of %s as an error, and tells no quick answer',
    async (name, requests) => {
      const run = runOf(await read(fixture(name)));
      expect({ requests: run.requests, failed: run.failed }).toEqual({ requests, failed: requests });
      expect(run.latency.kind === 'histogram' ? [] : run.latency.percentiles).toEqual([]);
    },
  );
});

describe('what k6 tells', () => {
  it.each(['k6-points.ndjson', 'k6-export.json'])(
    'says in %s what an arrival rate offered and what was dropped',
    async (name) => {
      const { requests, dropped, offeredRate, duration } = runOf(await read(fixture(name)));
      expect(dropped).toBe(1);
      expect(offeredRate).toBeCloseTo(((requests + 1) / duration) * 1_000, 6);
    },
  );

  it('puts what was dropped into the second in which it was due', async () => {
    const { series } = runOf(await read(fixture('k6-points.ndjson')));
    expect(series.reduce((sum, { offered }) => sum + (offered ?? 0), 0)).toBeCloseTo(69, 6);
  });

  it.each(['k6-export.json', 'k6-handled.json'])(
    'takes the thresholds of %s as checks, of which one was crossed',
    async (name) => {
      const { checks } = runOf(await read(fixture(name)));
      expect(checks.find(({ name: check }) => check === 'quote is 200')?.passes).toBeGreaterThan(50);
      expect(checks).toContainEqual({ name: 'http_req_failed rate<0.01', passes: 0, fails: 1 });
      expect(checks).toContainEqual({ name: 'http_req_duration p(95)<500', passes: 1, fails: 0 });
    },
  );
});

describe('what JMeter tells', () => {
  it.each(['jtl-flat.csv', 'jtl-parent.csv', 'jtl-flat.xml', 'jtl-parent.xml'])(
    'counts three requests of a trip in %s: not the transaction around them, not the hops of a redirect',
    async (name) => {
      expect(runOf(await read(fixture(name))).requests).toBe(3 * 15);
    },
  );

  it('refuses a log of transactions whose requests were not saved', async () => {
    const { expected, position } = problemOf(await read(fixture('jtl-hidden.csv')));
    expect(expected).toContain('jmeter.save.saveservice.subresults=true');
    expect(position).toEqual({ line: 2, column: 1 });
  });
});

describe('a report that is known and is not enough', () => {
  it.each([
    ['hey-o-csv.csv', 'without `-o csv`'],
    ['locust_stats_history.csv', '`…_stats.csv`'],
    ['locust_failures.csv', '`…_stats.csv`'],
    ['README.md', 'a report of k6, Locust'],
  ])('%s says what to give instead', async (name, expected) => {
    expect(problemOf(await read(fixture(name))).expected).toContain(expected);
  });
});

import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { AdapterError } from '../../../src/ports/adapter-error.ts';
import { fixture, problemOf, read, reportFolder, runOf } from '../../support/load-reports.ts';
import { jtlCsv, jtlXml, k6Points, PLAIN, type Sent, vegetaJson } from '../../support/load-writers.ts';

const folder = reportFolder();
afterAll(folder.close);

const START = 1_795_676_000_000;
const sent: readonly Sent[] = [200, 503, 200, 200].map((status, index) => ({
  at: START + index * 700,
  took: 20,
  status,
}));

/** The fixture with the first match replaced, which must be there. */
function changed(name: string, from: string | RegExp, to: string): string {
  const text = readFileSync(fixture(name), 'utf8');
  const result = text.replace(from, to);
  if (result === text) throw new Error(`${name} has no ${String(from)}`);
  return result;
}

/** A report, what the error must say was expected, and in which line. */
const BROKEN: Readonly<
  Record<string, readonly [report: () => string | Uint8Array, expected: string, line: number]>
> = {
  'an empty file': [() => '', 'a report of k6', 1],
  'nothing but white space': [() => '\n\n', 'a report of k6', 1],
  'another JSON': [() => '{"numbers": [1, 2]}', 'a report of k6', 1],
  'a test report': [() => '<testsuites tests="1"/>', 'a report of k6', 1],
  'a packed report': [() => gzipSync(k6Points(sent)), 'unpacked', 1],
  'the binary results of vegeta': [
    () => Buffer.from('\u0004\u0000\u0001\u0006Result\u0001', 'latin1'),
    'vegeta encode --to json',
    1,
  ],
  'a k6 summary whose failures are not of its requests': [
    () => changed('k6-export.json', /"fails": 67/, '"fails": 60'),
    'agree with each other',
    17,
  ],
  'a k6 summary without requests': [
    () => changed('k6-machine.json', '"name": "http_reqs"', '"name": "ws_msgs"'),
    'http_reqs',
    51,
  ],
  'a k6 summary whose percentiles fall': [
    () => changed('k6-export.json', /("p\(95\)": )16\.27/, '$19.2'),
    'agree with each other',
    17,
  ],
  'k6 points of which one is missing': [
    () => k6Points(sent).replace(/.*http_req_failed.*\n/, ''),
    'as many points of each',
    19,
  ],
  'k6 points without a value': [
    () => k6Points(sent).replace('"value":20', '"value":"fast"'),
    'http_req_duration with time',
    2,
  ],
  'k6 points with a negative latency': [
    () => k6Points(sent).replace('"value":20', '"value":-20'),
    'a latency from 0',
    2,
  ],
  'k6 points whose failures contradict their tags': [
    () => k6Points(sent).replaceAll('"expected_response":"false"', '"expected_response":"true"'),
    'as many failed requests',
    20,
  ],
  'vegeta results that say not when': [
    () => vegetaJson(sent).replace(/"timestamp":"[^"]*"/, '"timestamp":"today"'),
    'a time after 1970',
    1,
  ],
  'a vegeta report with other status codes': [
    () => changed('vegeta-report.json', '"200":59', '"200":50'),
    'codes of 60 requests',
    1,
  ],
  'a vegeta report that calls refusals a success': [
    () => changed('vegeta-report.json', /"success":[\d.]+/, '"success":1'),
    'a success ratio',
    1,
  ],
  'a vegeta report of nothing': [
    () => changed('vegeta-report.json', '"requests":60', '"requests":0'),
    'requests',
    1,
  ],
  'hey with an error more than requests': [
    () => changed('hey.txt', '6 responses', '60 responses'),
    '448.3786 requests/s',
    42,
  ],
  'wrk with another rate': [() => changed('wrk.txt', '431.33', '900.10'), 'Requests/sec as in the total', 13],
  'wrk with more refusals than requests': [
    () => changed('wrk.txt', 'responses: 25', 'responses: 2500'),
    'agree',
    4,
  ],
  'two runs of wrk in a file': [() => readFileSync(fixture('wrk.txt'), 'utf8').repeat(2), 'one test', 1],
  'autocannon with other classes than codes': [
    () => changed('autocannon.json', '"2xx":294', '"2xx":290'),
    '300 answers',
    1,
  ],
  'autocannon with a negative count': [
    () => changed('autocannon.json', '"errors":0', '"errors":-5'),
    'errors',
    1,
  ],
  'Artillery whose periods are not its total': [
    () => changed('artillery.json', '"http.requests": 130', '"http.requests": 1300'),
    'as in the periods: 130',
    6,
  ],
  'Locust whose rows are not its total': [
    () => changed('locust_stats.csv', ',Aggregated,491', ',Aggregated,4910'),
    'the sum of the rows, 491',
    4,
  ],
  'Locust without its total': [
    () => changed('locust_stats.csv', /,Aggregated.*\r?\n/, ''),
    'a row Aggregated',
    3,
  ],
  'Locust with more failures than requests': [
    () => changed('locust_stats.csv', '/bookings,107,2', '/bookings,107,200'),
    'counts of requests',
    2,
  ],
  'Locust whose histogram is not of its requests': [
    () => changed('locust.json', '"num_requests": 447', '"num_requests": 4470'),
    '4470 latencies',
    14,
  ],
  'a JTL without requests': [() => jtlCsv([]), 'at least one sample', 1],
  'a JTL with a column too few': [() => jtlCsv(sent).replace('elapsed,', ''), 'a report of k6', 1],
  'a JTL without success': [() => jtlCsv(sent).replace('success', 'passed'), 'the column success', 1],
  'a JTL without its header': [
    () => jtlCsv(sent).split('\n').slice(1).join('\n'),
    'print_field_names=true',
    1,
  ],
  'a JTL with a row cut': [() => jtlCsv(sent).replace(/,true,0\n/, '\n'), '8 columns', 2],
  'a JTL with a quote that is never closed': [
    () => jtlCsv(sent).replace('quotes', '"quotes'),
    'its quotes',
    2,
  ],
  'a JTL with a negative time': [() => jtlCsv(sent).replace(',20,', ',-20,'), 'timeStamp and elapsed', 2],
  'a JTL with a time that is none': [() => jtlCsv(sent).replace(',20,', ',NaN,'), 'timeStamp and elapsed', 2],
  'a JTL as XML that never ends': [() => jtlXml(sent).replace('</testResults>', ''), 'whole XML', 17],
  'a JTL as XML with an entity bomb': [
    () =>
      jtlXml(sent)
        .replace(
          '<testResults',
          `<!DOCTYPE testResults [<!ENTITY a "${'a'.repeat(1_000)}"><!ENTITY b "${'&a;'.repeat(1_000)}">]>\n<testResults`,
        )
        .replace('lb="quotes"', 'lb="&b;"'),
    'XML as JMeter writes it',
    2,
  ],
  'a JTL as XML with an external entity': [
    () =>
      jtlXml(sent).replace(
        '<testResults',
        '<!DOCTYPE testResults [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<testResults',
      ),
    'XML as JMeter writes it',
    2,
  ],
  'a Gatling log with an outcome that is none': [
    () => changed('gatling-3.10.log', '\tOK\t', '\tOKAY\t'),
    'OK or KO',
    8,
  ],
  'a Gatling log of two runs': [
    () => readFileSync(fixture('gatling-3.10.log'), 'utf8').repeat(2),
    'one RUN',
    402,
  ],
};

describe('a report that says no', () => {
  it.each(Object.entries(BROKEN))('because it is %s', async (_, [report, expected, line]) => {
    const path = folder.write(report());
    const problem = problemOf(await read(path));
    expect(problem).toMatchObject({ file: path, position: { line } });
    expect(problem.expected).toContain(expected);
    expect(problem.seen.length).toBeLessThan(120);
  });

  it('names the byte where a binary log ceases to be one', async () => {
    const whole = readFileSync(fixture('gatling-3.14.log'));
    const cut = problemOf(await read(folder.write(whole.subarray(0, whole.length - 1))));
    expect(cut.position).toEqual({ byte: whole.length - 10 });
    const other = problemOf(await read(folder.write(Buffer.concat([whole, Buffer.from([9])]))));
    expect(other).toMatchObject({
      position: { byte: whole.length },
      expected: 'a record of Gatling',
      seen: 'record 9',
    });
  });

  it('refuses Locust when its failures are not as many as its statistics count', async () => {
    for (const name of ['locust_stats.csv', 'locust_stats_history.csv'])
      folder.write(readFileSync(fixture(name)), name);
    folder.write(changed('locust_failures.csv', ',8,', ',5,'), 'locust_failures.csv');
    const problem = problemOf(await read(`${folder.folder}/locust_stats.csv`));
    expect(problem).toMatchObject({
      expected: '10 failures, as in the statistics',
      seen: '7 in the list of failures',
    });
  });

  it('fails when there is no such file', async () => {
    await expect(read(`${folder.folder}/none`)).rejects.toThrow(AdapterError);
  });
});

describe('a report that is unusual, and right', () => {
  it('may have a byte order mark before a document', async () => {
    const { requests } = runOf(
      await read(folder.write(`\uFEFF${readFileSync(fixture('vegeta-report.json'), 'utf8')}`)),
    );
    expect(requests).toBe(60);
  });

  it('may have line ends of Windows, and messages of several lines', async () => {
    const text = jtlCsv(sent, { ...PLAIN, label: 'a "trip", both' }).replaceAll('\n', '\r\n');
    expect(runOf(await read(folder.write(text)))).toMatchObject({
      requests: 4,
      failed: 1,
      errors: { 'HTTP 503': 1 },
    });
  });

  it('may have endless kinds of errors, which are then told together', async () => {
    const many = Array.from({ length: 200 }, (_, index) => ({ at: START + index, took: 5, status: 200 }));
    const text = vegetaJson(many).replaceAll(
      /"seq":(\d+)(.*)"error":""/g,
      '"seq":$1$2"error":"no route to $1"',
    );
    const { errors, failed } = runOf(await read(folder.write(text)));
    expect(Object.keys(errors)).toHaveLength(51);
    expect({ failed, rest: errors['other errors'] }).toEqual({ failed: 200, rest: 150 });
  });
});

/** As the README of wrk2 shows it; wrk2 itself was not run. */
const WRK2 = `Running 30s test @ http://service.example/
  2 threads and 100 connections
  Thread calibration: mean lat.: 9747 usec, rate sampling interval: 21 msec
  Thread calibration: mean lat.: 9631 usec, rate sampling interval: 21 msec
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     6.46ms    1.93ms  12.34ms   67.66%
    Req/Sec     1.05k     1.12k    2.50k    64.84%
  Latency Distribution (HdrHistogram - Recorded Latency)
 50.000%    6.67ms
 75.000%    7.78ms
 90.000%    9.14ms
 99.000%   11.18ms
 99.900%   12.30ms
 99.990%   12.34ms
 99.999%   12.34ms
100.000%   12.34ms
----------------------------------------------------------
  60018 requests in 30.00s, 19.81MB read
Requests/sec:   2000.28
Transfer/sec:    676.18KB
`;

describe('wrk2', () => {
  it('tells its corrected percentiles and its rate', async () => {
    const run = runOf(await read(folder.write(WRK2)));
    expect(run).toMatchObject({ tool: 'wrk', requests: 60_018, failed: 0, offeredRate: null });
    expect(run.latency).toMatchObject({ kind: 'percentiles', max: 12.34 });
    expect(run.latency.kind === 'percentiles' && run.latency.percentiles[3]).toEqual({
      quantile: 0.99,
      ms: 11.18,
    });
  });
});

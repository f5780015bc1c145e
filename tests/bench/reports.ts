import { spawnSync } from 'node:child_process';
import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { newFolder } from './crew.ts';
import { count, type Figure } from './figure.ts';

const BYTES = 200_000_000;
const MB = 1_000_000;
/** What a report of that size may cost at most; one that is held whole costs more than itself. */
const MOST_MEMORY = 400 * MB;

const told = z.object({ ms: z.number(), read: z.number().nullable(), peak: z.number() });

interface Kind {
  readonly name: string;
  readonly head: string;
  readonly test: (at: number) => string;
  readonly between: string;
  readonly tail: (tests: number) => string;
  readonly beside: 'bare JSON.parse' | 'bare SAX pass' | null;
}

const LOG = 'GET /bookings 200 in 12 ms "quoted" \\u001b[32mok\\u001b[0m '.repeat(12);
const title = (at: number): string => `test ${at} books a slot`;

const KINDS: readonly Kind[] = [
  {
    name: 'JUnit XML',
    head: '<?xml version="1.0"?>\n<testsuites>\n<testsuite name="Customer booking">\n',
    test: (at) =>
      `<testcase classname="e2e/booking.spec.ts" name="${title(at)}" time="0.12"><system-out><![CDATA[${LOG}]]></system-out></testcase>\n`,
    between: '',
    tail: () => '</testsuite>\n</testsuites>\n',
    beside: 'bare SAX pass',
  },
  {
    name: 'JUnit XML, one log of all of it',
    head: '<?xml version="1.0"?>\n<testsuites>\n<testsuite name="a"><testcase name="b"/><system-out><![CDATA[',
    test: () => `${LOG}\n`,
    between: '',
    tail: () => ']]></system-out></testsuite></testsuites>\n',
    beside: 'bare SAX pass',
  },
  {
    name: 'Playwright JSON',
    head: '{"suites":[{"title":"a.spec.ts","file":"a.spec.ts","suites":[{"title":"Customer booking","specs":[\n',
    test: (at) =>
      `{"title":"${title(at)}","file":"a.spec.ts","line":3,"tags":[],"tests":[{"projectName":"desktop","expectedStatus":"passed","status":"expected","results":[{"status":"passed","duration":12,"stdout":[{"text":"${LOG.replaceAll('"', '\\"')}"}]}]}]}`,
    between: ',\n',
    tail: (tests) => `]}]}],"stats":{"expected":${tests},"unexpected":0,"flaky":0,"skipped":0}}`,
    beside: 'bare JSON.parse',
  },
  {
    name: 'Jest and Vitest JSON',
    head: '{"success":true,"testResults":[\n',
    test: (at) =>
      `{"name":"/work/${at % 400}.test.js","status":"passed","message":"${LOG.replaceAll('"', '\\"')}","assertionResults":[{"ancestorTitles":["Customer booking"],"title":"${title(at)}","status":"passed","duration":12,"failureMessages":[]}]}`,
    between: ',\n',
    tail: (tests) => `],"numTotalTests":${tests}}`,
    beside: 'bare JSON.parse',
  },
  {
    name: 'CTRF JSON',
    head: '{"results":{"tests":[\n',
    test: (at) =>
      `{"name":"${title(at)}","suite":"a.spec.ts > Customer booking","status":"passed","duration":12,"stdout":["${LOG.replaceAll('"', '\\"')}"]}`,
    between: ',\n',
    tail: (tests) => `],"summary":{"tests":${tests}}}}`,
    beside: 'bare JSON.parse',
  },
  {
    name: 'TAP',
    head: 'TAP version 13\n',
    test: (at) => `ok ${at + 1} - ${title(at)}\n  ---\n  duration_ms: 12\n  ...\n# ${LOG}\n`,
    between: '',
    tail: (tests) => `1..${tests}\n`,
    beside: null,
  },
];

/** How fast each parser is and how much memory it takes, beside the least that a pass over the same file can be. */
export async function measureReports(): Promise<readonly Figure[]> {
  const folder = newFolder();
  return KINDS.map((kind, at) => {
    const path = join(folder, `report-${at}`);
    const tests = write(kind, path);
    const ours = run('ours', path);
    const beside = kind.beside === null ? [] : [`${kind.beside}: ${wordsOf(run(kind.beside, path))}`];
    return {
      what: `${kind.name}, ${count(tests)} tests in ${(statSync(path).size / MB).toFixed(0)} MB`,
      ours: wordsOf(ours),
      target: `<= ${MOST_MEMORY / MB} MB`,
      met: ours.peak <= MOST_MEMORY,
      beside,
    };
  });
}

function write(kind: Kind, path: string): number {
  const file = openSync(path, 'w');
  let bytes = writeSync(file, kind.head);
  let tests = 0;
  while (bytes < BYTES) {
    const lines: string[] = [];
    for (let more = 0; more < 500; more += 1) {
      lines.push(`${tests === 0 ? '' : kind.between}${kind.test(tests)}`);
      tests += 1;
    }
    bytes += writeSync(file, lines.join(''));
  }
  writeSync(file, kind.tail(tests));
  closeSync(file);
  return tests;
}

function run(way: string, path: string): z.output<typeof told> {
  const argv = ['--import', './tools/register.mjs', 'tests/bench/reports-process.ts', way, path];
  const { stdout, stderr } = spawnSync(process.execPath, argv, {
    cwd: resolve(import.meta.dirname, '../..'),
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(stderr.slice(-500));
  return told.parse(JSON.parse(stdout));
}

function wordsOf({ ms, peak }: z.output<typeof told>): string {
  return `${(BYTES / MB / (ms / 1_000)).toFixed(0)} MB/s, at most ${(peak / MB).toFixed(0)} MB`;
}

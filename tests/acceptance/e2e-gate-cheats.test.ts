import { cpSync, existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { resultJson } from '../../src/actions/told-result.ts';
import { runE2e } from '../../src/wire-e2e.ts';
import { subject } from '../support/gate-subject.ts';
import { sourceActions } from '../support/source-action.ts';

const FIXTURES = resolve(import.meta.dirname, '../fixtures/reports');
const SHA = '8d1a5c3f0b2e4a6978c5d4e3f2a1b0c9d8e7f6a5';
const actions = await sourceActions({ 'e2e-gate/main': ['src/actions/e2e-gate.ts', 'e2eGateMain'] });
afterAll(actions.remove);

const resultSchema = z.object({
  verdict: z.string(),
  reasonCode: z.string(),
  failed: z.array(z.string()),
  findings: z.array(
    z.object({
      check: z.string(),
      status: z.string(),
      observed: z.string(),
      fix: z.string().optional(),
    }),
  ),
});

interface Told {
  readonly findings: readonly {
    readonly check: string;
    readonly status: string;
    readonly observed: string;
    readonly fix?: string | undefined;
  }[];
}

interface Case {
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  /** Lines of the suite beside flows and reports. */
  readonly suite?: string;
  readonly reports?: string;
  readonly minTests?: number;
  readonly prepare?: (folder: string) => void;
}

let cases = 0;

function lay({ files, suite = '', reports = '*.xml', minTests = 1, prepare }: Case): string {
  cases += 1;
  const name = `case-${cases}`;
  const folder = join(actions.folder, name);
  mkdirSync(folder);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  prepare?.(folder);
  const config = `version: 1
service: booking-platform
e2e:
  staging:
    reports: '${name}/${reports}'
    working-directory: ${name}
    flows:
      customer-booking: { tests: ['suite:Customer booking'], min-tests: ${minTests} }
      payment-processing: { tests: ['name:pays by card', 'suite:Payment processing'] }
${suite.replace(/^/gm, '    ')}
`;
  writeFileSync(join(folder, 'deploy-canary.yml'), config);
  return `${name}/deploy-canary.yml`;
}

/** The action as a process of its own. */
async function play(scene: Case) {
  const inputs = { config: lay(scene), environment: 'staging' };
  const step = await actions.play('e2e-gate/main', inputs, { GITHUB_SHA: SHA });
  const result = resultSchema.parse(JSON.parse(step.outputs.result ?? 'null'));
  return { ...step, result, words: wordsOf(result) };
}

/** The gate without the action around it. */
async function judge(scene: Case, signal: AbortSignal = new AbortController().signal) {
  const setting = {
    config: lay(scene),
    suite: 'staging',
    subject: { ...subject, environment: 'staging', sha: SHA },
    baseDir: actions.folder,
    env: process.env,
    log: () => undefined,
    output: () => ({ line: () => undefined, close: () => undefined }),
  };
  const run = await runE2e(setting, signal);
  if (!run.ok) throw new Error(run.report);
  return { result: run.result, words: wordsOf(run.result) };
}

function wordsOf({ findings }: Told): string {
  const shut = findings.filter(({ status }) => status === 'fail' || status === 'error');
  return shut.map(({ check, observed, fix }) => `${check}: ${observed} -> ${fix}`).join('\n');
}

const testcase = (name: string, inside = ''): string =>
  `    <testcase name="${name}" classname="" time="0.5">${inside}</testcase>\n`;
const suiteXml = (name: string, tests: readonly string[], attributes = ''): string =>
  `  <testsuite name="${name}" tests="${tests.length}" ${attributes}>\n${tests.join('')}  </testsuite>\n`;
const report = (...suites: readonly string[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('')}</testsuites>\n`;

const FAILURE = '<failure message="expected 409, saw 201">at payments.spec.ts:12:3</failure>';
const BOOKING = suiteXml('Customer booking', [testcase('books a slot'), testcase('sees a price')]);
const PAYMENT = suiteXml('Payment processing', [testcase('pays by card'), testcase('nobody pays twice')]);
const GREEN = report(BOOKING, PAYMENT);
const RED_PAYMENT = suiteXml(
  'Payment processing',
  [testcase('pays by card'), testcase('nobody pays twice', FAILURE)],
  'failures="1"',
);
const RED = report(BOOKING, RED_PAYMENT);
const OTHER_RED = suiteXml('Login', [testcase('logs in', FAILURE)], 'failures="1"');
const green = { 'a.xml': GREEN };
const fixture = (name: string): string => readFileSync(join(FIXTURES, name), 'utf8');
const quarantine = (tests: string, expires: string): string =>
  `quarantine: [{ tests: '${tests}', owner: ada, reason: the sandbox is down this week, expires: ${expires} }]`;
const playwright = (change: (text: string) => string): Case => ({
  files: { 'a.json': change(PLAYWRIGHT) },
  reports: '*.json',
});
const PLAYWRIGHT = JSON.stringify({
  config: { rootDir: '/home/runner/work/app', shard: null },
  suites: [
    {
      title: 'a.spec.ts',
      file: 'a.spec.ts',
      suites: ['Customer booking', 'Payment processing'].map((title) => ({
        title,
        specs: [
          {
            title: 'pays by card',
            file: 'a.spec.ts',
            line: 3,
            tags: [],
            tests: [
              {
                projectName: 'desktop',
                expectedStatus: 'passed',
                status: 'expected',
                results: [{ status: 'passed', duration: 3 }],
              },
            ],
          },
        ],
      })),
    },
  ],
  errors: [],
  stats: { expected: 2, unexpected: 0, flaky: 0, skipped: 0 },
});

/** Each way to get a change past the gate, or to fail, with what keeps the gate shut and what it says. */
const CHEATS: readonly (readonly [string, Case, string, RegExp])[] = [
  ['no report at all', { files: {} }, 'reports', /no file matches/],
  [
    'a folder where the report should be',
    { files: {}, reports: 'out', prepare: (folder) => mkdirSync(join(folder, 'out')) },
    'reports',
    /is a folder, not a report/,
  ],
  ['an empty file', { files: { 'a.xml': '' } }, 'reports', /a\.xml: the file is empty/],
  ['a report of no tests', { files: { ...green, 'b.xml': report() } }, 'reports', /b\.xml holds no test/],
  [
    'a report that was cut off',
    { files: { 'a.xml': GREEN.slice(0, -60) } },
    'reports',
    /a\.xml, line \d+, column \d+: cut off/,
  ],
  [
    'a report from which tests were taken out',
    { files: { 'a.xml': GREEN.replace('tests="2"', 'tests="10"') } },
    'reports',
    /truncated or edited: testsuite 'Customer booking' says 10 tests, and 2 were read/,
  ],
  [
    'a report from which the failure was taken out',
    { files: { 'a.xml': RED.replace(FAILURE, '') } },
    'reports',
    /says 1 failed tests, and 0 were read/,
  ],
  ['a failing test of a flow', { files: { 'a.xml': RED } }, 'payment-processing', /nobody pays twice/],
  [
    'a flow whose tests are all skipped',
    {
      files: {
        'a.xml': GREEN.replaceAll(
          /name="(books a slot|sees a price)" classname="" time="0.5">/g,
          '$&<skipped/>',
        ),
      },
    },
    'customer-booking',
    /none of its tests proves anything: 2 tests skipped/,
  ],
  [
    'a flow that was renamed',
    { files: { 'a.xml': GREEN.replace('Customer booking', 'Customers booking') } },
    'customer-booking',
    /no test matches 'suite:Customer booking' -> .*nearest: 'Customers booking › books a slot'/,
  ],
  [
    'one test of a flow that was taken away',
    { files: { 'a.xml': GREEN.replace('pays by card', 'pays by invoice') } },
    'payment-processing',
    /no test matches 'name:pays by card'/,
  ],
  [
    'a flow of which nothing but quarantined tests is left',
    { files: { 'a.xml': RED }, suite: quarantine('suite:Payment processing', '2099-01-01') },
    'payment-processing',
    /none of its tests proves anything: 2 tests in quarantine/,
  ],
  [
    'a quarantine that has ended',
    { files: green, suite: quarantine('name:nobody pays twice', '2026-01-02') },
    'quarantine',
    /ended on 2026-01-02/,
  ],
  [
    'a runner that broke and left a green report',
    { files: { 'green.txt': GREEN }, suite: "run: [sh, -c, 'cp green.txt a.xml; exit 3']" },
    'command',
    /exit code 3, and no failed in the reports/,
  ],
  [
    'a command that hides its failures',
    { files: { 'red.txt': RED }, suite: "run: [sh, -c, 'cp red.txt a.xml; exit 0']" },
    'command',
    /exit code 0, and 1 failed in the reports/,
  ],
  [
    'a report that was there before the tests ran',
    { files: green, suite: "run: ['true']" },
    'reports',
    /a\.xml was there before the tests ran/,
  ],
  [
    'an old report that the command puts in place',
    {
      files: { 'old.txt': GREEN.replaceAll('<testsuite ', '<testsuite timestamp="2026-01-02T03:04:05Z" ') },
      suite: 'run: [cp, old.txt, a.xml]',
    },
    'reports',
    /a\.xml is of a run \d+ days before this one/,
  ],
  [
    'a command that never ends',
    { files: { 'green.txt': GREEN }, suite: "run: [sh, -c, 'cp green.txt a.xml; sleep 60']\ntimeout: 1s" },
    'command',
    /not ended within 1s/,
  ],
  ['a command that is not there', { files: green, suite: 'run: [no-such-program]' }, 'command', /no program/],
  [
    'a report of another commit',
    {
      files: {
        'a.xml': GREEN.replace(
          '<testsuites>',
          '<testsuites><properties><property name="git.commit" value="0123456789abcdef0123456789abcdef01234567"/></properties>',
        ),
      },
    },
    'reports',
    /a\.xml is of commit 0123456/,
  ],
  [
    'an old report where an age is asked for',
    {
      files: green,
      suite: 'max-age: 1h',
      prepare: (folder) => utimesSync(join(folder, 'a.xml'), new Date(0), new Date('2026-01-02')),
    },
    'reports',
    /a\.xml is \d+ days old/,
  ],
  [
    'a test that fails in one shard and passes in another',
    { files: { 'a.xml': RED, 'b.xml': GREEN } },
    'payment-processing',
    /1 of 2 tests failed: Payment processing › nobody pays twice/,
  ],
  [
    'the report of a shard that is left out',
    playwright((text) => text.replace('"shard":null', '"shard":{"current":1,"total":2}')),
    'reports',
    /no report of shard 2 of 2/,
  ],
  [
    'fewer reports than there are jobs',
    { files: green, suite: 'min-reports: 2' },
    'reports',
    /1 report of 2/,
  ],
  [
    'more flaky tests than the budget has',
    {
      files: {
        'a.xml': GREEN.replace(
          'name="books a slot" classname="" time="0.5">',
          '$&<flakyFailure message="late"/>',
        ),
      },
    },
    'flaky',
    /1 of 4 tests passed only when tried again/,
  ],
  [
    'a failing test outside of every flow',
    { files: { 'a.xml': report(BOOKING, PAYMENT, OTHER_RED) } },
    'other-tests',
    /logs in/,
  ],
  [
    'fewer tests than a flow must have',
    { files: green, minTests: 3 },
    'customer-booking',
    /2 tests ran -> bring the tests back/,
  ],
  [
    'a status that was edited, and not the results behind it',
    playwright((text) => text.replace('"results":[{"status":"passed"', '"results":[{"status":"failed"')),
    'customer-booking',
    /1 of 1 test failed/,
  ],
  [
    'tests that could not even be loaded',
    { files: { 'a.json': fixture('vitest-broken.json'), 'b.xml': GREEN }, reports: '*.{json,xml}' },
    'reports',
    /failed outside of its tests: Cannot find module/,
  ],
  [
    'a runner that gave up',
    { files: { 'a.tap': 'TAP version 13\nok 1 - books a slot\nBail out! no browser\n' }, reports: '*.tap' },
    'reports',
    /bailed out: no browser/,
  ],
  [
    'TAP that was cut off',
    { files: { 'a.tap': fixture('node-test.tap').split('\n1..')[0] ?? '' }, reports: '*.tap' },
    'reports',
    /a\.tap, line \d+: cut off/,
  ],
  [
    'JSON that was cut off',
    { files: { 'a.json': fixture('jest.json').slice(0, 3_000) }, reports: '*.json' },
    'reports',
    /a\.json, byte 3000: cut off/,
  ],
  [
    'an entity bomb',
    {
      files: {
        'a.xml': `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>${GREEN.split('?>')[1]?.replace('books a slot', '&b;&f;')}`,
      },
    },
    'reports',
    /a test report has no DOCTYPE/,
  ],
  [
    'bytes that are no text',
    {
      files: {
        'a.xml': Buffer.concat([
          Buffer.from(GREEN.slice(0, 100)),
          Buffer.from([0xff, 0xfe]),
          Buffer.from(GREEN.slice(100)),
        ]),
      },
    },
    'reports',
    /a\.xml, byte 100: not UTF-8/,
  ],
  [
    'JSON that is no report',
    { files: { 'a.json': '{"status":"passed"}' }, reports: '*.json' },
    'reports',
    /saw the keys `status`/,
  ],
  [
    'a web page',
    { files: { 'a.xml': '<html><body>green</body></html>' } },
    'reports',
    /expected JUnit XML, saw <html>/,
  ],
];

/** A process takes long to start: each of these is one, and of the others only those in which a command runs. */
const isPlayed = ([, { suite = '' }]: (typeof CHEATS)[number], at: number): boolean =>
  at % 4 === 0 || suite.includes('run:');

describe('ways to get past the E2E gate, as the action sees them', () => {
  it.concurrent.each(CHEATS.filter(isPlayed))(
    '%s',
    async (_, scene, check, says) => {
      const { code, outputs, result, words, log } = await play(scene);
      expect(code, log).toBe(1);
      expect(outputs.verdict).toBe('fail');
      expect(outputs['reason-code']).toBe('checks-failed');
      expect(result.failed).toContain(check);
      expect(words).toMatch(says);
      expect(log).toMatch(/^::error/m);
    },
    60_000,
  );
});

describe('ways to get past the E2E gate', () => {
  it.each(CHEATS.filter((cheat, at) => !isPlayed(cheat, at)))('%s', async (_, scene, check, says) => {
    const { result, words } = await judge(scene);
    expect(result).toMatchObject({ verdict: 'fail', reasonCode: 'checks-failed' });
    expect(result.failed).toContain(check);
    expect(words).toMatch(says);
  });
});

describe('a run that is cancelled', () => {
  it('ends the tests with all that they started, and opens nothing', async () => {
    const stop = new AbortController();
    const late = "run: [sh, -c, '(sleep 1; cp green.txt late.xml) & cp green.txt a.xml; touch begun; wait']";
    const scene = { files: { 'green.txt': GREEN }, suite: late };
    const judged = judge(scene, stop.signal);
    const folder = join(actions.folder, `case-${cases}`);
    while (!existsSync(join(folder, 'begun'))) await sleep(20);
    stop.abort();
    const { result } = await judged;
    expect(result).toMatchObject({ verdict: 'fail', reasonCode: 'cancelled' });
    await sleep(1_500);
    expect(existsSync(join(folder, 'late.xml'))).toBe(false);
  }, 60_000);
});

describe('an E2E gate that may open', () => {
  it.concurrent('says so, with every flow, and obeys nothing that the tests print', async () => {
    const run = "run: [sh, -c, 'echo ::error::not from us; echo ::add-mask::e; cp green.txt a.xml']";
    const { code, outputs, log, summary, result } = await play({ files: { 'green.txt': GREEN }, suite: run });
    expect(code, log).toBe(0);
    expect(outputs).toMatchObject({ verdict: 'pass', failed: '', 'reason-code': 'checks-passed' });
    expect(resultJson.parse(outputs.result)).toMatchObject({ state: 'success' });
    expect(result.findings.map(({ check, status }) => `${check} ${status}`)).toEqual([
      'command pass',
      'reports pass',
      'customer-booking pass',
      'payment-processing pass',
      'other-tests skipped',
      'flaky pass',
    ]);
    expect(summary).toContain('## ✅ The staging E2E gate is green');
    expect(summary).toContain('### Flows');
    expect(summary).toContain('### Slowest tests');
    const [, word] = /^::stop-commands::(\S+)$/m.exec(log) ?? [];
    const order = ['::stop-commands::', '\n::error::not from us', `\n::${word}::`].map((text) =>
      log.indexOf(text),
    );
    expect(order).toEqual(order.toSorted((one, other) => one - other));
    expect(order).not.toContain(-1);
  }, 60_000);

  it.concurrent('lets a quarantined failure through while the quarantine holds, and shows it', async () => {
    const suite = quarantine('name:nobody pays twice', '2099-01-01');
    const { code, log, summary } = await play({ files: { 'a.xml': RED }, suite });
    expect(code, log).toBe(0);
    expect(summary).toContain('### In quarantine');
    expect(summary).toContain('the sandbox is down this week');
  }, 60_000);

  it.concurrent('warns of a failing test outside of the flows where that is enough', async () => {
    const files = { 'a.xml': report(BOOKING, PAYMENT, OTHER_RED) };
    const { code, log } = await play({ files, suite: 'other-tests: warn' });
    expect(code, log).toBe(0);
  }, 60_000);
});

describe('what a failed E2E gate shows', () => {
  it.concurrent('a note at file and line for each failure, not more than ten with the verdict', async () => {
    const tests = Array.from({ length: 30 }, (_, at) =>
      testcase(`logs in ${at}`, FAILURE.replace('payments.spec.ts:12', `e2e/login.spec.ts:${at + 1}`)),
    );
    const files = { 'a.xml': report(BOOKING, RED_PAYMENT, suiteXml('Login', tests, 'failures="30"')) };
    const { log, summary } = await play({
      files,
      prepare: (folder) => cpSync(join(FIXTURES, 'README.md'), join(folder, '..', 'payments.spec.ts')),
    });
    const notes = log.split('\n').filter((line) => line.startsWith('::error'));
    expect(notes).toHaveLength(10);
    expect(notes[0]).toMatch(/file=payments\.spec\.ts,line=12|line=12,file=payments\.spec\.ts/);
    expect(summary).toContain('### Failures');
    expect(summary).toContain('expected 409, saw 201');
  }, 60_000);
});

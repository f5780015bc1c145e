import fc from 'fast-check';
import type { TestOutcome } from '../../../src/core/e2e/test-case.ts';

/** A test that a property makes up. */
export interface Made {
  readonly suites: readonly string[];
  readonly name: string;
  readonly outcome: TestOutcome;
}

export type Dialect = (tests: readonly Made[]) => string;

/** Words as people and machines write them, markup and separators of the formats included. */
const word = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
  fc.constantFrom(
    'books a slot',
    ']]>',
    '<b>&amp;</b>',
    '"quoted"',
    "it's",
    'ok 1',
    '1..3',
    '# SKIP',
    'a\\b',
    '日本',
    '{"a":1}',
  ),
);
const plain = word.map(
  (text) =>
    text
      .replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '')
      .replace(/ +/g, ' ')
      .trim() || 'x',
);

/** Tests with names that no two of them share. */
export const madeTests = (outcomes: readonly TestOutcome[]): fc.Arbitrary<readonly Made[]> =>
  fc.uniqueArray(
    fc.record({
      suites: fc.array(plain, { minLength: 1, maxLength: 3 }),
      name: plain,
      outcome: fc.constantFrom(...outcomes),
    }),
    { minLength: 1, maxLength: 12, selector: ({ suites, name }) => JSON.stringify([suites, name]) },
  );

const xml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);

const XML_INSIDE: Readonly<Record<TestOutcome, string>> = {
  passed: '<system-out><![CDATA[ok <failure> ]]]]><![CDATA[> it says]]></system-out>',
  failed: '<failure message="a &lt; b">expected\n  409</failure>',
  flaky: '<flakyFailure message="late"><stackTrace><![CDATA[at x]]></stackTrace></flakyFailure>',
  skipped: '<skipped/>',
};

/** One element for each suite, suites in suites, counts and all. */
export const junit: Dialect = (tests) => {
  const one = ({ suites, name, outcome }: Made): string => {
    const failed = outcome === 'failed' ? 1 : 0;
    const skipped = outcome === 'skipped' ? 1 : 0;
    const test = `<testcase name="${xml(name)}" time="0.01">${XML_INSIDE[outcome]}</testcase>`;
    return suites.reduceRight(
      (inside, suite) =>
        `<testsuite name="${xml(suite)}" tests="1" failures="${failed}" skipped="${skipped}">\n${inside}</testsuite>\n`,
      test,
    );
  };
  return `<?xml version="1.0"?>\n<testsuites tests="${tests.length}">${tests.map(one).join('')}</testsuites>`;
};

const JEST: Readonly<Record<TestOutcome, object>> = {
  passed: { status: 'passed', failureMessages: [] },
  failed: { status: 'failed', failureMessages: ['Error: no'] },
  flaky: { status: 'passed', failureMessages: [], retryReasons: ['Error: late'], invocations: 2 },
  skipped: { status: 'pending', failureMessages: [] },
};

const counted = (tests: readonly Made[], ...outcomes: readonly TestOutcome[]): number =>
  tests.filter(({ outcome }) => outcomes.includes(outcome)).length;

export const jest: Dialect = (tests) =>
  JSON.stringify({
    numTotalTests: tests.length,
    numFailedTests: counted(tests, 'failed'),
    numPassedTests: counted(tests, 'passed', 'flaky'),
    success: counted(tests, 'failed') === 0,
    testResults: tests.map(({ suites, name, outcome }) => ({
      assertionResults: [{ ancestorTitles: suites, title: name, ...JEST[outcome] }],
      name: '/work/a.test.js',
      status: outcome === 'failed' ? 'failed' : 'passed',
    })),
  });

const PLAYWRIGHT: Readonly<Record<TestOutcome, readonly [string, readonly string[]]>> = {
  passed: ['expected', ['passed']],
  failed: ['unexpected', ['failed', 'timedOut']],
  flaky: ['flaky', ['failed', 'passed']],
  skipped: ['skipped', ['skipped']],
};

export const playwright: Dialect = (tests) => {
  const suiteOf = ({ suites, name, outcome }: Made): object => {
    const [status, results] = PLAYWRIGHT[outcome];
    const test = {
      status,
      expectedStatus: 'passed',
      results: results.map((one) => ({ status: one, duration: 1 })),
    };
    const specs = [{ title: name, file: 'a.spec.ts', line: 1, tests: [test] }];
    return suites.reduceRight<object>((inside, title) => ({ suites: [inside], title }), { title: '', specs });
  };
  return JSON.stringify({
    suites: tests.map(suiteOf),
    stats: {
      expected: counted(tests, 'passed'),
      unexpected: counted(tests, 'failed'),
      flaky: counted(tests, 'flaky'),
      skipped: counted(tests, 'skipped'),
    },
  });
};

const CTRF: Readonly<Record<TestOutcome, object>> = {
  passed: { status: 'passed' },
  failed: { status: 'failed', message: 'no' },
  flaky: { status: 'passed', flaky: true, retries: 1 },
  skipped: { status: 'skipped' },
};

export const ctrf: Dialect = (tests) =>
  JSON.stringify({
    reportFormat: 'CTRF',
    results: {
      tool: { name: 'made' },
      summary: {
        tests: tests.length,
        failed: counted(tests, 'failed'),
        passed: counted(tests, 'passed', 'flaky'),
      },
      tests: tests.map(({ suites, name, outcome }) => ({ name, suite: suites, ...CTRF[outcome] })),
    },
  });

const escaped = (text: string): string => text.replace(/[\\#]/g, '\\$&');

/** Subtests in subtests, the plan behind them as Node writes it. */
export const tap: Dialect = (tests) => {
  const lines = ['TAP version 13'];
  tests.forEach(({ suites, name, outcome }, at) => {
    const indent = (depth: number): string => '    '.repeat(depth);
    const not = outcome === 'failed' ? 'not ' : '';
    const directive = outcome === 'skipped' ? ' # SKIP later' : '';
    lines.push(`${indent(suites.length)}${not}ok 1 - ${escaped(name)}${directive}`);
    if (outcome === 'failed') {
      const inside = indent(suites.length);
      lines.push(
        `${inside}  ---`,
        `${inside}  error: 'no'`,
        `${inside}  ok 7 - a line of it`,
        `${inside}  ...`,
      );
    }
    suites.toReversed().forEach((suite, up) => {
      const depth = suites.length - up;
      lines.push(`${indent(depth)}1..1`);
      lines.push(`${indent(depth - 1)}${not}ok ${depth === 1 ? at + 1 : 1} - ${escaped(suite)}`);
    });
  });
  return [...lines, `1..${tests.length}`, ''].join('\n');
};

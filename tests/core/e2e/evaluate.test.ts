import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeE2e } from '../../../src/core/e2e/evaluate.ts';
import { mergeAttempts, mergeReports } from '../../../src/core/e2e/merge.ts';
import { wildcardPattern } from '../../../src/core/e2e/pattern.ts';
import type { E2eRules, TestRun } from '../../../src/core/e2e/suite.ts';
import type { TestCase, TestOutcome } from '../../../src/core/e2e/test-case.ts';
import { flow, NOW, RULES, report, reports, SHA, test } from './cases.ts';

const DAY = 86_400_000;

function judge(tests: readonly TestCase[], rules: Partial<E2eRules> = {}, run: TestRun | null = null) {
  const seen = { run, reports: reports(report(tests)), sha: SHA, now: NOW };
  const { verdict, findings } = judgeE2e({ ...RULES, ...rules }, seen);
  const of = (id: string) => findings.find(({ check }) => check === id);
  return { verdict, findings, of };
}

const booking = flow('booking', 'suite:Customer booking');

describe('a flow', () => {
  it.each<readonly [string, readonly TestCase[], string, string]>([
    ['passes when a test of it ran and none failed', [test('Customer booking › books')], 'pass', '1 passed'],
    [
      'fails with one of its tests',
      [test('Customer booking › books'), test('Customer booking › pays', 'failed')],
      'fail',
      '1 of 2 tests failed',
    ],
    [
      'fails when all of its tests were skipped',
      [test('Customer booking › books', 'skipped')],
      'fail',
      'proves anything: 1 test skipped',
    ],
    [
      'warns when some were skipped',
      [test('Customer booking › books'), test('Customer booking › pays', 'skipped')],
      'warn',
      '1 passed, 1 skipped',
    ],
    [
      'fails when nothing matches',
      [test('Client booking › books')],
      'fail',
      "no test matches 'suite:Customer booking'",
    ],
    [
      'passes with a flaky test, which the budget judges',
      [test('Customer booking › books', 'flaky')],
      'pass',
      '1 flaky',
    ],
  ])('%s', (_, tests, status, observed) => {
    const finding = judge(tests, { flows: [booking] }).of('booking');
    expect(finding).toMatchObject({ status, observed: expect.stringContaining(observed) });
  });

  it('names the nearest tests when its own are gone', () => {
    const tests = [
      test('Customers book › reserves a slot'),
      test('Owner › sees a chart'),
      test('Payment › pays'),
    ];
    const { of } = judge(tests, { flows: [flow('booking', 'name:Customer books a slot')] });
    expect(of('booking')?.fix).toContain("nearest: 'Customers book › reserves a slot'");
  });

  it('has no answer where no report says anything', () => {
    expect(judge([], { flows: [booking] }).of('booking')).toMatchObject({ status: 'no-data' });
    expect(judge([], { flows: [booking] }).verdict).toBe('fail');
  });
});

describe('tests in quarantine', () => {
  const entry = (expires: number) => [
    {
      tests: wildcardPattern('Customer booking › pays'),
      owner: 'ada',
      reason: 'the sandbox is down',
      expires,
    },
  ];
  const tests = [test('Customer booking › books'), test('Customer booking › pays', 'failed')];

  it('may fail while the quarantine holds', () => {
    const { verdict, of } = judge(tests, { flows: [booking], quarantine: entry(NOW + DAY) });
    expect(verdict).toBe('pass');
    expect(of('quarantine')).toMatchObject({ status: 'pass', detail: 'Customer booking › pays (ada)' });
  });

  it('count again at the moment it ends, and the entry keeps the gate shut', () => {
    const { verdict, of } = judge(tests, { flows: [booking], quarantine: entry(NOW) });
    expect(verdict).toBe('fail');
    expect(of('booking')).toMatchObject({ status: 'fail' });
    expect(of('quarantine')).toMatchObject({ status: 'fail', code: 'waiver-expired' });
  });

  it('prove nothing, even when they pass', () => {
    const only = [test('Customer booking › pays')];
    expect(judge(only, { flows: [booking], quarantine: entry(NOW + DAY) }).of('booking')).toMatchObject({
      status: 'fail',
      observed: 'none of its tests proves anything: 1 test in quarantine',
    });
  });

  it('that do not exist are told, and fail nothing', () => {
    const { verdict, of } = judge([test('Customer booking › books')], {
      flows: [booking],
      quarantine: entry(NOW + DAY),
    });
    expect(verdict).toBe('pass');
    expect(of('quarantine')).toMatchObject({ status: 'warn', code: 'missing' });
  });
});

describe('flaky tests', () => {
  const flaky = (count: number, all: number) =>
    Array.from({ length: all }, (_, at) => test(`Login › ${at}`, at < count ? 'flaky' : 'passed'));

  it.each([
    [2, 100, { kind: 'count', most: 2 }, 'pass'],
    [3, 100, { kind: 'count', most: 2 }, 'fail'],
    [2, 100, { kind: 'percent', most: 2 }, 'pass'],
    [3, 100, { kind: 'percent', most: 2 }, 'fail'],
    [0, 100, { kind: 'count', most: 0 }, 'pass'],
  ] as const)('%d of %d within %o: %s', (count, all, flakyBudget, status) => {
    expect(judge(flaky(count, all), { flakyBudget }).of('flaky')).toMatchObject({ status });
  });
});

describe('tests outside of every flow', () => {
  const tests = [test('Customer booking › books'), test('Login › logs in', 'failed')];
  it.each([
    ['fail', 'fail', 'fail'],
    ['warn', 'warn', 'pass'],
    ['ignore', 'skipped', 'pass'],
  ] as const)('%s', (otherTests, status, verdict) => {
    const judged = judge(tests, { flows: [booking], otherTests });
    expect(judged.of('other-tests')).toMatchObject({ status });
    expect(judged.verdict).toBe(verdict);
  });
});

describe('the test command', () => {
  const run = (end: TestRun['end'], isCancelled = false): TestRun => ({
    argv: ['npx', 'playwright', 'test'],
    startedAt: NOW - 1_000,
    end,
    isCancelled,
    output: 'Segmentation fault\n',
    duration: 500,
  });
  const green = [test('Customer booking › books')];
  const red = [test('Customer booking › books', 'failed')];
  it.each<readonly [string, readonly TestCase[], TestRun, string]>([
    ['ends with 0, all green', green, run({ kind: 'exited', code: 0 }), 'pass'],
    ['ends with 1, one red: it says what the report says', red, run({ kind: 'exited', code: 1 }), 'pass'],
    ['ends with 1, all green', green, run({ kind: 'exited', code: 1 }), 'fail'],
    ['ends with 0, one red', red, run({ kind: 'exited', code: 0 }), 'fail'],
    ['is killed', green, run({ kind: 'killed', signal: 'SIGSEGV' }), 'fail'],
    ['is late', green, run({ kind: 'stopped', why: 'not ended within 30m' }), 'fail'],
    ['is not there', green, run({ kind: 'not-started', why: 'there is no program npx' }), 'fail'],
    ['is stopped with the run', green, run({ kind: 'stopped', why: 'cancelled' }, true), 'error'],
  ])('%s', (_, tests, command, status) => {
    expect(judge(tests, {}, command).of('command')).toMatchObject({ status });
  });
});

const OUTCOMES: readonly TestOutcome[] = ['passed', 'failed', 'flaky', 'skipped'];
const anyTest = fc
  .record({
    suite: fc.constantFrom('A', 'B', 'C'),
    name: fc.constantFrom('x', 'y', 'z'),
    outcome: fc.constantFrom(...OUTCOMES),
  })
  .map(({ suite, name, outcome }) => test(`${suite} › ${name}`, outcome));
const anyTests = fc.array(anyTest, { maxLength: 12 });

describe('whatever the reports say', () => {
  const flows = [flow('a', 'suite:A'), flow('b', 'suite:B')];

  it('an open gate means that each flow has a test that ran, and that nothing failed', () => {
    fc.assert(
      fc.property(fc.array(anyTests, { maxLength: 3 }), (shards) => {
        const seen = {
          run: null,
          reports: reports(...shards.map((tests) => report(tests))),
          sha: SHA,
          now: NOW,
        };
        const { verdict, tests } = judgeE2e({ ...RULES, flows }, seen);
        const failed = shards.flat().some(({ outcome }) => outcome === 'failed' || outcome === 'flaky');
        const proven = ['A', 'B'].every((suite) =>
          tests.some(({ suites, outcome }) => suites[0] === suite && outcome === 'passed'),
        );
        const empty = shards.length === 0 || shards.some((shard) => shard.length === 0);
        expect(verdict === 'pass').toBe(proven && !failed && !empty);
      }),
    );
  });

  it('one more failure never opens it', () => {
    fc.assert(
      fc.property(anyTests, anyTest, (tests, one) => {
        const before = judge(tests, { flows }).verdict;
        const after = judge([...tests, { ...one, outcome: 'failed' }], { flows }).verdict;
        expect(after === 'pass' && before !== 'pass').toBe(false);
        expect(after).not.toBe('pass');
      }),
    );
  });

  it('the order of the shards does not matter, and a report that comes twice counts once', () => {
    fc.assert(
      fc.property(anyTests, anyTests, (one, other) => {
        const lines = (...all: (readonly TestCase[])[]) =>
          mergeReports(all.map((tests) => report(tests)))
            .map(({ suites, name, outcome }) => `${suites} ${name} ${outcome}`)
            .toSorted();
        expect(lines(one, other)).toEqual(lines(other, one));
        expect(lines(one, other, one)).toEqual(lines(one, other));
      }),
    );
  });

  it('attempts: the last one decides, and a pass after a failure is flaky', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom<TestOutcome>('passed', 'failed'), { minLength: 1, maxLength: 5 }),
        (tries) => {
          const [first, ...rest] = tries.map((outcome) => test('A › x', outcome));
          if (first === undefined) return;
          const merged = rest.reduce(mergeAttempts, first);
          const failedOnce = tries.includes('failed');
          expect(merged.attempts).toBe(tries.length);
          expect(merged.outcome).toBe(tries.at(-1) === 'failed' ? 'failed' : failedOnce ? 'flaky' : 'passed');
        },
      ),
    );
  });
});

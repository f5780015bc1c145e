import type { Report, TestCase, TestOutcome } from './test-case.ts';

const WORST_FIRST: readonly TestOutcome[] = ['failed', 'flaky', 'passed', 'skipped'];

/**
 * The tests of all reports. The same test in several of them is one, with the worst that any of them says of it:
 * nobody knows whether a pass elsewhere came after the failure.
 */
export function mergeReports(reports: readonly Report[]): readonly TestCase[] {
  const byIdentity = new Map<string, TestCase>();
  for (const { tests } of reports) {
    for (const test of tests) {
      const identity = identityOf(test);
      const seen = byIdentity.get(identity);
      byIdentity.set(identity, seen === undefined ? test : worse(seen, test));
    }
  }
  return [...byIdentity.values()];
}

/** The attempts at one test in the order in which they were made: a pass after a failure is flaky. */
export function mergeAttempts(earlier: TestCase, later: TestCase): TestCase {
  const attempts = earlier.attempts + later.attempts;
  const duration = earlier.duration + later.duration;
  const message = later.message === '' ? earlier.message : later.message;
  return { ...later, outcome: afterBoth(earlier.outcome, later.outcome), attempts, duration, message };
}

export function identityOf({ variant, file, suites, name }: TestCase): string {
  return JSON.stringify([variant, file, suites, name]);
}

function worse(one: TestCase, other: TestCase): TestCase {
  return WORST_FIRST.indexOf(other.outcome) < WORST_FIRST.indexOf(one.outcome) ? other : one;
}

function afterBoth(earlier: TestOutcome, later: TestOutcome): TestOutcome {
  if (later === 'failed' || later === 'flaky') return later;
  if (later === 'skipped') return earlier;
  return earlier === 'failed' || earlier === 'flaky' ? 'flaky' : 'passed';
}

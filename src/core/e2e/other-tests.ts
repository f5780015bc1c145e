import { type Answer, counted, listed } from '../checks/answer.ts';
import type { E2eRules, FlakyBudget } from './suite.ts';
import { hasRun, shownName, type TestCase, tallyOf, tallyWords } from './test-case.ts';

/** Tests outside of every flow. */
export function decideOtherTests(tests: readonly TestCase[], rule: E2eRules['otherTests']): Answer {
  const expected = 'no test outside of the flows fails';
  const observed = tests.length === 0 ? 'none' : tallyWords(tallyOf(tests));
  if (tests.length === 0 || rule === 'ignore')
    return { status: 'skipped', code: 'not-needed', observed, expected };
  const failed = tests.filter(({ outcome }) => outcome === 'failed');
  if (failed.length === 0) return { status: 'pass', code: 'met', observed, expected };
  return {
    status: rule,
    code: 'failed',
    observed: `${failed.length} of ${counted(tests.length, 'test')} failed: ${listed(failed.map(shownName), 3)}`,
    expected,
    fix: 'repair what the tests have found, or put the test into quarantine with an owner and an end',
  };
}

/** Tests that passed only when tried again, of those that count. */
export function decideFlaky(tests: readonly TestCase[], budget: FlakyBudget): Answer {
  const flaky = tests.filter(({ outcome }) => outcome === 'flaky');
  const ran = tests.filter(hasRun).length;
  const { isWithin, words } = spend(flaky.length, ran, budget);
  const expected = `at most ${words}`;
  const observed = `${flaky.length} of ${counted(ran, 'test')} passed only when tried again`;
  const names = flaky.length === 0 ? {} : { detail: listed(flaky.map(shownName)) };
  if (isWithin) return { status: 'pass', code: 'met', observed, expected, ...names };
  const fix = 'repair the flaky tests, put them into quarantine, or raise `flaky-budget`';
  return { status: 'fail', code: 'not-met', observed, expected, ...names, fix };
}

function spend(flaky: number, ran: number, { kind, most }: FlakyBudget) {
  if (kind === 'count') return { isWithin: flaky <= most, words: `${counted(most, 'flaky test')}` };
  return { isWithin: flaky * 100 <= most * ran, words: `${most} % flaky tests` };
}

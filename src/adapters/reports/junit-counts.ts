import type { TestCase } from '../../core/e2e/test-case.ts';
import { compareCounts } from './counts.ts';
import type { DraftReport } from './draft.ts';
import type { Attributes } from './junit-names.ts';

/** What was read of a suite. */
export interface Counts {
  cases: number;
  tests: number;
  failed: number;
  errors: number;
  skipped: number;
  /** Not counted by the tool, because they are only planned. */
  unrun: number;
}

export function noCounts(): Counts {
  return { cases: 0, tests: 0, failed: 0, errors: 0, skipped: 0, unrun: 0 };
}

/**
 * Two dialects say by their count alone what became of a test. pytest's writes a test once for each time it was tried
 * and counts it once; Jest's writes a test that is only planned as one that took no time and does not count it.
 */
export function settleSuite(
  tests: readonly TestCase[],
  { cases }: Counts,
  told: number,
): readonly TestCase[] {
  if (told === tests.length && told < cases) {
    return tests.map((test) =>
      test.attempts > 1 && test.outcome === 'passed' ? { ...test, outcome: 'flaky' } : test,
    );
  }
  const isUnrun = ({ outcome, duration }: TestCase): boolean => outcome === 'passed' && duration === 0;
  if (told >= cases || tests.filter(isUnrun).length !== cases - told) return tests;
  return tests.map((test) => (isUnrun(test) ? { ...test, outcome: 'skipped' } : test));
}

/**
 * Holds what a suite says of itself against what is in it. Tools count differently: with the suites in it or without,
 * every attempt or every test, an error after a test that passed as one test more.
 */
export function checkCounts(
  report: DraftReport,
  where: string,
  attributes: Attributes,
  own: Counts,
  all: Counts,
): void {
  const told = (name: string): number | undefined => {
    const count = Number(attributes[name] ?? Number.NaN);
    return Number.isInteger(count) ? count : undefined;
  };
  const tests = told('tests');
  // Surefire forgets in its counts what it moves from a nested class when it runs a test again.
  const isForgetful =
    attributes['xsi:noNamespaceSchemaLocation']?.includes('surefire') && (tests ?? 0) < own.cases;
  const alsoFine = [all.cases, own.tests, all.tests, all.cases + all.errors, all.cases - all.unrun];
  if (!isForgetful) compareCounts(report, where, 'tests', tests, own.cases, ...alsoFine);
  const failures = told('failures') ?? 0;
  const errors = told('errors') ?? 0;
  const read = all.failed + all.errors;
  if (failures + errors > read)
    report.disagree(`${where} says ${failures + errors} failed tests, and ${read} were read`);
  const skipped = told('skipped') ?? told('disabled') ?? 0;
  if (skipped > all.skipped)
    report.disagree(`${where} says ${skipped} skipped tests, and ${all.skipped} were read`);
}

import type { EpochMs, Milliseconds } from '../units.ts';

/** `flaky` has failed and then passed when it was tried again. */
export type TestOutcome = 'passed' | 'failed' | 'flaky' | 'skipped';

export const REPORT_FORMATS = ['junit', 'playwright', 'jest', 'ctrf', 'tap'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** One test, however often it was tried. */
export interface TestCase {
  readonly name: string;
  /** What it stands in, outermost first: suites, describe blocks, classes. */
  readonly suites: readonly string[];
  /** As the report writes it. */
  readonly file: string | null;
  readonly line: number | null;
  /** Without the leading `@`. */
  readonly tags: readonly string[];
  /** Browser or project, where one test runs in several. */
  readonly variant: string | null;
  readonly outcome: TestOutcome;
  readonly attempts: number;
  readonly duration: Milliseconds;
  /** What the failure says, its beginning; empty where nothing failed. */
  readonly message: string;
}

/** What one report file says, whatever wrote it. */
export interface Report {
  /** As people know it: from the root of the workspace. */
  readonly path: string;
  readonly format: ReportFormat;
  readonly tests: readonly TestCase[];
  /** Where its own counts are not those of what was read: it was cut, or edited. The first few. */
  readonly disagreements: readonly string[];
  /** What went wrong outside of any test: a file that does not load, a runner that gave up. The first few. */
  readonly troubles: readonly string[];
  /** When the tests began, where it says so with a time zone. */
  readonly startedAt: EpochMs | null;
  /** Commits that it says it is of, in lower case: that which was tested, that which the run was started for. */
  readonly commits: readonly string[];
  readonly shard: { readonly current: number; readonly total: number } | null;
}

const SEPARATOR = ' › ';

/** `Customer booking › pays by card`. */
export function fullName({ suites, name }: Pick<TestCase, 'suites' | 'name'>): string {
  return [...suites, name].join(SEPARATOR);
}

/** The name, with what tells it from the same test elsewhere. */
export function shownName(test: Pick<TestCase, 'suites' | 'name' | 'variant'>): string {
  return test.variant === null ? fullName(test) : `${fullName(test)} [${test.variant}]`;
}

export function hasRun({ outcome }: Pick<TestCase, 'outcome'>): boolean {
  return outcome !== 'skipped';
}

export interface Tally {
  readonly total: number;
  readonly passed: number;
  readonly failed: number;
  readonly flaky: number;
  readonly skipped: number;
}

export function tallyOf(tests: readonly Pick<TestCase, 'outcome'>[]): Tally {
  const tally = { total: tests.length, passed: 0, failed: 0, flaky: 0, skipped: 0 };
  for (const { outcome } of tests) tally[outcome] += 1;
  return tally;
}

/** `3 passed, 1 failed`; parts that are zero are left out. */
export function tallyWords(tally: Tally): string {
  const parts = (['passed', 'flaky', 'failed', 'skipped'] as const).filter((outcome) => tally[outcome] > 0);
  return parts.length === 0 ? 'no test' : parts.map((outcome) => `${tally[outcome]} ${outcome}`).join(', ');
}

import type { CommandEnd } from '../checks/command.ts';
import type { EpochMs, Milliseconds } from '../units.ts';
import type { TestPattern } from './pattern.ts';
import type { Report } from './test-case.ts';

/** A way through the product that must be proven before a change goes on. */
export interface Flow {
  /** Unique in its suite, kebab-case. */
  readonly id: string;
  readonly title: string;
  readonly tests: readonly TestPattern[];
  /** How many tests must have run. */
  readonly minTests: number;
}

/** Tests that may fail for a while, by a person's word. They prove nothing either. */
export interface Quarantine {
  readonly tests: TestPattern;
  readonly owner: string;
  readonly reason: string;
  readonly expires: EpochMs;
}

/** How many tests may pass only when tried again. */
export type FlakyBudget =
  | { readonly kind: 'count'; readonly most: number }
  /** Of the tests that ran. */
  | { readonly kind: 'percent'; readonly most: number };

/** What an E2E gate asks for. */
export interface E2eRules {
  readonly flows: readonly Flow[];
  /** What a failing test outside of every flow does to the gate. */
  readonly otherTests: 'fail' | 'warn' | 'ignore';
  readonly flakyBudget: FlakyBudget;
  readonly quarantine: readonly Quarantine[];
  readonly minReports: number;
  /** How old a report may be; null for any age. */
  readonly maxAge: Milliseconds | null;
}

/** The command that runs the tests. */
export interface TestProgram {
  readonly argv: readonly string[];
  /** From the root of the workspace. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Names of variables that are handed on. */
  readonly envFrom: readonly string[];
  readonly timeout: Milliseconds;
}

/** An E2E gate as the configuration has it. */
export interface E2eSuite extends E2eRules {
  /** Globs, from the root of the workspace. */
  readonly reports: readonly string[];
  /** Null where the tests are run by somebody else. */
  readonly program: TestProgram | null;
}

/** A report file that says nothing. */
export interface UnreadableReport {
  readonly kind: 'unreadable';
  readonly path: string;
  /** `line 3, column 14` or `byte 812`; empty where there is no place to name. */
  readonly position: string;
  readonly why: string;
}

/** A report with what is known of its file. */
export interface WholeReport {
  readonly kind: 'read';
  readonly report: Report;
  readonly modifiedAt: EpochMs;
  /** It is what it was before the tests were run. */
  readonly isLeftOver: boolean;
}

export type ReadReport = WholeReport | UnreadableReport;

/** What was found where the reports should be. */
export interface Reports {
  readonly read: readonly ReadReport[];
  /** Patterns that no file matches, each with what was seen in its place. */
  readonly unmatched: readonly string[];
}

/** How the test command went. */
export interface TestRun {
  readonly argv: readonly string[];
  readonly startedAt: EpochMs;
  readonly end: CommandEnd;
  /** It was stopped because the whole run was. */
  readonly isCancelled: boolean;
  /** What it printed last. */
  readonly output: string;
  readonly duration: Milliseconds;
}

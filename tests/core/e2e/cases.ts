import { wildcardPattern } from '../../../src/core/e2e/pattern.ts';
import type { E2eRules, Flow, Reports } from '../../../src/core/e2e/suite.ts';
import type { Report, TestCase, TestOutcome } from '../../../src/core/e2e/test-case.ts';

export const NOW = Date.parse('2026-11-23T12:00:00Z');
export const SHA = '8d1a5c3f0b2e4a6978c5d4e3f2a1b0c9d8e7f6a5';

/** `Customer booking › books a slot` as a test. */
export function test(path: string, outcome: TestOutcome = 'passed', more: Partial<TestCase> = {}): TestCase {
  const parts = path.split(' › ');
  return {
    name: parts.at(-1) ?? path,
    suites: parts.slice(0, -1),
    file: null,
    line: null,
    tags: [],
    variant: null,
    outcome,
    attempts: outcome === 'flaky' ? 2 : 1,
    duration: 100,
    message: '',
    ...more,
  };
}

export function report(tests: readonly TestCase[], more: Partial<Report> = {}): Report {
  return {
    path: 'a.xml',
    format: 'junit',
    tests,
    disagreements: [],
    troubles: [],
    startedAt: null,
    commits: [],
    shard: null,
    ...more,
  };
}

export function reports(...all: readonly Report[]): Reports {
  return {
    read: all.map((one) => ({ kind: 'read', report: one, modifiedAt: NOW, isLeftOver: false })),
    unmatched: [],
  };
}

export function flow(id: string, ...patterns: readonly string[]): Flow {
  return { id, title: id, tests: patterns.map(wildcardPattern), minTests: 1 };
}

export const RULES: E2eRules = {
  flows: [],
  otherTests: 'fail',
  flakyBudget: { kind: 'count', most: 0 },
  quarantine: [],
  minReports: 1,
  maxAge: null,
};

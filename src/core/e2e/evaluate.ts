import type { Answer } from '../checks/answer.ts';
import { type Answered, type ChecklistVerdict, evaluateChecklist } from '../checks/checklist.ts';
import type { EpochMs, Milliseconds } from '../units.ts';
import { decideTestRun } from './command.ts';
import { decideFlow, type FlowTests, testsOfFlow } from './flow.ts';
import { mergeReports } from './merge.ts';
import { decideFlaky, decideOtherTests } from './other-tests.ts';
import { decideQuarantine, type Parted, partQuarantined } from './quarantined.ts';
import { decideReports } from './reports.ts';
import type { E2eRules, Reports, TestRun } from './suite.ts';
import type { TestCase } from './test-case.ts';

/** Ids of the findings that are there beside those of the flows. No flow may be called so. */
export const OTHER_FINDINGS = ['command', 'reports', 'other-tests', 'flaky', 'quarantine'] as const;

/** What an E2E gate has to judge by. */
export interface E2eSeen {
  /** Null where the tests were run by somebody else. */
  readonly run: TestRun | null;
  readonly reports: Reports;
  readonly sha: string;
  readonly now: EpochMs;
}

export interface E2eJudged extends ChecklistVerdict, Parted {
  /** Every test once. */
  readonly tests: readonly TestCase[];
  readonly flows: readonly FlowTests[];
}

/** The verdict on what the tests have shown. */
export function judgeE2e(rules: E2eRules, seen: E2eSeen): E2eJudged {
  const { run, reports, now } = seen;
  const tests = mergeReports(reports.read.flatMap((one) => (one.kind === 'read' ? [one.report] : [])));
  const parted = partQuarantined(tests, rules.quarantine, now);
  const flows = rules.flows.map((flow) => testsOfFlow(flow, parted));
  const inFlows = new Set(flows.flatMap((flow) => flow.tests));
  const others = parted.counting.filter((test) => !inFlows.has(test));
  const failed = tests.filter(({ outcome }) => outcome === 'failed').length;
  const ranAt = run?.startedAt ?? null;
  const answered = [
    ...(run === null ? [] : [one('command', 'Test command', decideTestRun(run, failed), run.duration)]),
    one('reports', 'Test reports', decideReports(reports, { ...rules, ...seen, ranAt })),
    ...flows.map((proof) =>
      one(proof.flow.id, proof.flow.title, answerOf(proof, tests), timeOf(proof.tests)),
    ),
    one('other-tests', 'Other tests', decideOtherTests(others, rules.otherTests)),
    one('flaky', 'Flaky tests', decideFlaky(parted.counting, rules.flakyBudget)),
    ...(rules.quarantine.length === 0
      ? []
      : [one('quarantine', 'Quarantine', decideQuarantine(rules.quarantine, tests, parted, now))]),
  ];
  return { ...evaluateChecklist(answered, [], now), ...parted, tests, flows };
}

function one(id: string, title: string, answer: Answer, durationMs: Milliseconds = 0): Answered {
  return { id, title, severity: 'block', answer, durationMs: Math.round(durationMs) };
}

export function timeOf(tests: readonly TestCase[]): Milliseconds {
  return tests.reduce((sum, { duration }) => sum + duration, 0);
}

function answerOf(proof: FlowTests, tests: readonly TestCase[]): Answer {
  if (tests.length > 0) return decideFlow(proof, tests);
  const expected = 'at least one test of the flow ran, and all of its tests passed';
  return { status: 'no-data', code: 'missing', observed: 'no report says anything', expected };
}

import { basename } from 'node:path';
import type { TestOutcome } from '../../core/e2e/test-case.ts';
import { compareCounts } from './counts.ts';
import type { DraftReport, TestDraft } from './draft.ts';
import { tagsIn } from './draft.ts';
import { each, type JsonNode, type Scalar, texts } from './json-events.ts';
import { ReportFlaw } from './report-flaw.ts';

/** What `jest --json` and Vitest's `json` reporter write: a list of files, each with its tests. */
export function jestNodes(report: DraftReport, place: () => string) {
  const counts = new Map<string, number>();
  const read = { total: 0, failed: 0, passed: 0, troubles: 0 };
  const told = { success: true, interrupted: false };
  const add = (test: TestDraft): void => {
    read.total += 1;
    if (test.outcome === 'failed') read.failed += 1;
    if (test.outcome === 'passed' || test.outcome === 'flaky') read.passed += 1;
    report.add(test);
  };
  const trouble = (what: string): void => {
    read.troubles += 1;
    report.trouble(what);
  };
  const scalar = (key: string, value: Scalar): void => {
    if (typeof value === 'number') counts.set(key, value);
    if (key === 'startTime' && typeof value === 'number') report.startAt(value);
    if (key === 'success') told.success = value !== false;
    if (key === 'wasInterrupted') told.interrupted = value === true;
  };
  const open = (key: string): JsonNode | null =>
    key === 'testResults' ? each(() => fileNode(add, trouble, place)) : null;
  const finish = (): void => {
    compareCounts(report, 'the head', 'tests', counts.get('numTotalTests'), read.total);
    compareCounts(report, 'the head', 'failed tests', counts.get('numFailedTests'), read.failed);
    compareCounts(report, 'the head', 'passed tests', counts.get('numPassedTests'), read.passed);
    if (told.interrupted) report.trouble('the run was interrupted');
    if (!told.success && read.failed === 0 && read.troubles === 0) {
      report.trouble('it says that the run was no success, and not why');
    }
  };
  return { scalar, open, finish };
}

interface Assertion {
  title: string;
  status: string;
  duration: number;
  line: number;
  invocations: number;
  readonly ancestors: string[];
  readonly messages: string[];
  readonly retries: string[];
}

/** The name of the file may come after its tests. */
function fileNode(
  add: (test: TestDraft) => void,
  trouble: (what: string) => void,
  place: () => string,
): JsonNode {
  const file = { name: '', status: '', message: '' };
  const assertions: Assertion[] = [];
  return {
    scalar: (key, value) => {
      if (typeof value !== 'string') return;
      if (key === 'name' || key === 'status') file[key] = value;
      if (key === 'message') file.message = value.slice(0, 2_000);
    },
    open: (key) =>
      key === 'assertionResults' ? each(() => assertionNode((one) => assertions.push(one))) : null,
    close: () => {
      const tests = assertions.map((assertion) => toDraft(assertion, file.name, place));
      for (const test of tests) add(test);
      if (file.status !== 'failed' || tests.some(({ outcome }) => outcome === 'failed')) return;
      const [first = ''] = file.message.trim().split('\n');
      trouble(`${basename(file.name)} failed outside of its tests: ${first}`);
    },
  };
}

function assertionNode(done: (assertion: Assertion) => void): JsonNode {
  const assertion: Assertion = {
    title: '',
    status: '',
    duration: 0,
    line: 0,
    invocations: 1,
    ancestors: [],
    messages: [],
    retries: [],
  };
  return {
    scalar: (key, value) => {
      if ((key === 'title' || key === 'status') && typeof value === 'string') assertion[key] = value;
      if ((key === 'duration' || key === 'invocations') && typeof value === 'number') assertion[key] = value;
    },
    open: (key) => {
      if (key === 'ancestorTitles') return texts(assertion.ancestors);
      if (key === 'failureMessages') return texts(assertion.messages);
      if (key === 'retryReasons') return texts(assertion.retries);
      if (key !== 'location') return null;
      return {
        scalar: (field, value) => {
          if (field === 'line' && typeof value === 'number') assertion.line = value;
        },
      };
    },
    close: () => done(assertion),
  };
}

function toDraft(assertion: Assertion, file: string, place: () => string): TestDraft {
  const { title: name, ancestors: suites, duration, line, messages, retries } = assertion;
  const outcome = outcomeOf(assertion, place);
  const attempts = Math.max(1, assertion.invocations, retries.length + 1, outcome === 'flaky' ? 2 : 1);
  const message = messages.at(-1) ?? retries.at(-1) ?? '';
  const tags = [...suites, name].flatMap(tagsIn);
  return { name, suites, file, line, tags, outcome, attempts, duration, message };
}

/** A test that passed and has a failure to tell of was tried again. */
function outcomeOf({ status, messages, retries, invocations }: Assertion, place: () => string): TestOutcome {
  switch (status) {
    case 'passed':
      return messages.length + retries.length > 0 || invocations > 1 ? 'flaky' : 'passed';
    case 'failed':
      return 'failed';
    case 'pending':
    case 'skipped':
    case 'todo':
    case 'disabled':
      return 'skipped';
    default:
      throw new ReportFlaw(`expected the status of a test, saw '${status.slice(0, 40)}'`, place());
  }
}

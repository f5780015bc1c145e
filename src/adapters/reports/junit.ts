import { mergeAttempts } from '../../core/e2e/merge.ts';
import type { TestCase } from '../../core/e2e/test-case.ts';
import {
  type DraftReport,
  draftReport,
  isSourceFile,
  type ReportParser,
  tagsIn,
  toTest,
  zonedInstant,
} from './draft.ts';
import { type Counts, checkCounts, noCounts, settleSuite } from './junit-counts.ts';
import { type Attributes, type NamedSuite, namesOf, variantOf } from './junit-names.ts';
import { ReportFlaw } from './report-flaw.ts';
import { xmlEvents } from './xml-events.ts';

/** A `testsuite` that has not ended. */
interface Suite extends NamedSuite {
  /** Those of this very suite by what makes them the same test, the order being that of the attempts. */
  readonly tests: Map<string, TestCase>;
  readonly own: Counts;
  /** With those of the suites in it. */
  readonly all: Counts;
}

/** A `testcase` that has not ended. */
interface Case {
  readonly attributes: Attributes;
  readonly tags: string[];
  failures: number;
  errors: number;
  /** Attempts that failed before one that passed, or after the first. */
  flakes: number;
  reruns: number;
  isSkipped: boolean;
  message: string;
}

const PROBLEMS = ['failure', 'error', 'flakyFailure', 'flakyError', 'rerunFailure', 'rerunError'];
/** Names under which a report may say its commit. */
const COMMIT_PROPERTY = /^((git|ci|vcs)[._-])?(commit|revision|sha)([._-](hash|id|sha))?$|^GITHUB_SHA$/i;
const LONGEST_MESSAGE = 2_000;

/** JUnit XML in the dialects of Playwright, Cypress, Jest, Vitest, pytest, Maven Surefire and Go. */
export function junitReport(): ReportParser {
  const report = draftReport();
  const suites: Suite[] = [];
  const root = { attributes: {} as Attributes, counts: noCounts() };
  let open: Case | null = null;
  let problem: string | null = null;
  let isRooted = false;

  const start = (element: string, attributes: Attributes): void => {
    if (!isRooted && element !== 'testsuites' && element !== 'testsuite') {
      throw new ReportFlaw(`expected JUnit XML, saw <${element.slice(0, 60)}>`, events.place());
    }
    isRooted = true;
    if (element === 'testsuites') root.attributes = attributes;
    else if (element === 'testsuite') suites.push(newSuite(attributes, report));
    else if (element === 'testcase') open = newCase(attributes, events.place());
    else if (element === 'property') property(attributes, open, report);
    else if (open !== null) problem = inCase(element, attributes, open) ?? problem;
  };
  const text = (piece: string): void => {
    if (open === null || problem === null || open.message.length >= LONGEST_MESSAGE) return;
    open.message += piece.slice(0, LONGEST_MESSAGE);
  };
  const close = (element: string): void => {
    if (element === problem) problem = null;
    if (element === 'testcase' && open !== null) {
      endCase(open, suites, root.counts, root.attributes, report);
      open = null;
    }
    if (element === 'testsuite') endSuite(suites, root.counts, report);
  };
  const events = xmlEvents({ open: start, text, close });
  const end = () => {
    events.end();
    checkCounts(report, 'testsuites', root.attributes, root.counts, root.counts);
    return report.finish('junit');
  };
  return { write: events.write, end };
}

function newSuite(attributes: Attributes, report: DraftReport): Suite {
  report.startAt(zonedInstant(attributes.timestamp ?? ''));
  const name = attributes.name ?? '';
  return { name, attributes, tests: new Map(), own: noCounts(), all: noCounts() };
}

function newCase(attributes: Attributes, place: string): Case {
  if ((attributes.name ?? '') === '')
    throw new ReportFlaw('expected a testcase with a name, saw none', place);
  // GoogleTest has no element for a test that was not run.
  const isSkipped = attributes.status === 'notrun' || attributes.result === 'skipped';
  return { attributes, tags: [], failures: 0, errors: 0, flakes: 0, reruns: 0, isSkipped, message: '' };
}

function property({ name = '', value = '' }: Attributes, open: Case | null, report: DraftReport): void {
  if (COMMIT_PROPERTY.test(name)) report.commit(value);
  if (open !== null && (name === 'tag' || name === 'tags')) open.tags.push(...value.split(/[\s,]+/));
}

/** What stands in a test case; tells the element whose text says what went wrong. */
function inCase(element: string, { message = '' }: Attributes, open: Case): string | null {
  if (element === 'skipped') open.isSkipped = true;
  if (element === 'failure') open.failures += 1;
  if (element === 'error') open.errors += 1;
  if (element === 'flakyFailure' || element === 'flakyError') open.flakes += 1;
  if (element === 'rerunFailure' || element === 'rerunError') open.reruns += 1;
  if (!PROBLEMS.includes(element) || open.message !== '') return null;
  open.message = message === '' ? '' : `${message.slice(0, LONGEST_MESSAGE)}\n`;
  return element;
}

function endCase(
  open: Case,
  suites: readonly Suite[],
  counts: Counts,
  root: Attributes,
  report: DraftReport,
): void {
  const suite = suites.at(-1);
  const test = toCase(open, suites, root);
  const { failed, errors } = { failed: open.failures > 0, errors: open.errors > 0 };
  for (const into of [...suites.map(({ all }) => all), ...(suite === undefined ? [] : [suite.own]), counts]) {
    into.cases += 1;
    into.failed += failed ? 1 : 0;
    into.errors += errors && !failed ? 1 : 0;
    into.skipped += test.outcome === 'skipped' ? 1 : 0;
  }
  if (suite === undefined) {
    report.addTest(test);
    return;
  }
  const identity = JSON.stringify([test.suites, test.name, test.file]);
  const earlier = suite.tests.get(identity);
  suite.tests.set(identity, earlier === undefined ? test : mergeAttempts(earlier, test));
}

function toCase(open: Case, suites: readonly Suite[], root: Attributes): TestCase {
  const { attributes, flakes, reruns, isSkipped, message } = open;
  const { classname = '' } = attributes;
  const failed = open.failures + open.errors > 0;
  const { name, path } = namesOf(attributes, suites);
  const file =
    attributes.file ?? suites.findLast((suite) => suite.attributes.file !== undefined)?.attributes.file;
  return toTest({
    name,
    suites: path,
    file: file ?? [classname, ...suites.map((suite) => suite.name)].find(isSourceFile) ?? null,
    line: attributes.line === undefined ? null : Number(attributes.line),
    tags: [...open.tags, ...[...path, name].flatMap(tagsIn)],
    variant: variantOf(suites, root, classname),
    outcome: failed ? 'failed' : isSkipped ? 'skipped' : flakes > 0 ? 'flaky' : 'passed',
    attempts: 1 + flakes + reruns,
    duration: Number((attributes.time ?? '').replaceAll(',', '')) * 1_000,
    message,
  });
}

function endSuite(suites: Suite[], counts: Counts, report: DraftReport): void {
  const suite = suites.pop();
  if (suite === undefined) return;
  const told = Number(suite.attributes.tests ?? Number.NaN);
  const settled = settleSuite([...suite.tests.values()], suite.own, told);
  for (const test of settled) report.addTest(test);
  const unrun = settled.filter(({ outcome }) => outcome === 'skipped').length - suite.own.skipped;
  for (const into of [suite.own, suite.all, ...suites.map(({ all }) => all), counts]) into.unrun += unrun;
  suite.own.tests = settled.length;
  for (const into of [...suites.map(({ all }) => all), counts]) into.tests += settled.length;
  checkCounts(report, `testsuite '${suite.name}'`, suite.attributes, suite.own, suite.all);
}

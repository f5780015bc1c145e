import type { TestOutcome } from '../../core/e2e/test-case.ts';
import { compareCounts } from './counts.ts';
import { type DraftReport, zonedInstant } from './draft.ts';
import { each, type JsonNode, type Scalar, texts } from './json-events.ts';
import { ReportFlaw } from './report-flaw.ts';

interface Suite {
  title: string;
  readonly parent: Suite | null;
}

interface Spec {
  title: string;
  file: string;
  line: number;
  readonly tags: string[];
  readonly tests: Tried[];
}

interface Tried {
  project: string;
  status: string;
  expected: string;
  readonly results: Result[];
}

interface Result {
  status: string;
  duration: number;
  message: string;
}

interface Told {
  rootDir: string;
  shard: { current: number; total: number };
  readonly counts: Map<string, number>;
  readonly read: Map<string, number>;
}

/** What Playwright's `json` reporter writes: suites in suites, in them specs, each run as a test in every project. */
export function playwrightNodes(report: DraftReport, place: () => string) {
  const told: Told = { rootDir: '', shard: { current: 0, total: 0 }, counts: new Map(), read: new Map() };
  const open = (key: string): JsonNode | null => {
    if (key === 'config') return configNode(told, report);
    if (key === 'suites') return each(() => suiteNode({ title: '', parent: null }, told, report, place));
    if (key === 'errors') return each(() => textNode('message', (text) => report.trouble(firstLine(text))));
    return key === 'stats' ? statsNode(told, report) : null;
  };
  const finish = (): void => {
    report.shard(told.shard.current, told.shard.total);
    for (const status of ['expected', 'unexpected', 'flaky', 'skipped']) {
      compareCounts(report, 'stats', `${status} tests`, told.counts.get(status), told.read.get(status) ?? 0);
    }
  };
  return { open, finish };
}

function configNode(told: Told, report: DraftReport): JsonNode {
  return {
    scalar: (key, value) => {
      if (key === 'rootDir' && typeof value === 'string') told.rootDir = value;
    },
    open: (key) => {
      if (key === 'shard') return { scalar: (field, value) => setShard(told, field, value) };
      return key === 'metadata' ? metadataNode(report) : null;
    },
  };
}

function setShard({ shard }: Told, field: string, value: Scalar): void {
  if (typeof value === 'number' && (field === 'current' || field === 'total')) shard[field] = value;
}

/** `gitCommit.hash` and `ci.commitHash`, where Playwright was told to capture them. */
function metadataNode(report: DraftReport): JsonNode {
  return {
    open: (key) => {
      if (key === 'gitCommit') return textNode('hash', report.commit);
      return key === 'ci' ? textNode('commitHash', report.commit) : null;
    },
  };
}

function textNode(key: string, take: (text: string) => void): JsonNode {
  return {
    scalar: (field, value) => {
      if (field === key && typeof value === 'string') take(value);
    },
  };
}

function statsNode({ counts }: Told, report: DraftReport): JsonNode {
  return {
    scalar: (key, value) => {
      if (typeof value === 'number') counts.set(key, value);
      if (key === 'startTime' && typeof value === 'string') report.startAt(zonedInstant(value));
    },
  };
}

/** A suite may say its title after its tests: then they are told only when the outermost one ends. */
function suiteNode(suite: Suite, told: Told, report: DraftReport, place: () => string): JsonNode {
  const waiting: (() => void)[] = [];
  const within = (self: Suite): JsonNode => ({
    scalar: (key, value) => {
      if (key === 'title' && typeof value === 'string') self.title = value;
    },
    open: (key) => {
      if (key === 'suites') return each(() => within({ title: '', parent: self }));
      if (key !== 'specs') return null;
      const add = (spec: Spec): void => {
        const isTitled = titlesOf(self, '').every((title) => title !== '');
        if (isTitled) tell(spec, self, told, report);
        else waiting.push(() => tell(spec, self, told, report));
      };
      return each(() => specNode(add, place));
    },
  });
  const close = (): void => {
    for (const add of waiting) add();
  };
  return { ...within(suite), close };
}

function specNode(done: (spec: Spec) => void, place: () => string): JsonNode {
  const spec: Spec = { title: '', file: '', line: 0, tags: [], tests: [] };
  return {
    scalar: (key, value) => {
      if ((key === 'title' || key === 'file') && typeof value === 'string') spec[key] = value;
      if (key === 'line' && typeof value === 'number') spec.line = value;
    },
    open: (key) => {
      if (key === 'tags') return texts(spec.tags);
      return key === 'tests' ? each(() => testNode((test) => spec.tests.push(test), place)) : null;
    },
    close: () => done(spec),
  };
}

const STATUSES = ['expected', 'unexpected', 'flaky', 'skipped'];

function testNode(done: (test: Tried) => void, place: () => string): JsonNode {
  const test: Tried = { project: '', status: '', expected: 'passed', results: [] };
  return {
    scalar: (key, value) => {
      if (typeof value !== 'string') return;
      if (key === 'projectName') test.project = value;
      if (key === 'status') test.status = value;
      if (key === 'expectedStatus') test.expected = value;
    },
    open: (key) => (key === 'results' ? each(() => resultNode((result) => test.results.push(result))) : null),
    close: () => {
      if (STATUSES.includes(test.status)) return done(test);
      const expected = `expected a test's status among ${STATUSES.join(', ')}`;
      throw new ReportFlaw(`${expected}, saw '${test.status.slice(0, 40)}'`, place());
    },
  };
}

function resultNode(done: (result: Result) => void): JsonNode {
  const result: Result = { status: '', duration: 0, message: '' };
  return {
    scalar: (key, value) => {
      if (key === 'status' && typeof value === 'string') result.status = value;
      if (key === 'duration' && typeof value === 'number') result.duration = value;
    },
    open: (key) => {
      if (key !== 'error') return null;
      return {
        scalar: (field, value) => {
          if (field === 'message' && typeof value === 'string') result.message = value.slice(0, 2_000);
        },
      };
    },
    close: () => done(result),
  };
}

function tell(spec: Spec, suite: Suite, told: Told, report: DraftReport): void {
  const suites = titlesOf(suite, spec.file);
  const { title: name, line, tags } = spec;
  for (const test of spec.tests) {
    told.read.set(test.status, (told.read.get(test.status) ?? 0) + 1);
    const file = spec.file === '' || told.rootDir === '' ? spec.file : `${told.rootDir}/${spec.file}`;
    const message = test.results.findLast((result) => result.message !== '')?.message ?? '';
    report.add({
      name,
      suites,
      file,
      line,
      tags,
      variant: test.project,
      outcome: outcomeOf(test),
      attempts: Math.max(1, test.results.length),
      duration: test.results.reduce((sum, { duration }) => sum + duration, 0),
      message: message === '' ? `ended as '${test.results.at(-1)?.status ?? 'nothing'}'` : message,
    });
  }
}

/** The outermost suite is the file, which is told on its own. */
function titlesOf(suite: Suite, file: string): readonly string[] {
  const titles: string[] = [];
  for (let at: Suite | null = suite; at !== null; at = at.parent) titles.unshift(at.title);
  return titles[0] === file ? titles.slice(1) : titles;
}

/** The status of a test, unless its own results speak against it. */
function outcomeOf({ status, expected, results }: Tried): TestOutcome {
  if (status === 'unexpected') return 'failed';
  const last = results.at(-1)?.status;
  if (status === 'skipped' || last === undefined || last === 'skipped') return 'skipped';
  if (last !== expected) return 'failed';
  return status === 'flaky' || results.length > 1 ? 'flaky' : 'passed';
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

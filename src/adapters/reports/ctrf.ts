import type { TestOutcome } from '../../core/e2e/test-case.ts';
import { compareCounts } from './counts.ts';
import { type DraftReport, isSourceFile } from './draft.ts';
import { each, type JsonNode, type Scalar, texts } from './json-events.ts';
import { ReportFlaw } from './report-flaw.ts';

interface Test {
  readonly text: Map<string, string>;
  readonly figure: Map<string, number>;
  readonly suites: string[];
  readonly tags: string[];
  isFlaky: boolean;
}

const STATUSES = ['passed', 'failed', 'skipped', 'pending', 'other'] as const;

/** The Common Test Report Format: `results` with a tool, a summary and a flat list of tests. */
export function ctrfNodes(report: DraftReport, place: () => string) {
  const counts = new Map<string, number>();
  const read = new Map<string, number>();
  let sawTests = false;
  const summary: JsonNode = {
    scalar: (key, value) => {
      if (typeof value === 'number') counts.set(key, value);
      if (key === 'start' && typeof value === 'number' && value > 0) report.startAt(value);
    },
  };
  const environment: JsonNode = {
    scalar: (key, value) => {
      if (key === 'commit' && typeof value === 'string') report.commit(value);
    },
  };
  const count = (status: string): void => void read.set(status, (read.get(status) ?? 0) + 1);
  const open = (key: string): JsonNode | null => {
    if (key === 'summary') return summary;
    if (key === 'environment') return environment;
    if (key !== 'tests') return null;
    sawTests = true;
    return each(() => testNode(report, count, place));
  };
  const finish = (): void => {
    if (!sawTests) throw new ReportFlaw('expected `results.tests`, saw none', '');
    const total = [...read.values()].reduce((sum, one) => sum + one, 0);
    compareCounts(report, 'the summary', 'tests', counts.get('tests'), total);
    for (const status of STATUSES) {
      compareCounts(report, 'the summary', `${status} tests`, counts.get(status), read.get(status) ?? 0);
    }
  };
  return { node: { open } satisfies JsonNode, finish };
}

function testNode(report: DraftReport, count: (status: string) => void, place: () => string): JsonNode {
  const test: Test = { text: new Map(), figure: new Map(), suites: [], tags: [], isFlaky: false };
  return {
    scalar: (key, value) => setField(test, key, value),
    open: (key) => {
      if (key === 'tags') return texts(test.tags);
      return key === 'suite' ? texts(test.suites) : null;
    },
    close: () => {
      const status = test.text.get('status') ?? '';
      if (!STATUSES.some((one) => one === status)) {
        const expected = `expected a test's status among ${STATUSES.join(', ')}`;
        throw new ReportFlaw(`${expected}, saw '${status.slice(0, 40)}'`, place());
      }
      count(status);
      tell(test, status, report);
    },
  };
}

function setField(test: Test, key: string, value: Scalar): void {
  if (typeof value === 'string') test.text.set(key, value.slice(0, 2_000));
  if (typeof value === 'number') test.figure.set(key, value);
  if (key === 'flaky') test.isFlaky = value === true;
}

function tell({ text, figure, suites, tags, isFlaky }: Test, status: string, report: DraftReport): void {
  const retries = figure.get('retries') ?? 0;
  const message = text.get('message') ?? text.get('trace') ?? '';
  const path = text.get('suite')?.split(/ > | › /) ?? suites;
  const file = path.findIndex(isSourceFile);
  const around = path.slice(file + 1);
  report.add({
    name: ownName(text.get('name') ?? '', around),
    suites: around,
    file: text.get('filePath') ?? text.get('filepath') ?? null,
    line: figure.get('line') ?? null,
    tags,
    // Playwright's puts the project before the file.
    variant: text.get('browser') ?? path[file - 1] ?? null,
    outcome: outcomeOf(status, text.get('rawStatus') ?? '', isFlaky || retries > 0),
    attempts: retries + 1,
    duration: figure.get('duration') ?? null,
    message: message === '' ? `ended as '${status}'` : message,
  });
}

/** Jest's has the describe blocks in the name once more. */
function ownName(name: string, around: readonly string[]): string {
  const prefix = `${around.join(' ')} `;
  return around.length > 0 && name.startsWith(prefix) ? name.slice(prefix.length) : name;
}

/** `other` is neither a pass nor left out: but for a test that is only planned, nobody knows, and so it is no pass. */
function outcomeOf(status: string, raw: string, wasRetried: boolean): TestOutcome {
  if (status === 'passed') return wasRetried ? 'flaky' : 'passed';
  if (status === 'other')
    return ['todo', 'pending', 'skipped', 'disabled'].includes(raw) ? 'skipped' : 'failed';
  return status === 'failed' ? 'failed' : 'skipped';
}

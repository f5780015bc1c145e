import type { Report, ReportFormat, TestCase, TestOutcome } from '../../core/e2e/test-case.ts';
import type { EpochMs, Milliseconds } from '../../core/units.ts';
import { ReportFlaw } from './report-flaw.ts';

/** A test as its report has it, before it is cut to size. */
export interface TestDraft {
  readonly name: string;
  readonly suites: readonly string[];
  readonly file?: string | null;
  readonly line?: number | null;
  readonly tags?: readonly string[];
  readonly variant?: string | null;
  readonly outcome: TestOutcome;
  readonly attempts?: number;
  readonly duration?: Milliseconds | null;
  readonly message?: string;
}

/** What a parser has read, without the name of the file. */
export type ParsedReport = Omit<Report, 'path'>;

/** Reads one report piece by piece. Throws a ReportFlaw at what no report can be. */
export interface ReportParser {
  readonly write: (chunk: Uint8Array) => void;
  /** Nothing more comes. */
  readonly end: () => ParsedReport;
}

export interface DraftReport {
  readonly add: (draft: TestDraft) => void;
  readonly addTest: (test: TestCase) => void;
  readonly disagree: (what: string) => void;
  readonly trouble: (what: string) => void;
  readonly startAt: (at: EpochMs) => void;
  readonly commit: (sha: string) => void;
  readonly shard: (current: number, total: number) => void;
  readonly finish: (format: ReportFormat) => ParsedReport;
}

/** More tests than this in one file are no test report. */
const MOST_TESTS = 1_000_000;
const MOST_NOTES = 5;
const LONGEST_NAME = 500;
const LONGEST_MESSAGE = 2_000;

export function draftReport(): DraftReport {
  const tests: TestCase[] = [];
  const disagreements: string[] = [];
  const troubles: string[] = [];
  const commits = new Set<string>();
  const told: { startedAt: EpochMs | null; shard: Report['shard'] } = { startedAt: null, shard: null };
  const note = (list: string[], what: string): void => {
    if (list.length < MOST_NOTES) list.push(copyOf(what.slice(0, LONGEST_NAME)));
  };
  const addTest = (test: TestCase): void => {
    if (tests.length >= MOST_TESTS) throw new ReportFlaw(`more than ${MOST_TESTS} tests`, '');
    tests.push(test);
  };
  return {
    add: (draft) => addTest(toTest(draft)),
    addTest,
    disagree: (what) => note(disagreements, what),
    trouble: (what) => note(troubles, what),
    startAt: (at) => {
      if (Number.isFinite(at)) told.startedAt = Math.min(at, told.startedAt ?? at);
    },
    commit: (sha) => {
      if (/^[0-9a-f]{7,40}$/i.test(sha) && commits.size < 5) commits.add(copyOf(sha.toLowerCase()));
    },
    shard: (current, total) => {
      if (total >= 1 && current >= 1 && current <= total) told.shard = { current, total };
    },
    finish: (format) => ({ format, tests, disagreements, troubles, commits: [...commits], ...told }),
  };
}

export function toTest(draft: TestDraft): TestCase {
  const { name, suites, file = null, line = null, tags = [], variant = null, outcome } = draft;
  const shut = outcome === 'failed' || outcome === 'flaky';
  return {
    name: copyOf(name.slice(0, LONGEST_NAME)),
    suites: suites.filter((suite) => suite !== '').map(kept),
    file: file === null || file === '' ? null : kept(file),
    line: line !== null && Number.isInteger(line) && line > 0 ? line : null,
    tags: tags.slice(0, 50).map((tag) => kept(tag.replace(/^@/, ''))),
    variant: variant === null || variant === '' ? null : kept(variant),
    outcome,
    attempts: draft.attempts ?? (outcome === 'flaky' ? 2 : 1),
    duration: durationOf(draft.duration),
    message: shut ? copyOf((draft.message ?? '').slice(0, LONGEST_MESSAGE)) : '',
  };
}

function durationOf(duration: Milliseconds | null | undefined): Milliseconds {
  return typeof duration === 'number' && Number.isFinite(duration) && duration > 0 ? duration : 0;
}

/** `@smoke` in a title is a tag, as Playwright and Cypress have it. */
export function tagsIn(title: string): readonly string[] {
  return title.includes('@') ? (title.match(/(?<=^|\s)@[\p{L}\p{N}_:/-]+/gu) ?? []) : [];
}

/** Whether it reads like the name of a file with tests in it. */
export function isSourceFile(text: string): boolean {
  return /\.(c|m)?(j|t)sx?$|\.(py|go|java|kt|rb|php|cs|feature)$/.test(text);
}

const shared = new Map<string, string>();

/** Suites and files come again and again: one copy of each serves them all. */
function kept(text: string): string {
  const short = text.slice(0, LONGEST_NAME);
  const known = shared.get(short);
  if (known !== undefined) return known;
  const copy = copyOf(short);
  if (shared.size >= 10_000) shared.clear();
  shared.set(copy, copy);
  return copy;
}

/** A piece of a chunk keeps all of the chunk alive; a copy does not. */
function copyOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

/** An instant that says its time zone; NaN for any other text. */
export function zonedInstant(text: string): EpochMs {
  return /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:?\d{2})$/.test(text) ? Date.parse(text) : Number.NaN;
}

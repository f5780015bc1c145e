import { formatAge } from '../checks/age.ts';
import { type Answer, counted, listed } from '../checks/answer.ts';
import type { FindingCode } from '../checks/code.ts';
import { type EpochMs, formatDuration, type Milliseconds } from '../units.ts';
import type { E2eRules, Reports, UnreadableReport, WholeReport } from './suite.ts';
import { type Report, tallyOf, tallyWords } from './test-case.ts';

/** What the reports are held against. */
export interface ReportsAsked extends Pick<E2eRules, 'minReports' | 'maxAge'> {
  readonly sha: string;
  readonly now: EpochMs;
  /** When the test command was started; null where it was not ours. */
  readonly ranAt: EpochMs | null;
}

interface Trouble {
  readonly code: FindingCode;
  readonly what: string;
  readonly fix: string;
}

/** Clocks of one machine agree; a report is stamped a moment before or after its tests. */
const SLACK: Milliseconds = 5_000;

/** Whether the reports can be believed: there, whole, of this commit, and of this run. */
export function decideReports({ read, unmatched }: Reports, asked: ReportsAsked): Answer {
  const whole = read.filter((one) => one.kind === 'read');
  const troubles = [
    ...unmatched.map(notThere),
    ...read.flatMap((one) => (one.kind === 'unreadable' ? [unreadable(one)] : [])),
    ...whole.flatMap((one) => troublesOf(one, asked)),
    ...missingShards(whole.map(({ report }) => report)),
    ...tooFew(read.length, asked.minReports),
  ];
  const tests = whole.flatMap(({ report }) => report.tests);
  const seen = `${counted(whole.length, 'report')} with ${counted(tests.length, 'test')}: ${tallyWords(tallyOf(tests))}`;
  const expected = expectedOf(asked);
  const [first] = troubles;
  if (first === undefined) return { status: 'pass', code: 'met', observed: seen, expected };
  const observed = listed(
    troubles.map(({ what }) => what),
    3,
  );
  const fix = [...new Set(troubles.map((trouble) => trouble.fix))].slice(0, 2).join('; ');
  return { status: 'fail', code: first.code, observed, expected, detail: seen, fix };
}

function expectedOf({ minReports, maxAge, ranAt }: ReportsAsked): string {
  const fresh = ranAt === null ? '' : ' by this run';
  const age = maxAge === null ? '' : `, at most ${formatDuration(maxAge)} old`;
  return `at least ${counted(minReports, 'whole report')} of this commit, written${fresh}${age}`;
}

function notThere(what: string): Trouble {
  const fix = 'run the tests with a reporter that writes there, or correct `reports`';
  return { code: 'missing', what, fix };
}

function unreadable({ path, position, why }: UnreadableReport): Trouble {
  const where = position === '' ? path : `${path}, ${position}`;
  const fix =
    'let the tests end by themselves and write the report anew, or name only reports under `reports`';
  return { code: 'unreadable', what: `${where}: ${why}`, fix };
}

function troublesOf(one: WholeReport, asked: ReportsAsked): readonly Trouble[] {
  const { path, tests, disagreements, troubles } = one.report;
  const empty = { code: 'missing', what: `${path} holds no test`, fix: 'run the tests' } as const;
  return [
    ...(tests.length === 0 ? [empty] : []),
    ...disagreements.map((what) => ({
      code: 'unreadable' as const,
      what: `${path} was truncated or edited: ${what}`,
      fix: 'write the report anew and leave it as the tool wrote it',
    })),
    ...troubles.map((what) => ({
      code: 'failed' as const,
      what: `${path}: ${what}`,
      fix: 'repair what kept the tests from running',
    })),
    ...staleness(one, asked),
  ];
}

function staleness({ report, modifiedAt, isLeftOver }: WholeReport, asked: ReportsAsked): readonly Trouble[] {
  const { path, startedAt, commits } = report;
  const { sha, now, ranAt, maxAge } = asked;
  const stale = (what: string, fix: string): Trouble => ({ code: 'stale', what: `${path} ${what}`, fix });
  const rerun =
    'let the command write its report where `reports` says, and remove what earlier runs left there';
  const began = startedAt ?? modifiedAt;
  const anew = 'run the tests for this commit';
  return [
    ...(isLeftOver ? [stale('was there before the tests ran', rerun)] : []),
    ...(!isLeftOver && ranAt !== null && began < ranAt - SLACK
      ? [stale(`is of a run ${formatAge(ranAt - began)} before this one`, rerun)]
      : []),
    ...(commits.length > 0 && !commits.some((commit) => sameCommit(commit, sha))
      ? [stale(`is of commit ${commits.map((commit) => commit.slice(0, 7)).join(', ')}`, anew)]
      : []),
    ...(maxAge !== null && now - began > maxAge ? [stale(`is ${formatAge(now - began)} old`, anew)] : []),
  ];
}

/** Tools write a commit whole or short. */
function sameCommit(told: string, sha: string): boolean {
  return sha.startsWith(told);
}

function missingShards(reports: readonly Report[]): readonly Trouble[] {
  const totals = new Map<number, Set<number>>();
  for (const { shard } of reports) {
    if (shard !== null) totals.set(shard.total, (totals.get(shard.total) ?? new Set()).add(shard.current));
  }
  return [...totals].flatMap(([total, seen]) => {
    if (seen.size >= total) return [];
    const present = new Set(seen);
    const gone: number[] = [];
    for (let shard = 1; shard <= total && gone.length < 10; shard += 1) {
      if (!present.has(shard)) gone.push(shard);
    }
    const what = `no report of shard ${gone.join(', ')} of ${total}`;
    return [{ code: 'missing' as const, what, fix: 'bring the reports of all shards together' }];
  });
}

function tooFew(found: number, least: number): readonly Trouble[] {
  if (found >= least) return [];
  const what = `${counted(found, 'report')} of ${least}`;
  return [{ code: 'missing', what, fix: 'bring the reports of all jobs together' }];
}

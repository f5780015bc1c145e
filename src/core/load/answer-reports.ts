import { type Answer, counted, listed } from '../checks/answer.ts';
import { type EpochMs, formatDuration } from '../units.ts';
import type { LoadFigures } from './figures.ts';
import type { ReportPosition, UnreadableLoadReport } from './load-reading.ts';
import type { LoadRun } from './load-run.ts';
import type { FoundRun, LoadFacts, LoadTestRules } from './load-test.ts';

/** Clocks of two machines may differ by so much, in milliseconds. */
const SKEW = 60_000;

const EXPECTED = 'a whole report of each generator, of this test';

/** Whether there is something to judge at all: a generator that did its work, and reports of one test, whole and new. */
export function reportsAnswer(
  { maxAge }: Pick<LoadTestRules, 'maxAge'>,
  facts: LoadFacts,
  { load }: Pick<LoadFigures, 'load'>,
): Answer {
  const { generator, unreadable, found, unmatched, now } = facts;
  if (generator !== null && generator.kind !== 'done') return failedGenerator(generator);
  const [broken] = unreadable;
  if (broken !== undefined) return unreadableReport(broken, unreadable.length);
  if (unmatched.length > 0 || found.length === 0) return nothingFound(unmatched);
  const twice = found.find((one, index) => found.slice(0, index).some((other) => isSame(one.run, other.run)));
  if (twice !== undefined) return sameTwice(twice);
  const started = generator === null ? now - maxAge : generator.startedAt;
  const old = found.find((one) => endOf(one) < started - (generator === null ? 0 : SKEW));
  if (old !== undefined) return stale(old, now, maxAge, generator !== null);
  const early = found.find(({ run }) => run.startedAt !== null && run.startedAt > now + SKEW);
  if (early !== undefined) return inFuture(early, now);
  if (load.requests === 0) return noRequests(found);
  if (load.alignment === 'apart') return apart(found);
  if (load.alignment === 'unknown') return unaligned(found);
  const names = listed([...new Set(found.map(({ run }) => run.tool))]);
  const observed = `${counted(found.length, 'run')} of ${names}, ${formatDuration(load.duration)} in all`;
  return { status: 'pass', code: 'met', observed, expected: EXPECTED, evidence: sources(found) };
}

function endOf({ run, writtenAt }: FoundRun): EpochMs {
  return run.startedAt === null ? writtenAt : run.startedAt + run.duration;
}

function sources(found: readonly FoundRun[]) {
  return found.slice(0, 5).map(({ run }) => ({ label: run.source }));
}

function failedGenerator(end: { kind: 'failed' | 'unable'; why: string; fix: string }): Answer {
  const status = end.kind === 'failed' ? 'fail' : 'error';
  const code = end.kind === 'failed' ? 'failed' : 'unavailable';
  return { status, code, observed: end.why, expected: 'a generator that runs to its end', fix: end.fix };
}

function unreadableReport({ file, position, expected, seen }: UnreadableLoadReport, count: number): Answer {
  const more = count > 1 ? `, and ${count - 1} more that cannot be read` : '';
  return {
    status: 'fail',
    code: 'unreadable',
    observed: `${file}${placeOf(position)}: expected ${expected}, saw ${seen}${more}`,
    expected: EXPECTED,
    fix: 'see whether the generator was stopped before it had written all, or wrote something else',
  };
}

function placeOf(position: ReportPosition): string {
  return 'byte' in position ? ` at byte ${position.byte}` : `:${position.line}:${position.column}`;
}

/** A report that was copied would double the load. */
function isSame(one: LoadRun, other: LoadRun): boolean {
  const facts = ({ tool, startedAt, duration, requests, failed, latency }: LoadRun): string =>
    JSON.stringify([tool, startedAt, duration, requests, failed, ...latencyFacts(latency)]);
  return facts(one) === facts(other);
}

function latencyFacts(latency: LoadRun['latency']): unknown[] {
  return latency.kind === 'percentiles'
    ? [latency.percentiles, latency.max]
    : [[...latency.histogram.buckets], latency.histogram.max];
}

function sameTwice({ run }: FoundRun): Answer {
  const fix = 'name each report once';
  const observed = `${run.source} tells the very same run as another report`;
  return { status: 'fail', code: 'not-met', observed, expected: EXPECTED, fix };
}

function nothingFound(unmatched: readonly string[]): Answer {
  const fix = 'run the load test before this, in the same workspace, and let it write its report there';
  return {
    status: 'fail',
    code: 'missing',
    observed: `no report at ${listed(unmatched) || 'any place'}`,
    expected: EXPECTED,
    fix,
  };
}

function stale(one: FoundRun, now: EpochMs, maxAge: number, isOurs: boolean): Answer {
  const age = formatDuration(Math.max(0, now - endOf(one)));
  const limit = isOurs
    ? 'a report of the load that was just made'
    : `a report of the last ${formatDuration(maxAge)}`;
  return {
    status: 'fail',
    code: 'stale',
    observed: `${one.run.source} is of a test that ended ${age} ago`,
    expected: limit,
    fix: 'remove old reports, run the test again, or raise `max-age`',
  };
}

function inFuture({ run }: FoundRun, now: EpochMs): Answer {
  const ahead = formatDuration((run.startedAt ?? now) - now);
  return {
    status: 'fail',
    code: 'unreadable',
    observed: `${run.source} begins ${ahead} from now`,
    expected: 'a report of the past',
    fix: 'set the clock of the machine that made the load',
  };
}

function noRequests(found: readonly FoundRun[]): Answer {
  const observed = `not one request in ${listed(found.map(({ run }) => run.source))}`;
  const fix = 'see whether the target was reachable for the generator';
  return { status: 'fail', code: 'missing', observed, expected: 'requests', fix, evidence: sources(found) };
}

function apart(found: readonly FoundRun[]): Answer {
  return {
    status: 'fail',
    code: 'not-met',
    observed: `${counted(found.length, 'run')} that were not all under way at the same time`,
    expected: 'generators that put their load on together',
    fix: 'start them together, and name only the reports of one test',
    evidence: sources(found),
  };
}

function unaligned(found: readonly FoundRun[]): Answer {
  const mute = found.filter(({ run }) => run.startedAt === null).map(({ run }) => run.source);
  return {
    status: 'no-data',
    code: 'missing',
    observed: `no start time in ${listed(mute)}, so that nobody knows whether the runs were one test`,
    expected: 'the start time of every run',
    fix: 'let the tools write a report with time in it, or use one generator',
  };
}

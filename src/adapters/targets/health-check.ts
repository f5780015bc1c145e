import type { Finding, FindingStatus } from '../../core/checks/finding.ts';
import { type Assertion, assertionFlaws, assertionWords } from '../../core/checks/http.ts';
import { formatDuration, type Milliseconds } from '../../core/units.ts';
import type { Clock } from '../../ports/clock.ts';
import { type Answer, ask } from './health-request.ts';
import { parseJson, reportedVersion, type VersionSource } from './reported-version.ts';

export interface HealthSpec {
  readonly status: number;
  readonly version: VersionSource;
  /** For one request. */
  readonly timeout: Milliseconds;
  /** How many good answers in a row make it healthy. */
  readonly consecutive: number;
  readonly interval: Milliseconds;
  /** For all requests together. */
  readonly deadline: Milliseconds;
  readonly maxLatency: Milliseconds | null;
  /** What must hold for a JSON answer. */
  readonly assertions?: readonly Assertion[];
}

/** What is looked at, and how people call its place: `in slot a`; empty where there is but one. */
export interface Looked {
  readonly version: string;
  readonly where: string;
}

/** What one answer says to one question. */
interface Look {
  readonly good: boolean;
  /** False when the question could not even be put. */
  readonly known: boolean;
  readonly observed: string;
}

interface Question {
  readonly check: string;
  readonly title: string;
  readonly expected: string;
  readonly look: (answer: Answer) => Look;
}

interface Tally {
  readonly question: Question;
  /** Good answers in a row, up to the newest. */
  readonly streak: number;
  readonly last: Look;
}

/** Characters of a version that a finding shows. */
const LONGEST_SHOWN = 100;

const NOT_ASKED: Look = { good: false, known: false, observed: 'not asked' };

/** Whether one answer alone comes from this very version, healthy. */
export async function answersNow(
  url: string,
  { version }: Pick<Looked, 'version'>,
  spec: HealthSpec,
  signal: AbortSignal,
): Promise<boolean> {
  const answer = await ask(url, spec.timeout, signal);
  return (
    statusOf(answer, spec).good &&
    versionOf(answer, version, spec).good &&
    assertionsOf(answer, spec.assertions ?? []).good
  );
}

/** Which version answers, healthy or not; null when none says. */
export async function versionNow(url: string, spec: HealthSpec, signal: AbortSignal): Promise<string | null> {
  const answer = await ask(url, spec.timeout, signal);
  if (answer.kind === 'silence') return null;
  const reported = reportedVersion(answer, spec.version);
  return reported.kind === 'version' ? reported.version : null;
}

/** Asks until every question had good answers enough in a row, or the deadline is over, or the signal aborts. */
export async function checkHealth(
  url: string,
  looked: Looked,
  spec: HealthSpec,
  clock: Clock,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const began = clock.monotonic();
  let tallies = questionsFor(url, looked, spec).map(
    (question): Tally => ({ question, streak: 0, last: NOT_ASKED }),
  );
  let requests = 0;
  const leftNow = (): Milliseconds => began + spec.deadline - clock.monotonic();
  for (let left = spec.deadline; left > 0 && !signal.aborted; left = leftNow()) {
    const answer = await ask(url, Math.min(spec.timeout, left), signal);
    // A request that the deadline has cut short says nothing, unless it was the only one.
    const cut = answer.kind === 'silence' && answer.timedOut && left < spec.timeout && requests > 0;
    if (cut || signal.aborted) break;
    requests += 1;
    tallies = tallies.map((tally) => count(tally, answer));
    if (tallies.every((tally) => tally.streak >= spec.consecutive)) break;
    await clock.sleep(Math.min(spec.interval, leftNow()), signal);
  }
  const durationMs = Math.round(clock.monotonic() - began);
  const detail = `${requests} ${requests === 1 ? 'request' : 'requests'} in ${formatDuration(durationMs)}`;
  return tallies.map((tally) => ({ ...findingOf(tally, spec, signal.aborted), detail, durationMs }));
}

function count(tally: Tally, answer: Answer): Tally {
  const last = tally.question.look(answer);
  return { ...tally, last, streak: last.good ? tally.streak + 1 : 0 };
}

function findingOf({ question, streak, last }: Tally, spec: HealthSpec, stopped: boolean): Finding {
  const { check, title, expected } = question;
  const base = { check, title, expected };
  const row = `${spec.consecutive} times in a row`;
  if (streak >= spec.consecutive) return { ...base, status: 'pass', observed: last.observed };
  if (stopped) return { ...base, status: 'error', observed: `${last.observed}, when it was told to stop` };
  if (last.good) return { ...base, status: 'fail', observed: `${last.observed}, but not ${row}` };
  const status: FindingStatus = last.known ? 'fail' : 'no-data';
  return { ...base, status, observed: last.observed };
}

function questionsFor(url: string, { where, version }: Looked, spec: HealthSpec): Question[] {
  const { maxLatency, assertions = [] } = spec;
  const questions: Question[] = [
    {
      check: 'health',
      title: `Health ${where}`.trim(),
      expected: `HTTP ${spec.status} from ${url}`,
      look: (answer) => statusOf(answer, spec),
    },
    {
      check: 'version',
      title: `Version ${where}`.trim(),
      expected: version,
      look: (answer) => versionOf(answer, version, spec),
    },
  ];
  if (assertions.length > 0)
    questions.push({
      check: 'answer',
      title: `Health answer ${where}`.trim(),
      expected: assertions.map(assertionWords).join(', '),
      look: (answer) => assertionsOf(answer, assertions),
    });
  if (maxLatency === null) return questions;
  const latency: Question = {
    check: 'latency',
    title: `Health latency ${where}`.trim(),
    expected: `<= ${formatDuration(maxLatency)}`,
    look: (answer) => latencyOf(answer, maxLatency),
  };
  return [...questions, latency];
}

function assertionsOf(answer: Answer, assertions: readonly Assertion[]): Look {
  if (answer.kind === 'silence') return { good: false, known: false, observed: answer.why };
  const flaws = assertionFlaws(parseJson(answer.body), assertions);
  return {
    good: flaws.length === 0,
    known: true,
    observed: flaws.length === 0 ? 'all hold' : flaws.join('; '),
  };
}

function statusOf(answer: Answer, spec: HealthSpec): Look {
  if (answer.kind === 'silence') return { good: false, known: true, observed: answer.why };
  return { good: answer.status === spec.status, known: true, observed: `HTTP ${answer.status}` };
}

function versionOf(answer: Answer, version: string, spec: HealthSpec): Look {
  if (answer.kind === 'silence') return { good: false, known: false, observed: answer.why };
  const reported = reportedVersion(answer, spec.version);
  if (reported.kind === 'missing') return { good: false, known: false, observed: reported.why };
  return { good: reported.version === version, known: true, observed: printable(reported.version) };
}

/** What a service says about itself is foreign text. */
function printable(text: string): string {
  const plain = text.replaceAll(/\p{C}/gu, '?');
  return plain.length > LONGEST_SHOWN ? `${plain.slice(0, LONGEST_SHOWN)}...` : plain;
}

function latencyOf(answer: Answer, limit: Milliseconds): Look {
  if (answer.kind === 'silence') return { good: false, known: false, observed: answer.why };
  return { good: answer.took <= limit, known: true, observed: formatDuration(answer.took) };
}

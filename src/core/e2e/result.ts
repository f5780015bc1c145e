import type { FindingStatus } from '../checks/finding.ts';
import { type GateResult, type GateRun, toGateResult } from '../checks/gate-result.ts';
import { type EpochMs, formatDuration, type Milliseconds } from '../units.ts';
import { type E2eJudged, timeOf } from './evaluate.ts';
import { selects } from './pattern.ts';
import { type Place, placeIn } from './place.ts';
import { daysLeft } from './quarantined.ts';
import type { Reports } from './suite.ts';
import { fullName, type ReportFormat, type Tally, type TestCase, tallyOf } from './test-case.ts';

/** A test in a result. */
export interface ToldTest extends Place {
  readonly name: string;
  /** Browser or project. */
  readonly variant: string | null;
  /** Ids of the flows that it belongs to. */
  readonly flows: readonly string[];
  readonly attempts: number;
  readonly durationMs: Milliseconds;
  /** The first lines of what its failure says. */
  readonly message: string;
}

export interface ToldFlow extends Tally {
  readonly id: string;
  readonly title: string;
  readonly status: FindingStatus;
  readonly quarantined: number;
  readonly durationMs: Milliseconds;
}

export interface ToldQuarantine extends ToldTest {
  readonly outcome: TestCase['outcome'];
  readonly owner: string;
  readonly reason: string;
  readonly daysLeft: number;
}

export interface ToldReport {
  readonly path: string;
  readonly format: ReportFormat | null;
  readonly tests: number;
  /** What is wrong with it; null when it was read. */
  readonly unreadable: string | null;
}

/** What the E2E gate answers with. Lists are cut to their first; the counts are whole. */
export interface E2eResult extends GateResult {
  readonly tests: Tally & { readonly quarantined: number };
  readonly flows: readonly ToldFlow[];
  readonly failures: readonly ToldTest[];
  readonly flaky: readonly ToldTest[];
  readonly quarantined: readonly ToldQuarantine[];
  readonly slowest: readonly ToldTest[];
  readonly reports: readonly ToldReport[];
}

const MOST_TOLD = 50;
const MOST_SLOW = 10;
const MOST_REPORTS = 100;
const LONGEST_MESSAGE = 600;

export function toE2eResult(run: GateRun, judged: E2eJudged, { read }: Reports, now: EpochMs): E2eResult {
  const { tests, counting, quarantined, flows } = judged;
  const told = (test: TestCase): ToldTest => toTold(test, judged);
  const having = (outcome: TestCase['outcome']): readonly ToldTest[] =>
    inFlowsFirst(counting.filter((test) => test.outcome === outcome).map(told)).slice(0, MOST_TOLD);
  const slowest = tests
    .filter(({ duration }) => duration > 0)
    .toSorted((one, other) => other.duration - one.duration);
  return {
    ...toGateResult(run, judged),
    tests: { ...tallyOf(tests), quarantined: quarantined.length },
    flows: flows.map(({ flow, tests: own, quarantined: aside }) => ({
      id: flow.id,
      title: flow.title,
      status: judged.findings.find(({ check }) => check === flow.id)?.status ?? 'no-data',
      ...tallyOf(own),
      quarantined: aside.length,
      durationMs: Math.round(timeOf(own)),
    })),
    failures: having('failed'),
    flaky: having('flaky'),
    quarantined: quarantined.slice(0, MOST_TOLD).map(({ test, entry }) => ({
      ...told(test),
      outcome: test.outcome,
      owner: entry.owner,
      reason: entry.reason,
      daysLeft: daysLeft(entry.expires, now),
    })),
    slowest: slowest.slice(0, MOST_SLOW).map(told),
    reports: read.slice(0, MOST_REPORTS).map(toldReport),
  };
}

function toTold(test: TestCase, { flows }: E2eJudged): ToldTest {
  const { variant, attempts, duration, message } = test;
  return {
    name: fullName(test).slice(0, LONGEST_MESSAGE),
    variant,
    ...placeIn(test),
    flows: flows
      .filter(({ flow }) => flow.tests.some((pattern) => selects(pattern, test)))
      .map(({ flow }) => flow.id),
    attempts,
    durationMs: Math.round(duration),
    message: message.slice(0, LONGEST_MESSAGE),
  };
}

function inFlowsFirst(tests: readonly ToldTest[]): readonly ToldTest[] {
  return tests.toSorted((one, other) => Number(other.flows.length > 0) - Number(one.flows.length > 0));
}

function toldReport(one: Reports['read'][number]): ToldReport {
  if (one.kind === 'unreadable') {
    const { path, position, why } = one;
    return { path, format: null, tests: 0, unreadable: position === '' ? why : `${position}: ${why}` };
  }
  const { path, format, tests } = one.report;
  return { path, format, tests: tests.length, unreadable: null };
}

/** A time as a table shows it; empty where nobody took it. */
export function timeWords(ms: Milliseconds): string {
  return ms === 0 ? '' : formatDuration(ms);
}

import { type Answer, counted, listed } from '../checks/answer.ts';
import type { EpochMs } from '../units.ts';
import { selects } from './pattern.ts';
import type { Quarantine } from './suite.ts';
import { shownName, type TestCase } from './test-case.ts';

export interface QuarantinedTest {
  readonly test: TestCase;
  readonly entry: Quarantine;
}

/** Tests that count, and tests that are set aside by an entry that still holds. */
export interface Parted {
  readonly counting: readonly TestCase[];
  readonly quarantined: readonly QuarantinedTest[];
}

export function partQuarantined(
  tests: readonly TestCase[],
  quarantine: readonly Quarantine[],
  now: EpochMs,
): Parted {
  const holding = quarantine.filter(({ expires }) => now < expires);
  const counting: TestCase[] = [];
  const quarantined: QuarantinedTest[] = [];
  for (const test of tests) {
    const entry = holding.find((one) => selects(one.tests, test));
    if (entry === undefined) counting.push(test);
    else quarantined.push({ test, entry });
  }
  return { counting, quarantined };
}

const DAY = 86_400_000;

/** Whole days until an entry ends; the day on which it ends counts. */
export function daysLeft(expires: EpochMs, now: EpochMs): number {
  return Math.max(0, Math.ceil((expires - now) / DAY));
}

/** An entry that has ended keeps the gate shut until somebody has looked at it again. */
export function decideQuarantine(
  quarantine: readonly Quarantine[],
  tests: readonly TestCase[],
  { quarantined }: Parted,
  now: EpochMs,
): Answer {
  const expected = 'every entry of the quarantine holds, and is about a test that there is';
  const expired = quarantine.filter(({ expires }) => now >= expires);
  if (expired.length > 0) {
    const words = expired.map(
      ({ tests: { text }, owner, expires }) => `'${text}' of ${owner} ended on ${lastDay(expires)}`,
    );
    return {
      status: 'fail',
      code: 'waiver-expired',
      observed: listed(words),
      expected,
      fix: 'repair the tests and remove the entries, or renew them with an owner, a reason and a new date',
    };
  }
  const red = quarantined.filter(({ test }) => test.outcome === 'failed');
  const names = listed(red.map(({ test, entry }) => `${shownName(test)} (${entry.owner})`));
  const observed = `${counted(quarantined.length, 'test')} in quarantine, ${red.length} of them red`;
  const base = { observed, expected, ...(red.length === 0 ? {} : { detail: names }) };
  const idle = quarantine.filter((entry) => !tests.some((test) => selects(entry.tests, test)));
  if (idle.length === 0) return { ...base, status: 'pass', code: 'met' };
  const texts = listed(idle.map((entry) => `'${entry.tests.text}'`));
  return {
    ...base,
    status: 'warn',
    code: 'missing',
    observed: `${observed}; no test matches ${texts}`,
    fix: 'remove the entries that are about nothing',
  };
}

function lastDay(expires: EpochMs): string {
  return new Date(expires - 1).toISOString().slice(0, 10);
}

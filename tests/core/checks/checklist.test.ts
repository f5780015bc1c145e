import { describe, expect, it } from 'vitest';
import type { Answer } from '../../../src/core/checks/answer.ts';
import {
  type Answered,
  evaluateChecklist,
  type Severity,
  type Waiver,
} from '../../../src/core/checks/checklist.ts';
import { toGateResult } from '../../../src/core/checks/gate-result.ts';
import { subject } from '../../support/gate-subject.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');

const CODES = {
  pass: 'met',
  fail: 'failed',
  warn: 'failed',
  'no-data': 'pending',
  error: 'unavailable',
  skipped: 'not-needed',
  waived: 'overridden',
} as const;

function answered(id: string, status: Answer['status'], severity: Severity = 'block'): Answered {
  const answer: Answer = { status, code: CODES[status], observed: `saw ${status}`, expected: 'pass' };
  return { id, title: id, severity, answer, durationMs: 1 };
}

const waiver = (check: string, expires: string): Waiver => ({
  checklist: null,
  check,
  person: 'ada',
  reason: 'the scanner is being replaced',
  expires: Date.parse(expires),
});

const verdict = (...all: readonly Answered[]) => evaluateChecklist(all, [], NOW).verdict;

describe('a checklist', () => {
  it('is green when everything is', () => {
    expect(verdict(answered('one', 'pass'), answered('two', 'pass'))).toBe('pass');
  });

  it.each(['error', 'no-data'] as const)('is not green while a check says %s', (status) => {
    expect(verdict(answered('one', 'pass'), answered('two', status))).toBe('inconclusive');
  });

  it('fails by one failure, whatever else is unknown', () => {
    expect(verdict(answered('one', 'error'), answered('two', 'fail'), answered('three', 'pass'))).toBe(
      'fail',
    );
  });

  it('proves nothing when it is empty, or when nothing applied', () => {
    expect(verdict()).toBe('inconclusive');
    expect(verdict(answered('one', 'skipped'))).toBe('inconclusive');
  });

  it.each(['fail', 'error', 'no-data'] as const)(
    'lets a check of severity warn say %s, and shows it',
    (status) => {
      const { verdict, findings } = evaluateChecklist([answered('one', status, 'warn')], [], NOW);
      expect(verdict).toBe('pass');
      expect(findings[0]).toMatchObject({ status: 'warn', code: CODES[status] });
    },
  );
});

describe('a waiver', () => {
  const red = [answered('scan', 'fail'), answered('review', 'pass')];

  it('opens the gate and is shown with its name, reason and end', () => {
    const { verdict, findings } = evaluateChecklist(red, [waiver('scan', '2026-12-01T00:00:00Z')], NOW);
    expect(verdict).toBe('pass');
    expect(findings[0]).toMatchObject({
      status: 'waived',
      code: 'waived',
      observed: 'saw fail',
      detail: 'waived by ada until 2026-12-01 00:00 UTC: the scanner is being replaced',
    });
  });

  it('that has expired fails and says so, even where the check itself has no answer', () => {
    for (const status of ['fail', 'error', 'no-data'] as const) {
      const all = [answered('scan', status)];
      const { verdict, findings } = evaluateChecklist(all, [waiver('scan', '2026-11-23T12:00:00Z')], NOW);
      expect(verdict).toBe('fail');
      expect(findings[0]).toMatchObject({ status: 'fail', code: 'waiver-expired' });
      expect(findings[0]?.detail).toContain('the waiver of ada expired at 2026-11-23 12:00 UTC');
    }
  });

  it('changes nothing about a check that is green, or about another check', () => {
    const all = [answered('scan', 'pass'), answered('review', 'fail')];
    const { verdict, findings } = evaluateChecklist(all, [waiver('scan', '2020-01-01T00:00:00Z')], NOW);
    expect(verdict).toBe('fail');
    expect(findings[0]).toMatchObject({ status: 'pass' });
    expect(findings[0]).not.toHaveProperty('detail');
  });

  it('that was renewed counts until its latest end', () => {
    const both = [waiver('scan', '2026-11-01T00:00:00Z'), waiver('scan', '2026-12-01T00:00:00Z')];
    expect(evaluateChecklist(red, both, NOW).verdict).toBe('pass');
  });
});

describe('the result of a gate', () => {
  const run = {
    operation: 'preflight' as const,
    gate: 'production',
    service: 's',
    subject,
    startedAt: 0,
    endedAt: 1,
    cancelled: false,
  };
  const result = (cancelled: boolean, ...all: readonly Answered[]) =>
    toGateResult({ ...run, cancelled }, evaluateChecklist(all, [], NOW));

  it.each([
    ['checks-passed', [answered('a', 'pass')]],
    ['checks-failed', [answered('a', 'fail'), answered('b', 'error')]],
    ['checks-inconclusive', [answered('a', 'error')]],
    ['nothing-checked', []],
  ] as const)('says %s', (code, all) => {
    expect(result(false, ...all)).toMatchObject({ schemaVersion: 1, reasonCode: code });
  });

  it('names the checks that keep the gate shut', () => {
    expect(
      result(false, answered('a', 'fail'), answered('b', 'pass'), answered('c', 'error')).failed,
    ).toEqual(['a', 'c']);
  });

  it('says that it was cancelled', () => {
    expect(result(true, answered('a', 'error')).reasonCode).toBe('cancelled');
  });
});

import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/core/checks/finding.ts';
import type { GateResult } from '../../../src/core/checks/gate-result.ts';
import {
  renderFindingLine,
  renderGateLine,
  renderGateSummary,
} from '../../../src/core/report/gate-summary.ts';
import { link } from '../../../src/core/report/markdown.ts';
import { utf8Bytes } from '../../../src/core/report/plain-text.ts';
import { subject } from '../../support/gate-subject.ts';

const finding = (check: string, status: Finding['status'], more: Partial<Finding> = {}): Finding => {
  return {
    check,
    title: check,
    status,
    observed: `saw ${check}`,
    expected: 'green',
    fix: `fix ${check}`,
    ...more,
  };
};

const result = (...findings: readonly Finding[]): GateResult => ({
  schemaVersion: 1,
  operation: 'preflight',
  verdict: 'fail',
  reasonCode: 'checks-failed',
  message: 'the production checklist is not green',
  gate: 'production',
  service: 'booking-api',
  subject,
  startedAt: subject.now,
  endedAt: subject.now + 1_200,
  failed: ['review'],
  findings,
});

describe('the summary of a checklist', () => {
  it('has what needs a person first, and what to do', () => {
    const all = result(
      finding('a', 'pass'),
      finding('b', 'error'),
      finding('c', 'fail'),
      finding('d', 'waived'),
    );
    const rows = renderGateSummary(all, 10_000)
      .split('\n')
      .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'));
    expect(rows).toEqual([
      '| Check | Verdict | Seen | Expected | Evidence | What to do |',
      '| **c** | ✗ fail | saw c | green |  | fix c |',
      '| **b** | ! error | saw b | green |  | fix b |',
      '| d | – waived | saw d | green |  | fix d |',
      '| a | ✓ pass | saw a | green |  |  |',
    ]);
  });

  it('shows foreign text as text, and links only addresses of the web', () => {
    const evil = finding('x', 'fail', {
      observed: '<img src=x> | @everyone `rm`\n# no',
      evidence: [
        { label: 'bad [label](https://evil.example)', url: 'javascript:alert(1)' },
        { label: 'good', url: 'https://github.com/a?b=(c)' },
      ],
    });
    const text = renderGateSummary(result(evil), 10_000);
    expect(text).not.toContain('<img');
    expect(text).not.toContain('@everyone');
    expect(text).not.toContain('javascript:');
    expect(text).not.toContain('](https://evil');
    expect(text).toContain('[good](https://github.com/a?b=%28c%29)');
    expect(text.split('\n').filter((line) => line.startsWith('| '))).toHaveLength(3);
  });

  it.each([100_000, 20_000, 5_000, 600, 100, 10])('is never longer than %d bytes', (maxBytes) => {
    const long = 'ä'.repeat(2_000);
    const many = Array.from({ length: 30 }, (_, n) =>
      finding(`check-${n}`, 'fail', { observed: long, expected: long, fix: long, detail: long }),
    );
    const text = renderGateSummary(result(...many), maxBytes);
    expect(utf8Bytes(text)).toBeLessThanOrEqual(maxBytes);
    expect(text).toContain('❌');
  });

  it('as one line names every check that keeps the gate shut', () => {
    expect(renderGateLine(result(finding('a', 'pass'), finding('b', 'fail'), finding('c', 'error')))).toBe(
      'The production checklist is not green. [checks-failed] B: saw b. C: saw c.',
    );
  });

  it('as a line of the log says what was seen and what to do', () => {
    expect(renderFindingLine(finding('b', 'fail', { detail: 'more' }))).toBe(
      '✗ fail b: saw b (more) -> fix b',
    );
    expect(renderFindingLine(finding('b', 'pass'))).toBe('✓ pass b: saw b');
  });
});

describe('a link', () => {
  it.each(['ftp://a', 'javascript:alert(1)', 'https://', ''])('to %j is only its label', (url) => {
    expect(link('a_b', url).markdown).toBe('a\\_b');
  });
});

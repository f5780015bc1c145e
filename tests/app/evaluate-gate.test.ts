import { describe, expect, it } from 'vitest';
import { evaluateGate } from '../../src/app/evaluate-gate.ts';
import { AdapterError } from '../../src/ports/adapter-error.ts';
import type { RegisteredCheck } from '../../src/ports/check.ts';
import { contextIn } from '../support/check-context.ts';
import { subject } from '../support/gate-subject.ts';

const MET = { status: 'pass', code: 'met', observed: 'fine', expected: 'fine' } as const;

function check(id: string, run: RegisteredCheck['run'], timeout = 5_000): RegisteredCheck {
  return { type: 'made', id, title: id, severity: 'block', timeout, run };
}

function gate(checks: readonly RegisteredCheck[], signal = new AbortController().signal) {
  return evaluateGate(contextIn('.'), { checklist: 'mine', checks, waivers: [], subject }, signal);
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('a checklist is run whole', () => {
  it('and all at the same time, however many say no', async () => {
    const slow = (id: string) =>
      check(id, async () => pause(200).then(() => ({ ...MET, status: 'fail' as const })));
    const began = performance.now();
    const { findings } = await gate(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].map(slow));
    expect(performance.now() - began).toBeLessThan(600);
    expect(findings.map(({ check: id, status }) => `${id} ${status}`)).toHaveLength(10);
  });

  it.each([
    ['unauthorized', 'unauthorized'],
    ['timeout', 'timed-out'],
    ['invalid-answer', 'unreadable'],
    ['unreachable', 'unavailable'],
  ] as const)('and one that fails as %s is an error, never a pass', async (code, expected) => {
    const lost = check('lost', () => {
      throw new AdapterError('made', code, 'expected an answer, saw none; look', { retryable: false });
    });
    const result = await gate([lost, check('fine', async () => MET)]);
    expect(result.verdict).toBe('inconclusive');
    expect(result.findings[0]).toMatchObject({ status: 'error', code: expected });
    expect(result.findings[1]).toMatchObject({ status: 'pass' });
  });

  it('and one that is late is an error, whether it listens to its signal or not', async () => {
    const deaf = check('deaf', () => new Promise(() => undefined), 50);
    const heard = check('heard', (_context, _subject, signal) => rejectOn(signal), 50);
    const { verdict, findings } = await gate([deaf, heard, check('fine', async () => MET)]);
    expect(verdict).toBe('inconclusive');
    for (const finding of findings.slice(0, 2)) {
      expect(finding).toMatchObject({
        status: 'error',
        code: 'timed-out',
        observed: 'no answer within 50ms',
      });
    }
  });

  it('and a cancelled run ends at once, with no check taken for green', async () => {
    const controller = new AbortController();
    const endless = check('endless', () => new Promise(() => undefined), 60_000);
    setTimeout(() => controller.abort(), 30);
    const result = await gate([endless], controller.signal);
    expect(result).toMatchObject({ verdict: 'inconclusive', reasonCode: 'cancelled', failed: ['endless'] });
  });
});

function rejectOn(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('told to stop')), { once: true });
  });
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { decideApproval, type Voice, voiceIn, voicesOfRun } from '../../../src/core/checks/approval.ts';
import { OTHER_SHA, SHA } from '../../support/gate-subject.ts';
import { vectors } from '../../support/vectors.ts';

const row = z.strictObject({
  what: z.string(),
  approvals: z.number().default(1),
  allowSelf: z.boolean().default(false),
  voices: z.array(
    z.strictObject({
      by: z.string(),
      says: z.enum(['yes', 'no']),
      commit: z.string().nullable().default(SHA),
      counts: z.boolean().default(true),
      edited: z.boolean().default(false),
      at: z.number().default(0),
    }),
  ),
  status: z.string(),
  code: z.string(),
  observed: z.string(),
});

describe('an approval', () => {
  it.each(vectors('approval', row))('$what', ({ voices, approvals, allowSelf, ...wanted }) => {
    const facts = { sha: SHA, starter: 'ada', voices: voices.map((voice) => ({ ...voice, url: null })) };
    const { status, code, observed } = decideApproval(facts, { approvals, allowSelf, from: 'in a review' });
    expect({ status, code, observed }).toEqual({
      status: wanted.status,
      code: wanted.code,
      observed: wanted.observed,
    });
  });

  const voice: fc.Arbitrary<Voice> = fc.record({
    by: fc.constantFrom('ada', 'bob', 'eve'),
    says: fc.constantFrom('yes' as const, 'yes' as const, 'no' as const),
    commit: fc.constantFrom(SHA, SHA, OTHER_SHA, null),
    at: fc.integer({ min: 0, max: 9 }),
    url: fc.constant(null),
    counts: fc.boolean(),
  });

  it('never turns from no to yes when a yes of somebody is taken away, or its author may no longer approve', () => {
    const rules = fc.record({
      approvals: fc.integer({ min: 1, max: 3 }),
      allowSelf: fc.boolean(),
      from: fc.constant(''),
    });
    fc.assert(
      fc.property(fc.uniqueArray(voice, { selector: ({ by }) => by }), rules, fc.nat(), (voices, how, at) => {
        const decide = (all: readonly Voice[]) =>
          decideApproval({ sha: SHA, starter: 'ada', voices: all }, how).status;
        const gone = voices[at % Math.max(1, voices.length)];
        if (!(gone?.says === 'yes' && decide(voices) === 'fail')) return;
        expect(decide(voices.filter((one) => one !== gone))).toBe('fail');
        expect(decide(voices.map((one) => (one === gone ? { ...one, counts: false } : one)))).toBe('fail');
        expect(decide(voices.map((one) => (one === gone ? { ...one, commit: OTHER_SHA } : one)))).toBe(
          'fail',
        );
      }),
      { numRuns: 500 },
    );
  });
});

describe('a comment', () => {
  it.each([
    ['/approve 1111111', { says: 'yes', commit: '1111111' }],
    ['looks good\n/approve 1111111\nthanks', { says: 'yes', commit: '1111111' }],
    ['/APPROVE 1111111', { says: 'yes', commit: '1111111' }],
    ['/approve', { says: 'yes', commit: null }],
    ['/reject 1111111', { says: 'no', commit: '1111111' }],
    ['/approve 1111111\n/reject 1111111', { says: 'no', commit: '1111111' }],
    ['I would not /approve 1111111', null],
    ['> /approve 1111111', null],
    ['/approved 1111111', null],
    ['/approve main', null],
  ])('%j says %j', (body, voice) => {
    expect(voiceIn(body)).toEqual(voice);
  });
});

describe('what reviewers said to a run', () => {
  it('counts for the environment that it was said of', () => {
    const approvals = [
      { state: 'approved', by: 'bob', environments: ['staging'], comment: '' },
      { state: 'approved', by: 'eve', environments: ['production', 'staging'], comment: '' },
      { state: 'pending', by: 'kim', environments: ['production'], comment: '' },
    ];
    expect(voicesOfRun(approvals, 'production', SHA).map(({ by }) => by)).toEqual(['eve']);
  });
});

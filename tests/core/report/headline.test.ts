import { describe, expect, test } from 'vitest';
import { ANNOTATION_LENGTH, renderAnnotation } from '../../../src/core/report/annotation.ts';
import { headlineOf, headlineText } from '../../../src/core/report/headline.ts';
import { NEXT_STEPS } from '../../../src/core/report/next-steps.ts';
import { shortVersion } from '../../../src/core/report/words.ts';
import type { Result } from '../../../src/core/result.ts';
import { REASON_CODES } from '../../../src/core/rollout/reason.ts';
import { CANARY_SHA } from '../../support/samples.ts';
import { cancelledStory, errorStory, healthyStory } from '../../support/stories.ts';

const aborted = errorStory().result;
const promoted = healthyStory().result;
const told = (result: Result, changes: Partial<Result> = {}): string => {
  const headline = headlineOf({ ...result, ...changes });
  return `${headline.mark} ${headlineText(headline)}`;
};

describe('the verdict in plain words', () => {
  test('says how it came out, why, and where the traffic is', () => {
    expect(told(promoted)).toBe('✓ Promoted 3f2c1ab to production');
    expect(told(aborted)).toBe(
      '✗ Rolled back: Error rate 4.1 % on the canary, limit > 2 % for 5m. All traffic is on 9ab12cd again.',
    );
    expect(told(cancelledStory().result)).toBe(
      '✗ Rolled back: The workflow run was cancelled by mara. All traffic is on 9ab12cd again.',
    );
    expect(told(promoted, { kind: 'first', reasonCode: 'first-deployment' })).toBe(
      '✓ Deployed 3f2c1ab to production, the first version there',
    );
  });

  test('never says that traffic is home when it is not known to be', () => {
    expect(told(aborted, { weight: null })).toContain('Where the traffic is could not be read.');
    expect(told(aborted, { weight: 10 })).toContain('10 % of traffic is on 3f2c1ab.');
    expect(told(aborted, { weight: 10 })).not.toContain('again');
    expect(told(aborted, { state: 'aborting', weight: 50, reasonCode: 'traffic-not-home' })).toMatch(
      /^✗ Traffic may not be home: .* 50 % of traffic is on 3f2c1ab\.$/,
    );
    expect(told(aborted, { stableVersion: null, kind: 'first' })).toContain('there is no earlier version');
  });

  test('says that a rollout is not over when another run drives it', () => {
    const open = {
      state: 'baking',
      weight: 10,
      reasonCode: 'fenced',
      message: 'another run drives it',
    } as const;
    expect(told(aborted, open)).toBe(
      '! Not ended, 3f2c1ab in production is still baking: Another run drives it. 10 % of traffic is on 3f2c1ab.',
    );
  });

  test('speaks of the refusal, not of the older rollout in the record', () => {
    const refusal = {
      reasonCode: 'version-rejected',
      message: 'it failed here before',
      weight: null,
    } as const;
    expect(told(aborted, refusal)).toBe('✗ Not started: It failed here before.');
    expect(told(promoted, { reasonCode: 'already-stable', message: '3f2c1ab already serves' })).toBe(
      '– Nothing to do: 3f2c1ab already serves.',
    );
  });

  test('tells a rollback by hand, and one that left an ill version', () => {
    const back = {
      kind: 'rollback',
      state: 'restored',
      reasonCode: 'restored',
      message: 'all is back',
    } as const;
    expect(told(promoted, back)).toBe('✓ Restored 3f2c1ab in production: All is back.');
    expect(told(promoted, { ...back, verdict: 'fail' })).toMatch(/^! Restored .*, but it is not well: /);
    expect(told(aborted, { kind: 'rollback', reasonCode: 'deploy-failed' })).toMatch(
      /^✗ Rollback given up: /,
    );
  });

  test('shortens a commit SHA and nothing that only looks like one', () => {
    expect(shortVersion(CANARY_SHA)).toBe('3f2c1ab');
    expect(shortVersion('v1.24.0-rc.1')).toBe('v1.24.0-rc.1');
    expect(shortVersion('deadbeef')).toBe('deadbeef');
    expect(shortVersion('x'.repeat(200))).toHaveLength(40);
  });
});

describe('what to do next', () => {
  test('has one line or two for every reason code, and for nothing else', () => {
    expect(Object.keys(NEXT_STEPS).toSorted()).toEqual(REASON_CODES.toSorted());
    for (const lines of Object.values(NEXT_STEPS)) {
      expect(lines.length).toBeLessThanOrEqual(2);
      for (const line of lines) expect(line).toMatch(/^[A-Z].{5,160}[.]$/);
    }
  });
});

describe('an annotation', () => {
  test('holds verdict, code and warnings in one line', () => {
    expect(renderAnnotation({ ...aborted, warnings: ['the ledger\ndoes not know'] })).toBe(
      'Rolled back: Error rate 4.1 % on the canary, limit > 2 % for 5m. All traffic is on 9ab12cd again. [guardrail-breached] Warning: the ledger does not know',
    );
  });

  test('is never longer than the runner keeps, and never loses the code', () => {
    const message = 'é'.repeat(10_000);
    const line = renderAnnotation({ ...aborted, message, warnings: [message, message] });
    expect(line).toHaveLength(ANNOTATION_LENGTH);
    expect(line).toContain('[guardrail-breached]');
    expect(renderAnnotation({ ...aborted, message: 'a\n::error::b' })).not.toContain('\n');
  });
});

import type { KnownBlock } from '@slack/types';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escaped, slackMessage } from '../../../src/adapters/notify/slack-message.ts';
import type { Finding } from '../../../src/core/checks/finding.ts';
import type { Result } from '../../../src/core/result.ts';
import { messageRules } from '../../support/slack/block-rules.ts';
import { ABORTED } from './results.ts';

const RUN = 'https://github.com/shine/booking/actions/runs/17';

describe('a result in Slack', () => {
  it('says what happened, why, where traffic is and what was seen', () => {
    const { text, blocks } = slackMessage(ABORTED, RUN);
    expect(text).toBe(
      '✗ Rolled back (booking in production): P95 812 ms, limit 800 ms. All traffic is on v1 again.',
    );
    const shown = JSON.stringify(blocks);
    for (const part of ['P95 812 ms', 'All traffic is on v1', 'guardrail-breached', `<${RUN}|the run>`]) {
      expect(shown).toContain(part);
    }
    expect(shown).toContain('✗ Latency P95: 812 ms (expected at most 800 ms)');
    expect(shown).not.toContain('Error rate');
  });

  it("is made of blocks that Slack's own types know", () => {
    const blocks: KnownBlock[] = slackMessage(ABORTED, RUN).blocks;
    expect(blocks.map(({ type }) => type)).toEqual([
      'header',
      'section',
      'section',
      'section',
      'section',
      'context',
    ]);
  });

  it('lets nobody be mentioned and nothing be linked by what others wrote', () => {
    const message = 'fix <!channel> & <https://evil.example|this> </script>';
    const shown = JSON.stringify(slackMessage({ ...ABORTED, message }, RUN));
    expect(shown).toContain('&lt;!channel&gt; &amp; &lt;https://evil.example|this&gt;');
    expect(shown).not.toContain('<!channel>');
  });

  it('keeps every limit of Slack, whatever it is told', () => {
    const words = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 60 }),
      fc.constantFrom('&<>', '<!here>', '\u202e', '\n').map((piece) => piece.repeat(2_500)),
    );
    const finding: fc.Arbitrary<Finding> = fc.record({
      check: fc.constant('check'),
      title: words,
      status: fc.constantFrom('pass', 'fail', 'warn', 'no-data', 'error'),
      observed: words,
      expected: words,
    });
    const results: fc.Arbitrary<Result> = fc
      .record({
        message: words,
        version: words,
        serving: fc.option(words),
        rolloutId: fc.option(words),
        findings: fc.array(finding, { maxLength: 80 }),
        warnings: fc.array(words, { maxLength: 40 }),
        state: fc.constantFrom('promoted', 'aborted', 'aborting', 'restored', 'none'),
        weight: fc.option(fc.double({ min: 0, max: 100, noNaN: true })),
      })
      .map((some): Result => ({ ...ABORTED, ...some }));
    fc.assert(
      fc.property(results, (result) => {
        const seen = messageRules.safeParse(slackMessage(result, RUN));
        expect(seen.error?.issues ?? []).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('never cuts an entity or a character in half', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 30 }), (text, length) => {
        const cut = escaped(text, length);
        expect(cut.length).toBeLessThanOrEqual(length);
        expect(cut.replace(/&(amp|lt|gt);/g, '')).not.toMatch(/[&<>]/);
        expect(cut).not.toMatch(/\p{Cs}/u);
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { xmlEvents } from '../../../src/adapters/reports/xml-events.ts';
import { xmlPieces } from '../../../src/adapters/reports/xml-pieces.ts';
import type { TestOutcome } from '../../../src/core/e2e/test-case.ts';
import { ctrf, jest, junit, madeTests, playwright, tap } from './dialects.ts';
import { readingOf, reportIn } from './reading.ts';

const ALL: readonly TestOutcome[] = ['passed', 'failed', 'flaky', 'skipped'];
/** TAP knows of no second try. */
const ONCE: readonly TestOutcome[] = ['passed', 'failed', 'skipped'];

const DIALECTS = [
  ['junit', junit, ALL],
  ['jest', jest, ALL],
  ['playwright', playwright, ALL],
  ['ctrf', ctrf, ALL],
  ['tap', tap, ONCE],
] as const;

describe.each(DIALECTS)('%s', (format, render, outcomes) => {
  it('is read as the tests that were written', async () => {
    await fc.assert(
      fc.asyncProperty(madeTests(outcomes), fc.integer({ min: 1, max: 200 }), async (tests, chunk) => {
        const report = await reportIn(render(tests), chunk);
        const read = report.tests.map(({ suites, name, outcome }) => ({ suites, name, outcome }));
        expect(read).toEqual(tests);
        expect(report).toMatchObject({ format, disagreements: [], troubles: [] });
      }),
      { numRuns: 100 },
    );
  });

  it('cut off anywhere is never fewer tests', async () => {
    await fc.assert(
      fc.asyncProperty(
        madeTests(outcomes),
        fc.double({ min: 0, max: 0.9999, noNaN: true }),
        async (tests, part) => {
          const bytes = Buffer.from(render(tests));
          const reading = await readingOf(bytes.subarray(0, Math.floor(bytes.length * part)));
          if ('report' in reading) expect(reading.report.tests).toHaveLength(tests.length);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('a document that is read in pieces', () => {
  const document = fc
    .array(
      fc.oneof(
        fc.string({ maxLength: 20 }).map((text) => text.replace(/[&<>\r]/g, '')),
        fc.string({ maxLength: 20 }).map((text) => `<![CDATA[${text.replace(/]]>|\r/g, '')}]]>`),
        fc.constantFrom(
          '&amp;',
          '&#10;',
          '<!-- a - b -->',
          '<a b="c>d"/>',
          '<?go on?>',
          "<e x='\"'>]] &gt;</e>",
          ']]',
        ),
      ),
    )
    .map((parts) => `<testsuites>${parts.join('').replaceAll(']]>', ']]&gt;')}</testsuites>`);

  const eventsIn = (text: string, chunk: number, least: number): readonly string[] => {
    const told: string[] = [];
    let open = '';
    const flush = (): void => {
      if (open !== '') told.push(`text ${open}`);
      open = '';
    };
    const listener = {
      open: (element: string, attributes: object) => {
        flush();
        told.push(`open ${element} ${JSON.stringify(attributes)}`);
      },
      text: (piece: string) => {
        open += piece;
      },
      close: (element: string) => {
        flush();
        told.push(`close ${element}`);
      },
    };
    const events = xmlEvents(listener, xmlPieces(least));
    const bytes = Buffer.from(text);
    try {
      for (let at = 0; at < bytes.length; at += chunk) events.write(bytes.subarray(at, at + chunk));
      events.end();
    } catch {
      told.push('a flaw');
    }
    return told;
  };

  it('means what it means as a whole, wherever the parser was made to let go', () => {
    fc.assert(
      fc.property(document, fc.integer({ min: 1, max: 30 }), (text, chunk) => {
        expect(eventsIn(text, chunk, 0)).toEqual(eventsIn(text, text.length * 4, 1e9));
      }),
      { numRuns: 500 },
    );
  });
});

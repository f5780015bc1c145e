import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTestPattern } from '../../../src/config/test-pattern.ts';
import { matchesWildcard, selects } from '../../../src/core/e2e/pattern.ts';
import { placeIn } from '../../../src/core/e2e/place.ts';
import { test } from './cases.ts';

const paid = test('Payments › Cards › pays by card (EUR)', 'passed', {
  file: 'apps/shop/e2e/payments/card.spec.ts',
  tags: ['payments', 'critical'],
});

describe('a pattern of tests', () => {
  it.each([
    ['pays by card (EUR)', true],
    ['pays by card', false],
    ['pays by card*', true],
    ['*card*', true],
    ['Payments', true],
    ['Cards', true],
    ['Payments › Cards', true],
    ['Payments › *', true],
    ['Payments › Cards › pays by card (EUR)', true],
    ['name:Cards', false],
    ['suite:Cards', true],
    ['suite:pays*', false],
    ['file:e2e/payments/*', true],
    ['file:payments/card.spec.ts', true],
    ['file:card.spec.ts', true],
    ['file:d.spec.ts', false],
    ['e2e/payments/*', true],
    ['tag:payments', true],
    ['tag:@payments', true],
    ['tag:pay', false],
    ['@critical', true],
    ['critical', false],
    ['/^pays by (card|invoice)/', true],
    ['/PAYS BY/', false],
    ['/PAYS BY/i', true],
    ['name:/^Payments/', true],
    ['tag:/^crit/', true],
    ['file:/payments\\/.*\\.spec\\.ts$/', true],
    ['https://example.com/*', false],
  ])('%s: %s', (text, expected) => {
    const read = readTestPattern(text);
    expect(read.ok && selects(read.pattern, paid)).toBe(expected);
  });

  it.each([
    ['*', /says which tests/],
    ['tag:**', /says which tests/],
    ['/(a/', /regular expression of RE2/],
    ['/a(?=b)/', /regular expression of RE2/],
    ['/(a)\\1/', /regular expression of RE2/],
    ['/a/g', /flags among i, m, s, u/],
  ])('refuses %s', (text, says) => {
    const read = readTestPattern(text);
    expect(read.ok ? 'read' : read.expected).toMatch(says);
  });

  it('comes to an end for a pattern that was made not to', () => {
    const read = readTestPattern('/^(a|a)*(a|aa)+(a*)*b$/');
    expect(read.ok && selects(read.pattern, test('a'.repeat(1_000)))).toBe(false);
  });

  it('with stars means what the same regular expression means', () => {
    const piece = fc.constantFrom('a', 'b', 'ab', '*', '**', '.');
    const wildcard = fc.array(piece, { maxLength: 6 }).map((parts) => parts.join(''));
    const text = fc.array(fc.constantFrom('a', 'b', '.'), { maxLength: 8 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(wildcard, text, (pattern, value) => {
        const source = pattern.replaceAll('.', '\\.').replace(/\*+/g, '.*');
        expect(matchesWildcard(pattern, value)).toBe(new RegExp(`^${source}$`).test(value));
      }),
      { numRuns: 500 },
    );
  });
});

describe('the place of a failure', () => {
  it.each([
    [
      'at Object.<anonymous> (/work/app/node_modules/jest/x.js:1:1)\n at /work/app/e2e/a.test.js:17:188',
      'e2e/a.test.js',
      3,
      { file: 'e2e/a.test.js', line: 17 },
    ],
    ['Error: no', 'e2e/a.test.js', 3, { file: 'e2e/a.test.js', line: 3 }],
    ['    platform_test.go:50: expected 409, saw 201', null, null, { file: 'platform_test.go', line: 50 }],
    ['at file:///work/app/e2e/a.mjs:16:127', null, null, { file: '/work/app/e2e/a.mjs', line: 16 }],
    [
      'at com.shine.PaymentTest.refunds(PaymentTest.java:7)',
      null,
      null,
      { file: 'PaymentTest.java', line: 7 },
    ],
    ['nothing to see at 12:30', null, null, { file: null, line: null }],
  ])('%s', (message, file, line, place) => {
    expect(placeIn({ message, file, line })).toEqual(place);
  });
});

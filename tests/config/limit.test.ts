import fc from 'fast-check';
import { expect, test } from 'vitest';
import { guessDuration } from '../../src/config/fields.ts';
import { flipped, LIMIT_UNITS, readLimit, toLimit, writeLimit } from '../../src/config/limit.ts';

test.each([
  ['<= 500 ms', { comparator: '<=', amount: 500, unit: 'ms' }],
  ['≤ 500ms', { comparator: '<=', amount: 500, unit: 'ms' }],
  ['>800ms', { comparator: '>', amount: 800, unit: 'ms' }],
  ['≥ 98%', { comparator: '>=', amount: 98, unit: '%' }],
  [' < 95.5 % ', { comparator: '<', amount: 95.5, unit: '%' }],
  ['> 0', { comparator: '>', amount: 0, unit: '' }],
  ['> -3', { comparator: '>', amount: -3, unit: '' }],
])('%j is read as the handbook means it', (text, limit) => {
  expect(readLimit(text)).toEqual(limit);
});

test.each([
  '',
  '5 %',
  '> ',
  '>> 5',
  '=> 5',
  '= 5',
  '> 5 %%',
  '> 5 percent',
  '> 5,5 %',
  '> 1e3',
  '5 % <',
  '> .5',
])('%j is no limit', (text) => {
  expect(readLimit(text)).toBeNull();
});

test('a limit that is written is read again as the same', () => {
  const limit = fc.record({
    comparator: fc.constantFrom('<', '<=', '>', '>='),
    amount: fc.integer({ min: -1_000_000, max: 1_000_000 }).map((amount) => amount / 100),
    unit: fc.constantFrom(...LIMIT_UNITS),
  });
  fc.assert(
    fc.property(limit, (written) => {
      const again = readLimit(writeLimit(written));
      expect(again).toEqual({ ...written, amount: written.amount + 0 });
      expect(flipped(flipped(written))).toEqual(written);
    }),
  );
});

test.each([
  ['> 2 %', 'ratio', 0.02],
  ['> 180 s', 'ms', 180_000],
  ['> 3 m', 'ms', 180_000],
  ['> 1 h', 'ms', 3_600_000],
  ['> 0', 'count', 0],
  ['> 7', 'number', 7],
] as const)('%j in %s is %d', (text, unit, value) => {
  const written = readLimit(text);
  expect(written && toLimit(written, unit)?.value).toBe(value);
});

test.each([
  ['> 2 ms', 'ratio'],
  ['> 0.02', 'ratio'],
  ['> 2 %', 'ms'],
  ['> 800', 'ms'],
  ['> 2 %', 'number'],
  ['> 2 s', 'count'],
] as const)('%j has the wrong unit for %s', (text, unit) => {
  const written = readLimit(text);
  expect(written && toLimit(written, unit)).toBeNull();
});

test.each([
  ['30 min', '30m'],
  ['2 hours', '2h'],
  ['90sec', '90s'],
  ['1 day', '1d'],
  ['250 millis', '250ms'],
  ['1 hour 30 minutes', '1h 30m'],
  ['soon', null],
  ['5m'.repeat(50), null],
])('%j was meant as %j', (text, meant) => {
  expect(guessDuration(text)).toBe(meant);
});

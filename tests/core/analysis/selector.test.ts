import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Matcher, Selector } from '../../../src/core/analysis/selector.ts';
import {
  compileSelector,
  formatSelector,
  LONGEST_PATTERN,
  matches,
  parseSelector,
} from '../../../src/core/analysis/selector.ts';

function read(text: string): Selector {
  const parsed = parseSelector(text);
  if (!parsed.ok) throw new Error(`${parsed.at}: ${parsed.message}`);
  return parsed.selector;
}

function labels(pairs: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(pairs));
}

describe('reading a selector', () => {
  const readable: readonly (readonly [string, Selector])[] = [
    ['up', { metric: 'up', matchers: [] }],
    ['  up  ', { metric: 'up', matchers: [] }],
    ['up{}', { metric: 'up', matchers: [] }],
    ['job:http:rate_5m', { metric: 'job:http:rate_5m', matchers: [] }],
    ['x{a="1",}', { metric: 'x', matchers: [{ label: 'a', operator: '=', value: '1' }] }],
    ["x{a='it\"s'}", { metric: 'x', matchers: [{ label: 'a', operator: '=', value: 'it"s' }] }],
    ['x{a=`\\d+"`}', { metric: 'x', matchers: [{ label: 'a', operator: '=', value: '\\d+"' }] }],
    ['x{a="}{,"}', { metric: 'x', matchers: [{ label: 'a', operator: '=', value: '}{,' }] }],
    [
      '{__name__="up", job="api"}',
      { metric: 'up', matchers: [{ label: 'job', operator: '=', value: 'api' }] },
    ],
    [
      'http_requests_total {\n code =~ "5..",\n l3 != "x", l4 !~ "y|z" }',
      {
        metric: 'http_requests_total',
        matchers: [
          { label: 'code', operator: '=~', value: '5..' },
          { label: 'l3', operator: '!=', value: 'x' },
          { label: 'l4', operator: '!~', value: 'y|z' },
        ],
      },
    ],
  ];
  it.each(readable)('understands %j', (text, selector) => {
    expect(parseSelector(text)).toEqual({ ok: true, selector });
  });

  it.each([
    ['"a\\"b"', 'a"b'],
    ["'a\\'b'", "a'b"],
    ['"\\\\d"', '\\d'],
    ['"\\n\\t\\r\\a\\b\\f\\v"', '\n\t\r\x07\b\f\v'],
    ['"\\x41\\u00e9\\U0001F600"', 'Aé😀'],
    ['"é😀"', 'é😀'],
    ['""', ''],
  ])('reads the quoted value %s', (quoted, value) => {
    expect(read(`x{a=${quoted}}`).matchers[0]?.value).toBe(value);
  });

  const refused: readonly (readonly [string, number, RegExp])[] = [
    ['', 0, /expected a metric name .* saw the end/],
    ['  ', 2, /expected a metric name/],
    ['5xx', 0, /expected a metric name .* saw "5xx"/],
    ['rate(x_total[5m])', 4, /saw a function .* write only the selector inside/],
    ['sum by (job) (x)', 4, /saw a function or an aggregation/],
    ['x[5m]', 1, /saw a range .* leave it out/],
    ['x{a="1"}[5m]', 8, /saw a range/],
    ['x offset 5m', 2, /saw a time shift/],
    ['x @ 1609746000', 2, /saw a time shift/],
    ['x / y', 2, /expected the end of the selector, saw "\/ y"; write one selector/],
    ['x{a="1"} or y', 9, /write one selector, and a list/],
    ['x{', 2, /expected a label name or the closing brace, saw the end/],
    ['x{a="1"', 7, /expected a comma or the closing brace, saw the end/],
    ['x{,}', 2, /expected a label name/],
    ['x{a="1",,}', 8, /expected a label name/],
    ['x{a="1" b="2"}', 8, /expected a comma/],
    ['x{"a"="1"}', 2, /expected a label name/],
    ['x{a:b="1"}', 3, /expected =, !=, =~ or !~ after a/],
    ['x{a=="1"}', 4, /expected a value in quotes, saw "=/],
    ['x{a=1}', 4, /expected a value in quotes/],
    ['x{a="1}', 7, /expected the closing "/],
    ['x{a="1\n"}', 6, /expected the closing "/],
    ['x{a=`1}', 4, /closing backtick/],
    ['x{code=~"5\\.."}', 10, /known escape, saw \\\.; double the backslash/],
    ['x{a="\\\'"}', 5, /known escape/],
    ['x{a="\\xff"}', 5, /known escape/],
    ['x{a="\\ud800"}', 5, /known escape/],
    ['x{a="\\U00110000"}', 5, /known escape/],
    ['x{a=~"("}', 5, /expected a valid pattern, saw "\("/],
    ['x{a=~"a)|(?:b"}', 5, /expected a valid pattern/],
    ['x{a=~"[[:alpha:]]+"}', 5, /expected a valid pattern/],
    ['x{a!~"*"}', 5, /expected a valid pattern/],
    ['x{a=~"(?=b)b"}', 5, /only groups that Prometheus and this program both know/],
    ['x{a=~"(?<!b)c"}', 5, /only groups/],
    ['x{a=~"b(?i)c"}', 5, /only groups/],
    ['x{a=~`(b)\\1`}', 5, /without back-references/],
    ['{a="1"}', 0, /expected a metric name before the brace/],
    ['{__name__=~"a|b"}', 0, /expected one metric name/],
    ['{__name__="a-b"}', 0, /expected one metric name/],
    ['x{__name__="y"}', 0, /expected one metric name/],
  ];
  it.each(refused)('refuses %j at %i', (text, at, message) => {
    expect(parseSelector(text)).toEqual({ ok: false, at, message: expect.stringMatching(message) });
  });

  it('refuses a pattern that is too long, and reads the longest one', () => {
    expect(parseSelector(`x{a=~"${'a'.repeat(LONGEST_PATTERN)}"}`).ok).toBe(true);
    expect(parseSelector(`x{a=~"${'a'.repeat(LONGEST_PATTERN + 1)}"}`)).toMatchObject({
      ok: false,
      at: 5,
      message: expect.stringContaining('at most 1000 characters, saw 1001'),
    });
  });

  it('says something about every text, and never throws', () => {
    const nearSelector = fc.string({ unit: fc.constantFrom(...'xa_:{}=~!",\'`\\( )[]5.*+?\n|') });
    fc.assert(
      fc.property(fc.oneof(fc.string(), nearSelector), (text) => {
        const parsed = parseSelector(text);
        if (parsed.ok) expect(parseSelector(formatSelector(parsed.selector))).toEqual(parsed);
        else expect(parsed.at).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('writing a selector', () => {
  const matcher: fc.Arbitrary<Matcher> = fc.oneof(
    fc.record({
      label: fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_]{0,8}$/),
      operator: fc.constantFrom('=' as const, '!=' as const),
      value: fc.string({ unit: 'binary' }),
    }),
    fc.record({
      label: fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_]{0,8}$/),
      operator: fc.constantFrom('=~' as const, '!~' as const),
      value: fc.constantFrom('5..', 'a|b', '\\d+\\.x', '(?i)get', '[^"\\\\]+', '', 'line\\nfeed'),
    }),
  );

  it('is undone by reading it', () => {
    const selector = fc.record({
      metric: fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,12}$/),
      matchers: fc.array(matcher, { maxLength: 5 }),
    });
    fc.assert(
      fc.property(selector, (one) => {
        expect(parseSelector(formatSelector(one))).toEqual({ ok: true, selector: one });
      }),
    );
  });

  it('leaves out braces that hold nothing', () => {
    expect(formatSelector({ metric: 'up', matchers: [] })).toBe('up');
  });
});

describe('matching a series', () => {
  it.each([
    ['x', 'x', {}, true],
    ['x', 'y', {}, false],
    ['x{code="500"}', 'x', { code: '500', more: '1' }, true],
    ['x{code="500"}', 'x', { code: '5000' }, false],
    ['x{code!="500"}', 'x', { code: '500' }, false],
    ['x{code!="500"}', 'x', {}, true],
    ['x{code=""}', 'x', {}, true],
    ['x{code=""}', 'x', { code: '1' }, false],
    ['x{code!=""}', 'x', {}, false],
    ['x{code=~"5.."}', 'x', { code: '503' }, true],
    ['x{code=~"5.."}', 'x', { code: '1503' }, false],
    ['x{code=~"5.."}', 'x', { code: '5031' }, false],
    ['x{code=~"a|b"}', 'x', { code: 'ab' }, false],
    ['x{code=~"a|b"}', 'x', { code: 'b' }, true],
    ['x{code=~".*"}', 'x', {}, true],
    ['x{code=~".+"}', 'x', {}, false],
    ['x{code=~"a.b"}', 'x', { code: 'a\nb' }, true],
    ['x{code=~"a$"}', 'x', { code: 'a\n' }, false],
    ['x{code!~"5.."}', 'x', { code: '200' }, true],
    ['x{code!~"5.."}', 'x', { code: '500' }, false],
    ['x{code!~"5.."}', 'x', {}, true],
    ['x{m=~"(?i)get|post"}', 'x', { m: 'POST' }, true],
    ['x{m=~"get|post"}', 'x', { m: 'POST' }, false],
    ['x{constructor=""}', 'x', {}, true],
    ['x{a="1",b=~"2"}', 'x', { a: '1', b: '3' }, false],
  ])('%s and %s%j: %s', (text, metric, pairs, expected) => {
    expect(matches(read(text), metric, labels(pairs))).toBe(expected);
    expect(compileSelector(read(text))(metric, labels(pairs))).toBe(expected);
  });

  it('says the opposite for the opposite operator', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('5..', 'a|b', '.*', '[ab]+'), (value, pattern) => {
        const is = compileSelector(read(`x{a=~"${pattern}"}`));
        const isNot = compileSelector(read(`x{a!~"${pattern}"}`));
        expect(is('x', labels({ a: value }))).toBe(!isNot('x', labels({ a: value })));
      }),
    );
  });
});

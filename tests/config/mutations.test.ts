import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { formatProblems, type ParsedConfig, parseConfig } from '../../src/config/read.ts';
import { schema, VALID } from './registered.ts';

const example = readFileSync(new URL('../../examples/shine/deploy-canary.yml', import.meta.url), 'utf8');
const texts = [VALID, example];

type Path = readonly (string | number)[];

function pathsOf(data: unknown, path: Path = []): Path[] {
  if (typeof data !== 'object' || data === null) return [];
  const keys = Array.isArray(data) ? [...data.keys()] : Object.keys(data);
  return keys.flatMap((key) => [[...path, key], ...pathsOf(Reflect.get(data, key), [...path, key])]);
}

/** The data with the entry at a path replaced by what `change` makes of it: no entry, or another one. */
function mutate(
  data: unknown,
  path: Path,
  change: (key: string, value: unknown) => [string, unknown][],
): unknown {
  const [key, ...rest] = path;
  if (Array.isArray(data)) {
    return data.flatMap((item, index) => {
      if (index !== key) return [item];
      return rest.length > 0 ? [mutate(item, rest, change)] : change('', item).map(([, value]) => value);
    });
  }
  if (typeof data !== 'object' || data === null) return data;
  const entries = Object.entries(data).flatMap(([name, value]): [string, unknown][] => {
    if (name !== key) return [[name, value]];
    return rest.length > 0 ? [[name, mutate(value, rest, change)]] : change(name, value);
  });
  return Object.fromEntries(entries);
}

/** Each problem says its three things and points into the file; the file's order is kept. */
function expectSound(text: string, parsed: ParsedConfig): void {
  if (parsed.ok) return;
  const lines = text.split('\n');
  expect(parsed.problems.length).toBeGreaterThan(0);
  let before = 0;
  for (const { line, column, length, expected, seen, fix } of parsed.problems) {
    expect(line).toBeGreaterThanOrEqual(Math.max(1, before));
    expect(line).toBeLessThanOrEqual(lines.length);
    const width = (lines[line - 1] ?? '').length;
    expect(column).toBeGreaterThanOrEqual(1);
    expect(column).toBeLessThanOrEqual(width + 1);
    expect(length).toBeGreaterThanOrEqual(1);
    expect([expected, seen, fix].every((part) => part !== '' && !part.includes('\n'))).toBe(true);
    before = line;
  }
  expect(formatProblems(parsed.problems).split('\n\n')).toHaveLength(parsed.problems.length);
}

function check(text: string): ParsedConfig {
  const parsed = parseConfig(text, 'c.yml', schema);
  expectSound(text, parsed);
  return parsed;
}

const change = fc.oneof(
  fc.constant((): [string, unknown][] => []),
  fc.string().map((name) => (_: string, value: unknown): [string, unknown][] => [[name, value]]),
  fc.jsonValue().map((value) => (name: string): [string, unknown][] => [[name, value]]),
  fc
    .constantFrom(
      '> 5 %',
      '<= 3 ms',
      '0s',
      '5 m',
      '-1',
      'http_total{a="b"}',
      'off',
      '*x',
      0,
      -1,
      1e308,
      null,
      [],
      {},
    )
    .map((value) => (name: string): [string, unknown][] => [[name, value]]),
);

describe('whatever a person does to a valid file, it is read or refused with sound problems', () => {
  test('keys deleted, keys renamed, values of another type', () => {
    const mutation = fc.tuple(fc.nat(), change);
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        (text, mutations) => {
          const data = mutations.reduce<unknown>((current, [pick, make]) => {
            const paths = pathsOf(current);
            const path = paths[pick % Math.max(1, paths.length)];
            return path === undefined ? current : mutate(current, path, make);
          }, parse(text));
          check(stringify(data));
        },
      ),
      { numRuns: 200 },
    );
  });

  test('pieces of text cut out, doubled and put elsewhere', () => {
    const edit = fc.record({
      from: fc.nat(),
      length: fc.nat(40),
      to: fc.nat(),
      text: fc.string({ maxLength: 5 }),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        (original, edits) => {
          const text = edits.reduce((current, { from, length, to, text: extra }) => {
            const start = from % (current.length + 1);
            const piece = current.slice(start, start + length);
            const without = current.slice(0, start) + current.slice(start + length);
            const place = to % (without.length + 1);
            return without.slice(0, place) + piece + extra + without.slice(place);
          }, original);
          check(text);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('any text at all', () => {
    const pieces = fc.constantFrom(
      'a',
      ':',
      ' ',
      '\n',
      '-',
      '[',
      ']',
      '{',
      '}',
      '"',
      "'",
      '&a',
      '*a',
      '<<',
      '!t',
      '|',
      '>',
      '?',
      '#',
      '%',
      '\t',
      '\r',
      ',',
    );
    fc.assert(
      fc.property(
        fc.string({ unit: fc.oneof(pieces, fc.string({ maxLength: 1 })), maxLength: 60 }),
        (text) => void check(text),
      ),
      {
        numRuns: 300,
      },
    );
  });
});

describe('no key is ignored', () => {
  const free = /^environments(\.[^.]+)?$|\.env\.[^.]+$/;
  const data: unknown = parse(example);
  const paths = pathsOf(data).filter((path) => typeof path.at(-1) === 'string');
  const named = paths.filter((path) => (path[0] === 'environments' ? path.length !== 2 : true));

  test('a key that is renamed is always refused', () => {
    fc.assert(
      fc.property(fc.constantFrom(...named), (path) => {
        const text = stringify(mutate(data, path, (name, value) => [[`${name}-of-mine`, value]]));
        expect(check(text).ok).toBe(free.test(path.join('.')) && path.length === 2);
      }),
      { numRuns: 100 },
    );
  });
});

import { fullName, type TestCase } from './test-case.ts';

/** What of a test a pattern is held against. `any`: all of the others. */
export const PATTERN_FIELDS = ['name', 'suite', 'file', 'tag'] as const;
export type PatternField = (typeof PATTERN_FIELDS)[number] | 'any';

export interface TestPattern {
  /** As it is written. */
  readonly text: string;
  readonly field: PatternField;
  readonly matches: (value: string) => boolean;
}

/** Nobody needs more of a name to know it. */
const LONGEST = 1_000;

/** Whether `text` is the whole of the wildcard; `*` stands for any characters, also none. Linear in both. */
export function matchesWildcard(wildcard: string, text: string): boolean {
  const [first = '', ...rest] = wildcard.split('*');
  if (rest.length === 0) return text === first;
  const last = rest.pop() ?? '';
  if (!text.startsWith(first)) return false;
  let from = first.length;
  for (const piece of rest) {
    const at = text.indexOf(piece, from);
    if (at < 0) return false;
    from = at + piece.length;
  }
  return text.length - last.length >= from && text.endsWith(last);
}

/** `tag:@smoke` is the field `tag` and `@smoke`; without a field it is any of them. */
export function splitPattern(text: string): { readonly field: PatternField; readonly body: string } {
  const [, field, body] = /^([a-z]+):(.*)$/s.exec(text) ?? [];
  const known = PATTERN_FIELDS.find((one) => one === field);
  return known === undefined || body === undefined ? { field: 'any', body: text } : { field: known, body };
}

export function wildcardPattern(text: string): TestPattern {
  const { field, body } = splitPattern(text);
  const bare = body.replace(/^@/, '');
  const matches = (value: string): boolean =>
    matchesWildcard(body, value) || (field === 'tag' && matchesWildcard(bare, value));
  return { text, field, matches };
}

/** Whether the pattern means this test. */
export function selects({ field, matches }: TestPattern, test: TestCase): boolean {
  return valuesOf(field, test).some((value) => matches(value.slice(0, LONGEST)));
}

function valuesOf(field: PatternField, test: TestCase): readonly string[] {
  const { name, suites, file, tags } = test;
  switch (field) {
    case 'name':
      return [name, fullName(test)];
    case 'suite':
      return suitesOf(suites);
    case 'file':
      return file === null ? [] : fileNames(file);
    case 'tag':
      return tags;
    case 'any':
      return [
        name,
        fullName(test),
        ...suitesOf(suites),
        ...(file === null ? [] : fileNames(file)),
        ...tags.map((tag) => `@${tag}`),
      ];
  }
}

/** Each suite alone, and with those that it stands in. */
function suitesOf(suites: readonly string[]): readonly string[] {
  return suites.flatMap((suite, depth) => [suite, suites.slice(0, depth + 1).join(' › ')]);
}

/** A path and its ends: `e2e/*` is meant from wherever the tool counts. */
function fileNames(file: string): readonly string[] {
  const parts = file
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  return parts.slice(0, 30).map((_, depth) => parts.slice(depth).join('/'));
}

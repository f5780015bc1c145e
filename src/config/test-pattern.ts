import { RE2JS } from 're2js';
import { splitPattern, type TestPattern, wildcardPattern } from '../core/e2e/pattern.ts';

export type ReadPattern =
  | { readonly ok: true; readonly pattern: TestPattern }
  | { readonly ok: false; readonly expected: string; readonly fix: string };

const REGEX = /^\/(.+)\/([a-z]*)$/s;
const FLAGS: Readonly<Record<string, number>> = {
  i: RE2JS.CASE_INSENSITIVE,
  m: RE2JS.MULTILINE,
  s: RE2JS.DOTALL,
  u: 0,
};

/**
 * A pattern over tests: a name with `*` in it, or a regular expression between slashes, perhaps behind `name:`,
 * `suite:`, `file:` or `tag:`. Regular expressions are those of RE2, whose time grows with the text and not faster.
 */
export function readTestPattern(text: string): ReadPattern {
  const { field, body } = splitPattern(text);
  const [, source, flags = ''] = REGEX.exec(body) ?? [];
  if (source === undefined) {
    if (body.replaceAll('*', '').trim() !== '') return { ok: true, pattern: wildcardPattern(text) };
    return { ok: false, expected: 'a pattern that says which tests', fix: 'write a part of their names' };
  }
  const unknown = [...flags].find((flag) => !Object.hasOwn(FLAGS, flag));
  if (unknown !== undefined) {
    return {
      ok: false,
      expected: `flags among i, m, s, u behind the expression`,
      fix: `remove the flag ${unknown}`,
    };
  }
  try {
    const bits = [...flags].reduce((sum, flag) => sum | (FLAGS[flag] ?? 0), 0);
    const expression = RE2JS.compile(source, bits);
    return { ok: true, pattern: { text, field, matches: (value) => expression.test(value) } };
  } catch (error) {
    const why = (error instanceof Error ? error.message : String(error)).replace(
      /^error parsing regexp: /,
      '',
    );
    return { ok: false, expected: `a regular expression of RE2 (${why})`, fix: fixOf(why) };
  }
}

/** What other engines know and RE2 does not can be written in another way; the rest is a slip. */
function fixOf(why: string): string {
  return /perl syntax|invalid escape|repeat/i.test(why)
    ? 'write it without look-around and back-references; what RE2 knows is allowed'
    : 'close its groups and brackets, and write \\ before a sign that stands for itself';
}

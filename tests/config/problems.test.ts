import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { type Problem, parseConfig } from '../../src/config/read.ts';
import { schema, VALID } from './registered.ts';

const vectors = z.array(
  z.strictObject({
    group: z.string(),
    cases: z.array(
      z.strictObject({
        what: z.string(),
        replace: z.string(),
        with: z.string(),
        problems: z.array(z.string()).min(1),
      }),
    ),
  }),
);

const groups = vectors.parse(parse(readFileSync(new URL('problems.yml', import.meta.url), 'utf8')));

describe.each(groups)('a config is refused, and told where, why and what to change: $group', ({ cases }) => {
  test.each(cases)('$what', ({ replace, with: written, problems }) => {
    expect(VALID).toContain(replace);
    const parsed = parseConfig(
      VALID.replace(replace, () => written),
      'c.yml',
      schema,
    );
    const told = parsed.ok ? [] : parsed.problems;
    expect(told.map(say)).toEqual(problems);
  });
});

function say({ line, column, path, message }: Problem): string {
  return `${line}:${column} ${path === '' ? '' : `${path}: `}${message}`;
}

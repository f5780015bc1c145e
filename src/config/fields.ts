import { z } from 'zod';
import { parseSelector, type Selector } from '../core/analysis/selector.ts';
import { formatDuration, type Milliseconds, parseDuration } from '../core/units.ts';
import { LIMIT_PATTERN, readLimit, type WrittenLimit } from './limit.ts';
import { flawed, splitMessage, type Telling } from './telling.ts';

export const DURATION_PATTERN = /^\s*(\d+(\.\d+)?\s*(ms|s|m|h|d)\s*)+$/;
/** No job runs longer than this, not even on a machine of one's own. */
const LONGEST: Milliseconds = 5 * 24 * 3_600_000;

interface DurationRule {
  readonly description: string;
  readonly example: string;
  readonly min?: Milliseconds;
  readonly max?: Milliseconds;
}

export function duration({ description, example, min = 0, max = LONGEST }: DurationRule) {
  return z
    .string()
    .meta({ description, examples: [example], pattern: DURATION_PATTERN.source })
    .transform((text, context): Milliseconds => {
      const ms = parseDuration(text);
      if (ms !== null && ms >= min && ms <= max) return ms;
      context.addIssue(flawed(ms === null ? notADuration(text, example) : outOfBounds(ms, min, max)));
      return z.NEVER;
    });
}

function notADuration(text: string, example: string): Telling {
  return { expected: `a duration such as ${example}`, fix: `write \`${guessDuration(text) ?? example}\`` };
}

function outOfBounds(ms: Milliseconds, min: Milliseconds, max: Milliseconds): Telling {
  const from = min === 0 ? 'of at most' : `from ${formatDuration(min)} to`;
  return {
    expected: `a duration ${from} ${longest(max)}`,
    fix: ms < min ? 'make it longer' : 'make it shorter',
  };
}

function longest(max: Milliseconds): string {
  return max === LONGEST ? '5 days, the longest a job can run' : formatDuration(max);
}

/** What `30 min`, `2 hours` or `90sec` should have been. */
export function guessDuration(text: string): string | null {
  if (text.length > 40) return null;
  const guess = text
    .toLowerCase()
    .replace(/\s*(milliseconds?|millis|msecs?)\b/g, 'ms')
    .replace(/\s*(seconds?|secs?)\b/g, 's')
    .replace(/\s*(minutes?|mins?)\b/g, 'm')
    .replace(/\s*(hours?|hrs?)\b/g, 'h')
    .replace(/\s*days?\b/g, 'd')
    .trim();
  return parseDuration(guess) === null ? null : guess;
}

export function limit(description: string, examples: readonly string[]) {
  return z
    .string()
    .meta({ description, examples: [...examples], pattern: LIMIT_PATTERN.source })
    .transform((text, context): WrittenLimit => {
      const written = readLimit(text);
      if (written !== null) return written;
      const example = examples[0] ?? '> 2 %';
      context.addIssue(
        flawed({
          expected: `a comparator, a number and a unit, such as '${example}'`,
          fix: "write it as the handbook does: '<= 500 ms', '> 2 %', '>= 98 %'",
        }),
      );
      return z.NEVER;
    });
}

export function selector(description: string, example: string) {
  return z
    .string()
    .meta({ description, examples: [example] })
    .transform((text, context): Selector => {
      const parsed = parseSelector(text);
      if (parsed.ok) return parsed.selector;
      context.addIssue(
        flawed({ fix: `write it like '${example}'`, ...splitMessage(parsed.message), offset: parsed.at }),
      );
      return z.NEVER;
    });
}

/** One selector, or several that are added up. */
export function selectors(description: string, example: string) {
  const one = selector(description, example);
  return z.union([one.transform((single) => [single]), z.array(one).min(1)]).describe(description);
}

/** A program and its arguments, which no shell reads. */
export function program() {
  return z
    .array(
      z.string(),
      'expected a list of a program and its arguments; write each as an item of its own, such as `[npm, run, e2e]`',
    )
    .min(1)
    .refine(([first]) => first !== '', {
      params: { expected: 'a program', fix: 'write its name or path' } satisfies Telling,
      path: [0],
    });
}

export const variable = z
  .string()
  .meta({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$' })
  .refine((text) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(text), {
    params: { expected: 'the name of an environment variable', fix: 'rename it' } satisfies Telling,
  });

/** Where something is on the web, as everybody may read it. */
export function webUrl() {
  return z
    .url({ protocol: /^https?$/, error: 'expected an http or https URL; begin it with https://' })
    .refine(
      (text) => !URL.canParse(text) || (new URL(text).username === '' && new URL(text).password === ''),
      {
        params: {
          expected: 'a URL without credentials',
          fix: 'take the name and the password out of it',
        } satisfies Telling,
      },
    );
}

/** Why somebody answers for an exception. */
export const reason = z
  .string()
  .min(10, 'expected a sentence of at least 10 characters; say what is wrong, and why it may stay so')
  .max(500)
  .describe('Why, in a sentence.');

/** A name that is safe in a file name, a git ref and a label. */
export function name(what: string, example: string, pattern: RegExp) {
  return z
    .string()
    .max(63)
    .meta({ pattern: pattern.source })
    .refine((text) => pattern.test(text), {
      params: {
        expected: `${what} of letters, digits and single dashes, such as ${example}`,
        fix: 'rename it',
      } satisfies Telling,
    });
}

export const KEBAB_PATTERN = /^[a-z0-9]+(-[a-z0-9]+)*$/;
export const NAME_PATTERN = /^[A-Za-z0-9]+([._-][A-Za-z0-9]+)*$/;

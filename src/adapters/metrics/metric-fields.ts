import { z } from 'zod';
import { parseDuration } from '../../core/units.ts';

/** Fields that metrics entries of the config share. */
export function httpUrl(example: string, insteadOfPassword: string) {
  return z
    .url({ protocol: /^https?$/, error: `expected an http or https url such as ${example}` })
    .refine(
      (url) => !hasCredentials(url),
      `expected a url without user and password; use ${insteadOfPassword}`,
    );
}

function hasCredentials(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { username, password } = new URL(url);
  return username !== '' || password !== '';
}

export function labelName() {
  return z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'expected a label name such as slot');
}

const MINUTE = 60_000;

/** Above 0 and of at most `longest` minutes. */
export function span(example: string, { zero = false, minutes = 1 } = {}) {
  return z.string().transform((text, context) => {
    const ms = parseDuration(text);
    if (ms !== null && (zero ? ms >= 0 : ms > 0) && ms <= minutes * MINUTE) return ms;
    const bounds = zero ? `of at most ${minutes}m` : `above 0 and of at most ${minutes}m`;
    context.addIssue(`expected a duration ${bounds} such as ${example}, saw "${text}"`);
    return z.NEVER;
  });
}

/** What the label, tag or dimension that tells the slots apart holds for each of them. */
export function slotValues(what: string) {
  const text = z.string().min(1);
  return z
    .strictObject({
      a: text.describe(`Value of the ${what} for slot a`),
      b: text.describe(`Value of the ${what} for slot b`),
    })
    .default({ a: 'a', b: 'b' })
    .refine(({ a, b }) => a !== b, `expected two different values; one ${what} value cannot be both slots`);
}

import { z } from 'zod';
import { type Milliseconds, parseDuration } from '../../core/units.ts';
import type { AdapterContext } from '../../ports/adapter-context.ts';
import { AdapterError } from '../../ports/adapter-error.ts';

/** For editors; `parseDuration` decides. */
const DURATION = /^\s*(\d+(\.\d+)?\s*(ms|s|m|h|d)\s*)+$/;

/** A duration of at least `least` milliseconds. */
export function span(example: string, least: Milliseconds = 1) {
  return z
    .string()
    .meta({ pattern: DURATION.source, examples: [example] })
    .transform((text, context): Milliseconds => {
      const ms = parseDuration(text);
      if (ms !== null && ms >= least) return ms;
      const expected = `a duration such as ${example}`;
      const fix = ms === null ? `write \`${example}\`` : 'make it longer';
      context.addIssue({
        code: 'custom',
        message: `expected ${expected}; ${fix}`,
        params: { expected, fix },
      });
      return z.NEVER;
    });
}

export const url = z
  .string()
  .meta({ examples: ['https://staging.example.com/bookings'] })
  .refine(isWebUrl, {
    params: { expected: 'an http or https URL without credentials', fix: 'put secrets into `headers-env`' },
  });

function isWebUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === '';
}

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

export const variable = z
  .string()
  .meta({ pattern: VARIABLE.source, examples: ['STAGING_TOKEN'] })
  .refine((text) => VARIABLE.test(text), {
    params: {
      expected: 'the name of an environment variable',
      fix: 'put the value into a secret and name its variable',
    },
  });

/** A secret from the environment, masked before anybody sees it. */
export function secretOf({ env, mask }: Pick<AdapterContext, 'env' | 'mask'>, name: string): string {
  const secret = env[name] ?? '';
  if (secret === '') {
    const message = `expected a secret in the variable ${name}, saw nothing; set it in \`env:\` of the step`;
    throw new AdapterError('load-generator', 'unauthorized', message, { retryable: false });
  }
  mask(secret);
  return secret;
}

import { z } from 'zod';
import { type Milliseconds, parseDuration } from '../../core/units.ts';
import { AdapterError } from '../../ports/adapter-error.ts';
import type { CheckContext, RegisteredCheck } from '../../ports/check.ts';
import type { Ledger } from '../../ports/ledger.ts';

type Context = z.core.$RefinementCtx;

/** Tells expected and fix apart, so that the configuration can say both with file and line. */
export function refuse(
  context: Context,
  expected: string,
  fix: string,
  path: (string | number)[] = [],
): void {
  const message = `expected ${expected}; ${fix}`;
  context.addIssue({ code: 'custom', message, params: { expected, fix }, path });
}

/** For editors; `parseDuration` decides. */
const DURATION = /^\s*(\d+(\.\d+)?\s*(ms|s|m|h|d)\s*)+$/;

export function span(example: string) {
  return z
    .string()
    .meta({ pattern: DURATION.source, examples: [example] })
    .transform((text, context): Milliseconds => {
      const ms = parseDuration(text);
      if (ms !== null && ms > 0) return ms;
      refuse(context, `a duration above 0 such as ${example}`, `write \`${example}\``);
      return z.NEVER;
    });
}

const ID = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** The keys that every check has. */
export function frame(standard: { readonly title: string; readonly timeout: string }) {
  return {
    id: z
      .string()
      .max(63)
      .meta({ pattern: ID.source, examples: ['ci-status'] })
      .refine((text) => ID.test(text), {
        params: { expected: 'an id in kebab-case such as ci-status', fix: 'rename it' },
      })
      .optional()
      .describe('Stable name in results and waivers, unique in its list. Default: the name of the check.'),
    title: z.string().min(1).max(80).prefault(standard.title).describe('Name for people.'),
    severity: z
      .enum(['block', 'warn'])
      .prefault('block')
      .describe('`warn` lets the gate open without this check, and says so.'),
    timeout: span(standard.timeout)
      .prefault(standard.timeout)
      .describe('How long the check may take. One that is late is an error, never a pass.'),
  };
}

interface Framed {
  readonly check: string;
  readonly id?: string | undefined;
  readonly title: string;
  readonly severity: 'block' | 'warn';
  readonly timeout: Milliseconds;
}

/** What the config entry of a check ends in. */
export function registered(config: Framed, run: RegisteredCheck['run']): RegisteredCheck {
  const { check: type, id = type, title, severity, timeout } = config;
  return { type, id, title, severity, timeout, run };
}

export const envName = z
  .string()
  .meta({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$', examples: ['FLAGS_TOKEN'] })
  .refine((text) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(text), {
    params: {
      expected: 'the name of an environment variable',
      fix: 'put the value into a secret and name its variable',
    },
  });

/** A secret from the environment, masked before anybody sees it. */
export function secretOf(context: CheckContext, name: string): string {
  const secret = context.env[name] ?? '';
  if (secret === '') {
    const message = `expected a secret in the variable ${name}, saw nothing; set it in \`env:\` of the step`;
    throw new AdapterError('preflight', 'unauthorized', message, { retryable: false });
  }
  context.mask(secret);
  return secret;
}

export function ledgerOf({ ledger, environment }: CheckContext): Ledger {
  if (ledger !== null) return ledger();
  const message = `expected a ledger of the environment ${environment}, saw none; add it under \`environments:\``;
  throw new AdapterError('preflight', 'refused', message, { retryable: false });
}

import { z } from 'zod';
import { formatDuration, type Milliseconds, parseDuration } from '../../core/units.ts';

const LONGEST_TIMEOUT: Milliseconds = 60_000;

/** `timeout:` of a router; `usual` where the config says nothing. */
export const routerTimeout = (usual: string) =>
  z
    .string()
    .meta({ pattern: '^\\s*(\\d+(\\.\\d+)?\\s*(ms|s|m|h|d)\\s*)+$' })
    .transform((text, context): Milliseconds => {
      const ms = parseDuration(text);
      if (ms !== null && ms > 0 && ms <= LONGEST_TIMEOUT) return ms;
      const expected = `a duration from 1ms to ${formatDuration(LONGEST_TIMEOUT)}`;
      const fix = `write \`timeout: ${usual}\``;
      const params = { expected, fix, seen: text };
      context.addIssue({ code: 'custom', message: `expected ${expected}, got "${text}"; ${fix}`, params });
      return z.NEVER;
    })
    .prefault(usual)
    .describe('How long one call to the router may take before it counts as failed.');

/** For a router that is spoken to over a connection. */
export const timeoutSchema = routerTimeout('2s');

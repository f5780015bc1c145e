import { z } from 'zod';
import { parseDuration } from '../../../core/units.ts';
import type { RegisteredMetrics } from '../../../ports/metrics-provider.ts';
import { createScrapeProvider } from './scrape-provider.ts';

const LONGEST_TIMEOUT = 60_000;

const urlSchema = z
  .url({ protocol: /^https?$/, error: 'expected an http or https url such as http://10.0.0.5:9090/metrics' })
  .refine((url) => !hasCredentials(url), 'expected a url without user and password; use token-env')
  .describe('Address of the metrics text, with its path: http://10.0.0.5:9090/metrics');

const endpointSchema = z.strictObject({
  url: urlSchema,
  slot: z
    .enum(['a', 'b'])
    .optional()
    .describe(
      'The slot that all series of this endpoint belong to. Left out: each series says it in slot-label',
    ),
});

const timeoutSchema = z
  .string()
  .default('3s')
  .describe('How long one endpoint may take for its complete answer. Keep it below the tick')
  .transform((text, context) => {
    const timeout = parseDuration(text);
    if (timeout !== null && timeout > 0 && timeout <= LONGEST_TIMEOUT) return timeout;
    context.addIssue(`expected a duration above 0 and of at most 1m such as 3s, saw "${text}"`);
    return z.NEVER;
  });

/** Reads metrics endpoints directly, without a Prometheus server, and counts increments itself. */
export const scrapeMetricsSchema = z
  .strictObject({
    type: z.literal('scrape').describe('Reads Prometheus or OpenMetrics text from the endpoints themselves'),
    endpoints: z
      .array(endpointSchema)
      .min(1, 'expected at least one endpoint; add one with its url')
      .max(500)
      .describe('Every instance to read, all of them at each tick'),
    'slot-label': z
      .string()
      .regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'expected a label name such as slot')
      .default('slot')
      .describe('Label whose value a or b says which slot a series belongs to, at endpoints without a slot'),
    timeout: timeoutSchema,
    'token-env': z
      .string()
      .min(1)
      .optional()
      .describe('Name of the environment variable with a bearer token that every endpoint is sent'),
  })
  .superRefine(({ endpoints }, context) => {
    const urls = endpoints.map(({ url }) => url);
    const twice = urls.find((url, index) => urls.indexOf(url) !== index);
    if (twice !== undefined) {
      context.addIssue({
        code: 'custom',
        path: ['endpoints'],
        message: `expected each url once, saw ${twice} again: its events would count twice; remove one`,
      });
    }
    const slots = new Set(endpoints.map(({ slot }) => slot));
    if (slots.size === 1 && !slots.has(undefined)) {
      context.addIssue({
        code: 'custom',
        path: ['endpoints'],
        message: `expected endpoints of both slots, saw only slot ${[...slots].join()}; add one of the other slot`,
      });
    }
  })
  .transform(
    (settings): RegisteredMetrics => ({
      type: settings.type,
      create: (context, spec) =>
        createScrapeProvider(
          {
            endpoints: settings.endpoints.map(({ url, slot }) => ({ url, slot: slot ?? null })),
            slotLabel: settings['slot-label'],
            timeout: settings.timeout,
            tokenEnv: settings['token-env'] ?? null,
          },
          context,
          spec,
        ),
    }),
  );

function hasCredentials(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { username, password } = new URL(url);
  return username !== '' || password !== '';
}

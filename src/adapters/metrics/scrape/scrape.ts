import { z } from 'zod';
import type { RegisteredMetrics } from '../../../ports/metrics-provider.ts';
import { httpUrl, labelName, span } from '../metric-fields.ts';
import { createScrapeProvider } from './scrape-provider.ts';

const urlSchema = httpUrl('http://10.0.0.5:9090/metrics', 'token-env').describe(
  'Address of the metrics text, with its path: http://10.0.0.5:9090/metrics',
);

const endpointSchema = z.strictObject({
  url: urlSchema,
  slot: z
    .enum(['a', 'b'])
    .optional()
    .describe(
      'The slot that all series of this endpoint belong to. Left out: each series says it in slot-label',
    ),
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
    'slot-label': labelName()
      .default('slot')
      .describe('Label whose value a or b says which slot a series belongs to, at endpoints without a slot'),
    timeout: span('3s')
      .prefault('3s')
      .describe('How long one endpoint may take for its complete answer. Keep it below the tick'),
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

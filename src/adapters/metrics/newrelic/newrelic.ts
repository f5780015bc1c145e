import { z } from 'zod';
import type { RegisteredMetrics } from '../../../ports/metrics-provider.ts';
import { boundsField, metricKey, needsBounds, pace, registered } from '../bucket-fields.ts';
import { httpUrl, slotValues } from '../metric-fields.ts';
import { createNewRelicProvider, type NewRelicSettings } from './newrelic-provider.ts';

const REGIONS = { us: 'https://api.newrelic.com', eu: 'https://api.eu.newrelic.com' } as const;

const attribute = z.string().regex(/^[^`\s]+$/, 'expected the name of an attribute such as http.statusCode');
const condition = z.string().min(1).max(1_000);

const seriesSchema = z
  .strictObject({
    from: z
      .string()
      .regex(/^[a-zA-Z][a-zA-Z0-9_:]*$/, 'expected a type of events such as Transaction')
      .default('Metric')
      .describe('Type of the events: Metric, Transaction, Span, or one of your own'),
    value: attribute
      .optional()
      .describe(
        'Attribute with a number: added up for a counter, the largest for a gauge. Default: the name, of a Metric; else events are counted',
      ),
    where: condition.optional().describe("Condition in NRQL: appName = 'booking' AND error IS TRUE"),
    labels: z
      .record(z.string(), attribute)
      .default({})
      .describe('Attributes that the labels of selectors stand for, where they have other names'),
    bounds: boundsField().default([]),
  })
  .transform(({ value, where, ...rest }) => ({ value: value ?? null, where: where ?? null, ...rest }));

const writtenSchema = z.strictObject({
  type: z.literal('newrelic').describe('Asks New Relic by NRQL, through NerdGraph'),
  account: z.number().int().positive().describe('Number of the account that has the data'),
  region: z.enum(['us', 'eu']).default('us').describe('Data center of the account'),
  url: httpUrl('https://api.eu.newrelic.com', 'api-key-env')
    .optional()
    .describe('Address of NerdGraph without /graphql, for a proxy in front of it. Default: told by region'),
  'api-key-env': z
    .string()
    .min(1)
    .default('NEW_RELIC_API_KEY')
    .describe('Name of the environment variable with a user key'),
  'slot-attribute': attribute.default('slot').describe('Attribute that says which slot an event belongs to'),
  slots: slotValues('attribute').describe('What slot-attribute holds for each slot, when it is not a and b'),
  where: condition.optional().describe("Condition in NRQL, put on every query: service.name = 'booking'"),
  series: z
    .record(metricKey(), seriesSchema)
    .default({})
    .describe(
      'What the names in the KPIs are in New Relic, where they are not metrics of that name, and bounds for histograms',
    ),
  ...pace({
    period: {
      example: '30s',
      expected: 'whole seconds, from 5s to 5m',
      fits: (seconds) => seconds >= 5 && Number.isInteger(seconds),
    },
    delay: '2m',
  }),
});

/** `metrics: {type: newrelic, ...}` of the config. */
export const newrelicMetricsSchema = writtenSchema.transform((written): RegisteredMetrics => {
  const settings = settingsOf(written);
  const lacks = needsBounds(settings.series, 'from: Transaction, value: duration');
  return registered(written.type, settings, createNewRelicProvider, lacks);
});

function settingsOf(written: z.output<typeof writtenSchema>): NewRelicSettings {
  const { account, region, url, slots, where, series, period, delay, timeout } = written;
  return {
    account,
    url: (url ?? REGIONS[region]).replace(/\/+$/, ''),
    apiKeyEnv: written['api-key-env'],
    slotAttribute: written['slot-attribute'],
    slots,
    where: where ?? null,
    series,
    period,
    delay,
    timeout,
  };
}

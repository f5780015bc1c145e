import { z } from 'zod';
import type { MetricNeed, MetricRole, RegisteredMetrics } from '../../../ports/metrics-provider.ts';
import { boundsField, boundsMissing, metricKey, pace, registered } from '../bucket-fields.ts';
import { httpUrl, slotValues } from '../metric-fields.ts';
import { type CloudWatchSettings, createCloudWatchProvider } from './cloudwatch-provider.ts';
import { seriesFor } from './metric-data.ts';

const text = z.string().min(1).max(1_024);
const dimensions = z
  .record(text, text)
  .refine((all) => Object.keys(all).length < 30, 'expected fewer than 30');

const partSchema = z
  .strictObject({
    namespace: text.optional().describe('Namespace of this metric. Default: namespace of the entry'),
    metric: text.describe('Its name in CloudWatch'),
    dimensions: dimensions
      .default({})
      .describe('Dimensions of this metric besides those of the entry and the slot'),
    labels: z
      .record(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/), z.string())
      .default({})
      .describe('What selectors see of it: { code: 5xx } is found by code=~"5.."'),
    count: z
      .enum(['sum', 'samples'])
      .default('sum')
      .describe('Of a counter: its values added up, or how many there were'),
    bounds: boundsField().default([]),
  })
  .transform(({ namespace, ...rest }) => ({ namespace: namespace ?? null, ...rest }));

const seriesSchema = z
  .union([partSchema.transform((part) => [part]), z.array(partSchema).min(1).max(20)])
  .describe('One metric of CloudWatch, or several that are one to the KPIs, told apart by labels');

const writtenSchema = z
  .strictObject({
    type: z.literal('cloudwatch').describe('Asks Amazon CloudWatch for what it has added up'),
    region: z
      .string()
      .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'expected a region such as eu-central-1')
      .describe('Region whose metrics are asked for'),
    url: httpUrl('https://monitoring.eu-central-1.amazonaws.com', 'AWS_ACCESS_KEY_ID')
      .optional()
      .describe('Address of the API, such as that of a VPC endpoint. Default: told by region'),
    namespace: text.optional().describe('Namespace of the metrics: AWS/ApplicationELB, or one of your own'),
    dimensions: dimensions.default({}).describe('Dimensions of every metric, besides the one of the slot'),
    'slot-dimension': text.default('slot').describe('Dimension that says which slot a metric belongs to'),
    slots: slotValues('dimension').describe(
      'What slot-dimension holds for each slot, when it is not a and b',
    ),
    series: z
      .record(metricKey(), seriesSchema)
      .refine((series) => Object.keys(series).length > 0, 'expected a metric for each name that the KPIs say')
      .describe('What the names in the KPIs are in CloudWatch'),
    ...pace({
      period: {
        example: '60s',
        expected: '1s, 5s, 10s, 20s or 30s (high resolution), or whole minutes up to 5m',
        fits: (seconds) => [1, 5, 10, 20, 30].includes(seconds) || (seconds > 0 && seconds % 60 === 0),
      },
      delay: '2m',
    }),
  })
  .refine(
    ({ namespace, series }) =>
      namespace !== undefined ||
      Object.values(series).every((parts) => parts.every((part) => part.namespace !== null)),
    { path: ['namespace'], message: 'expected a namespace, here or at each metric, saw none; add namespace' },
  );

/** `metrics: {type: cloudwatch, ...}` of the config. */
export const cloudwatchMetricsSchema = writtenSchema.transform((written): RegisteredMetrics => {
  const settings = settingsOf(written);
  return registered(written.type, settings, createCloudWatchProvider, (need) => lackOf(need, settings));
});

const EXAMPLES: Readonly<Record<MetricRole, string>> = {
  counter: 'metric: RequestCount',
  histogram: 'metric: TargetResponseTime',
  gauge: 'metric: DatabaseConnections',
};

function lackOf({ metric, role }: MetricNeed, settings: CloudWatchSettings) {
  const parts = seriesFor(metric, settings);
  const isCounted = role !== 'histogram' || parts.every(({ bounds }) => bounds.length > 0);
  if (parts.length > 0) return isCounted ? null : boundsMissing(metric, EXAMPLES.histogram);
  const bounds = role === 'histogram' ? ', bounds: [0.3, 0.8]' : '';
  return {
    expected: `a metric of CloudWatch for ${metric}`,
    fix: `name it: \`series: { ${metric}: { ${EXAMPLES[role]}${bounds} } }\``,
  };
}

function settingsOf(written: z.output<typeof writtenSchema>): CloudWatchSettings {
  const { region, url, namespace, dimensions: common, slots, series, period, delay, timeout } = written;
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return {
    region,
    url: (url ?? `https://monitoring.${region}.${domain}`).replace(/\/+$/, ''),
    namespace: namespace ?? null,
    dimensions: common,
    slotDimension: written['slot-dimension'],
    slots,
    series,
    period,
    delay,
    timeout,
  };
}

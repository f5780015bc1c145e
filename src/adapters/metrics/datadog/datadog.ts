import { z } from 'zod';
import type { Milliseconds } from '../../../core/units.ts';
import type { AdapterContext } from '../../../ports/adapter-context.ts';
import { AdapterError } from '../../../ports/adapter-error.ts';
import type { MetricsProvider, MetricsSpec, RegisteredMetrics } from '../../../ports/metrics-provider.ts';
import { boundsField, metricKey, needsBounds, pace, registered } from '../bucket-fields.ts';
import type { Span } from '../bucket-series.ts';
import type { BucketSource } from '../bucket-source.ts';
import { createBucketProvider } from '../closed-buckets.ts';
import { httpUrl, slotValues } from '../metric-fields.ts';
import { type JsonService, postJson, quoted, unusable } from '../post-json.ts';
import { wantsOf } from '../wants.ts';
import { type Asked, queriesFor, type Tagging, timeseriesRequest, understand } from './query.ts';

interface DatadogSettings extends Tagging {
  /** Of the API, without a slash at its end. */
  readonly url: string;
  readonly apiKeyEnv: string;
  readonly appKeyEnv: string;
  readonly period: Milliseconds;
  readonly delay: Milliseconds;
  readonly timeout: Milliseconds;
}

const PROVIDER = 'datadog';
const PATH = '/api/v2/query/timeseries';

/** Asks Datadog for closed buckets of every metric that the KPIs name, all in one request. */
export function createDatadogProvider(
  settings: DatadogSettings,
  context: AdapterContext,
  spec: MetricsSpec,
): MetricsProvider {
  const asked = queriesFor(wantsOf(spec), settings, settings);
  const keys = keysOf(settings, context);
  const source: BucketSource = {
    name: 'Datadog',
    place: settings.url,
    read: (span, signal) => read(settings, keys, asked, span, signal),
  };
  return createBucketProvider(source, settings, context, spec);
}

interface Keys {
  readonly api: string;
  readonly app: string;
}

async function read(
  settings: DatadogSettings,
  { api, app }: Keys,
  asked: readonly Asked[],
  span: Span,
  signal: AbortSignal,
) {
  const service = serviceOf(settings, { api, app });
  const url = `${settings.url}${PATH}`;
  const { json, date } = await postJson(
    service,
    {
      url,
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        'dd-api-key': needed(api, settings.apiKeyEnv),
        'dd-application-key': needed(app, settings.appKeyEnv),
      },
      body: JSON.stringify(timeseriesRequest(asked, span)),
    },
    signal,
  );
  const understood = understand(json, asked, settings);
  if (understood.kind === 'reads') return { reads: understood.reads, date };
  throw unusable(
    service,
    url,
    quoted(service, understood.why),
    'check the metrics and tags that the entry names',
  );
}

function keysOf({ apiKeyEnv, appKeyEnv }: DatadogSettings, { env, mask }: AdapterContext): Keys {
  const keys = { api: env[apiKeyEnv] ?? '', app: env[appKeyEnv] ?? '' };
  for (const key of Object.values(keys)) if (key !== '') mask(key);
  return keys;
}

function needed(key: string, variable: string): string {
  if (key !== '') return key;
  const why = `expected a key in the environment variable ${variable}, saw none; set it`;
  throw new AdapterError(PROVIDER, 'unauthorized', why, { retryable: false });
}

function serviceOf({ timeout }: DatadogSettings, { api, app }: Keys): JsonService {
  const access = 'check site and both keys; the application key needs the scope timeseries_query';
  return { provider: PROVIDER, name: 'Datadog', timeout, access, secrets: [api, app] };
}

const tag = z
  .string()
  .regex(/^[^\s{},()]+$/, 'expected a tag such as env:production, without blanks, commas and brackets');
const tagKey = z.string().regex(/^[^\s{},():]+$/, 'expected the key of a tag such as version');
const metricName = z
  .string()
  .regex(
    /^[a-zA-Z][a-zA-Z0-9_.]*$/,
    'expected the name of a metric in Datadog such as trace.http.request.hits',
  );

const seriesSchema = z
  .strictObject({
    metric: metricName.optional().describe('Its name in Datadog. Default: the name that the KPIs say'),
    labels: z
      .record(z.string(), tagKey)
      .default({})
      .describe('Tags that the labels of selectors stand for, where they have other names'),
    bounds: boundsField().default([]),
  })
  .transform(({ metric, ...rest }) => ({ metric: metric ?? null, ...rest }));

const writtenSchema = z.strictObject({
  type: z.literal('datadog').describe('Asks Datadog for what it has added up'),
  site: z
    .string()
    .regex(/^[a-z0-9.-]+$/, 'expected a site of Datadog such as datadoghq.eu')
    .default('datadoghq.com')
    .describe(
      'Where the account lives: datadoghq.com, us3.datadoghq.com, us5.datadoghq.com, datadoghq.eu, ap1.datadoghq.com',
    ),
  url: httpUrl('https://api.datadoghq.eu', 'api-key-env and app-key-env')
    .optional()
    .describe('Address of the API, for a proxy in front of it. Default: told by site'),
  'api-key-env': z
    .string()
    .min(1)
    .default('DD_API_KEY')
    .describe('Name of the environment variable with the API key'),
  'app-key-env': z
    .string()
    .min(1)
    .default('DD_APP_KEY')
    .describe('Name of the environment variable with the application key'),
  'slot-tag': tagKey.default('slot').describe('Tag that says which slot a series belongs to'),
  slots: slotValues('tag')
    .refine(
      ({ a, b }) => [a, b].every((value) => tag.safeParse(value).success),
      'expected values of a tag, without blanks, commas and brackets; write them as Datadog shows them',
    )
    .describe('What slot-tag holds for each slot, when it is not a and b'),
  tags: z.array(tag).max(20).default([]).describe('Put on every query: [service:booking, env:production]'),
  series: z
    .record(metricKey(), seriesSchema)
    .default({})
    .describe('What the names in the KPIs are in Datadog, where they differ, and bounds for histograms'),
  ...pace({
    period: {
      example: '10s',
      expected: 'whole tens of seconds, up to 5m',
      fits: (seconds) => seconds >= 10 && seconds % 10 === 0,
    },
    delay: '30s',
  }),
});

/** `metrics: {type: datadog, ...}` of the config. */
export const datadogMetricsSchema = writtenSchema.transform((written): RegisteredMetrics => {
  const settings = settingsOf(written);
  const lacks = needsBounds(settings.series, 'metric: trace.http.request');
  return registered(written.type, settings, createDatadogProvider, lacks);
});

function settingsOf(written: z.output<typeof writtenSchema>): DatadogSettings {
  const { site, url, slots, tags, series, period, delay, timeout } = written;
  return {
    url: (url ?? `https://api.${site}`).replace(/\/+$/, ''),
    apiKeyEnv: written['api-key-env'],
    appKeyEnv: written['app-key-env'],
    slotTag: written['slot-tag'],
    slots,
    tags,
    series,
    period,
    delay,
    timeout,
  };
}

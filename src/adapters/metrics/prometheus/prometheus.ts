import { z } from 'zod';
import { parseSelector } from '../../../core/analysis/selector.ts';
import type { RegisteredMetrics } from '../../../ports/metrics-provider.ts';
import { httpUrl, labelName, slotValues, span } from '../metric-fields.ts';
import type { Credentials } from './credentials.ts';
import { prometheusFigures } from './figures.ts';
import { createPrometheusProvider, type PrometheusSettings } from './prometheus-provider.ts';

const variable = z.string().min(1);

const basicSchema = z
  .strictObject({
    user: z
      .string()
      .regex(/^[^:]+$/, 'expected a user name without a colon')
      .describe('Name that the server knows the caller by'),
    'password-env': variable.describe('Name of the environment variable with the password'),
  })
  .optional()
  .describe('User and password, instead of token-env');

const matchersSchema = z
  .string()
  .optional()
  .describe('Put on every selector, written as between its braces: namespace="booking", cluster="eu"')
  .transform((text, context) => {
    const parsed = parseSelector(`x{${text ?? ''}}`);
    if (parsed.ok && parsed.selector.metric === 'x') return parsed.selector.matchers;
    const why = parsed.ok ? 'saw a metric name' : parsed.message;
    context.addIssue(`expected matchers such as namespace="booking", saw "${text}" (${why})`);
    return z.NEVER;
  });

const writtenSchema = z
  .strictObject({
    type: z
      .literal('prometheus')
      .describe('Asks Prometheus, Thanos, Mimir or VictoriaMetrics for what they have scraped'),
    url: httpUrl('http://prometheus:9090', 'token-env or basic')
      .refine((url) => !/[?#]/.test(url), 'expected a url without ? and #; leave them out')
      .describe(
        'Address of the server, with the path before /api/v1 if there is one: https://mimir.example/prometheus',
      ),
    'slot-label': labelName().default('slot').describe('Label that says which slot a series belongs to'),
    slots: slotValues('label').describe('What slot-label holds for each slot, when it is not a and b'),
    matchers: matchersSchema,
    'scrape-interval': span('15s', { minutes: 10 })
      .prefault('15s')
      .describe('How often the service is scraped. A series without a sample for 2.5 intervals is gone'),
    lag: span('5s', { zero: true, minutes: 10 })
      .prefault('5s')
      .describe('How far back it looks, so that what was scraped has arrived. 30s behind remote write'),
    timeout: span('5s')
      .prefault('5s')
      .describe('How long a complete answer may take. Keep it below the tick'),
    'token-env': variable
      .optional()
      .describe('Name of the environment variable with a bearer token that is sent'),
    basic: basicSchema,
    'ca-file': z
      .string()
      .min(1)
      .optional()
      .describe(
        'PEM file of the certificate authorities to trust, for a server with a certificate of your own',
      ),
  })
  .refine((settings) => settings['token-env'] === undefined || settings.basic === undefined, {
    path: ['basic'],
    message: 'expected token-env or basic, saw both; remove one',
  });

/** Asks a Prometheus server, or anything else that answers PromQL. */
export const prometheusMetricsSchema = writtenSchema.transform((written): RegisteredMetrics => {
  const settings = settingsOf(written);
  const creating =
    (own: PrometheusSettings): RegisteredMetrics['create'] =>
    (context, spec) =>
      createPrometheusProvider(own, context, spec);
  return {
    type: written.type,
    create: creating(settings),
    past: (url) => creating({ ...settings, url: withoutSlash(url), lag: 0 }),
    figures: (context) => prometheusFigures(settings, context),
  };
});

type Written = z.output<typeof writtenSchema>;

function settingsOf(written: Written): PrometheusSettings {
  return {
    url: withoutSlash(written.url),
    slotLabel: written['slot-label'],
    slots: written.slots,
    matchers: written.matchers,
    scrapeInterval: written['scrape-interval'],
    lag: written.lag,
    timeout: written.timeout,
    credentials: credentialsOf(written),
    caFile: written['ca-file'] ?? null,
  };
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

function credentialsOf({ basic, 'token-env': tokenEnv }: Written): Credentials {
  if (tokenEnv !== undefined) return { kind: 'bearer', tokenEnv };
  if (basic === undefined) return { kind: 'none' };
  return { kind: 'basic', user: basic.user, passwordEnv: basic['password-env'] };
}

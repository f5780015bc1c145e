import { z } from 'zod';
import { type Milliseconds, parseDuration } from '../../core/units.ts';
import type { AdapterContext } from '../../ports/adapter-context.ts';
import type { MetricsProvider, MetricsSpec, RegisteredMetrics } from '../../ports/metrics-provider.ts';
import { span } from './metric-fields.ts';

/** Fields of the entries whose backend adds up in buckets of time. */
export function pace({ period, delay }: { readonly period: PeriodRule; readonly delay: string }) {
  return {
    period: bucketLength(period),
    delay: span(delay, { zero: true, minutes: 15 })
      .prefault(delay)
      .describe('How long after its end a bucket is looked at. What arrives later is not counted'),
    timeout: span('5s')
      .prefault('5s')
      .describe('How long a complete answer may take. Keep it below the tick'),
  };
}

export interface PeriodRule {
  readonly example: string;
  readonly expected: string;
  readonly fits: (seconds: number) => boolean;
}

const LONGEST_PERIOD: Milliseconds = 300_000;

function bucketLength({ example, expected, fits }: PeriodRule) {
  return z
    .string()
    .transform((text, context) => {
      const ms = parseDuration(text);
      if (ms !== null && ms <= LONGEST_PERIOD && fits(ms / 1_000)) return ms;
      context.addIssue(`expected ${expected}, saw "${text}"; write it like ${example}`);
      return z.NEVER;
    })
    .prefault(example)
    .describe('Length of the buckets that are counted. Shorter ones decide sooner');
}

/** Bounds at which a latency is counted, in the metric's own unit. */
export function boundsField() {
  return z
    .array(z.number().positive())
    .min(1)
    .max(20)
    .refine(
      (bounds) => bounds.every((bound, index) => index === 0 || bound > (bounds[index - 1] ?? 0)),
      'expected bounds that ascend; sort them',
    )
    .meta({ examples: [[0.1, 0.3, 0.8, 2]] })
    .describe(
      "Where a histogram KPI counts, in the metric's own unit. Put the KPI's limits among them: a limit between two is judged by the upper one",
    );
}

/** Names of metrics as KPIs say them. */
export function metricKey() {
  return z
    .string()
    .regex(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/, 'expected a name as KPIs say it, such as http_requests_total');
}

/** What to write for a histogram KPI whose metric has no bounds. */
export function boundsMissing(
  metric: string,
  example: string,
): ReturnType<NonNullable<RegisteredMetrics['lacks']>> {
  const expected = `bounds for the histogram ${metric}, which is not kept as one`;
  return { expected, fix: `add them: \`series: { ${metric}: { ${example}, bounds: [0.3, 0.8] } }\`` };
}

/** For a backend that keeps no histogram of its own under any name. */
export function needsBounds(
  series: Readonly<Record<string, { readonly bounds: readonly number[] }>>,
  example: string,
): NonNullable<RegisteredMetrics['lacks']> {
  return ({ metric, role }) =>
    role !== 'histogram' || (series[metric]?.bounds.length ?? 0) > 0 ? null : boundsMissing(metric, example);
}

interface BucketSettings {
  /** Of the API, without a slash at its end. */
  readonly url: string;
  readonly period: Milliseconds;
  readonly delay: Milliseconds;
}

/** What an entry of such a backend ends in. */
export function registered<S extends BucketSettings>(
  type: string,
  settings: S,
  create: (settings: S, context: AdapterContext, spec: MetricsSpec) => MetricsProvider,
  lacks: NonNullable<RegisteredMetrics['lacks']>,
): RegisteredMetrics {
  return {
    type,
    create: (context, spec) => create(settings, context, spec),
    past: (url) => (context, spec) =>
      create({ ...settings, url: url.replace(/\/+$/, ''), delay: 0 }, context, spec),
    lateness: settings.period + settings.delay,
    lacks,
  };
}

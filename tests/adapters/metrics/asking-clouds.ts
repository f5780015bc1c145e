import { onTestFinished } from 'vitest';
import { cloudwatchMetricsSchema } from '../../../src/adapters/metrics/cloudwatch/cloudwatch.ts';
import { datadogMetricsSchema } from '../../../src/adapters/metrics/datadog/datadog.ts';
import { newrelicMetricsSchema } from '../../../src/adapters/metrics/newrelic/newrelic.ts';
import type { Sample } from '../../../src/core/analysis/sample.ts';
import type { MetricsSpec } from '../../../src/ports/metrics-provider.ts';
import { selector } from '../../contract/metrics-provider.ts';
import { adapterContext } from '../../support/adapter-context.ts';
import { testClock } from '../../support/collected-buckets.ts';
import { type Answer, type Called, httpServer } from '../../support/http-server.ts';

export const START = 1_699_999_980_000;
export const PERIOD = 60_000;
const never = new AbortController().signal;

export const ENV = {
  DD_API_KEY: 'api-secret-1',
  DD_APP_KEY: 'app-secret-2',
  AWS_ACCESS_KEY_ID: 'AKIATEST',
  AWS_SECRET_ACCESS_KEY: 'aws-secret-3',
  AWS_SESSION_TOKEN: 'aws-session-4',
  NEW_RELIC_API_KEY: 'NRAK-secret-5',
};

export const SPEC: MetricsSpec = {
  sources: [
    { id: 'errors', scope: 'per-arm', type: 'events', bad: [selector('bad')], total: [selector('all')] },
  ],
  traffic: null,
};

export interface Cloud {
  readonly name: string;
  readonly parse: (
    url: string,
    own?: Readonly<Record<string, unknown>>,
  ) => ReturnType<typeof datadogMetricsSchema.parse>;
  /** An answer in which slot b has had so many requests in the bucket that begins there. */
  readonly answer: (total: number, at: number) => string;
}

const datadog: Cloud = {
  name: 'datadog',
  parse: (url, own = {}) =>
    datadogMetricsSchema.parse({ type: 'datadog', url, period: '60s', delay: '0s', ...own }),
  answer: (total, at) =>
    JSON.stringify({
      data: {
        type: 'timeseries_response',
        attributes: {
          series: [{ group_tags: ['slot:b'], query_index: 1, unit: null }],
          times: [at],
          values: [[total]],
        },
      },
    }),
};

const cloudwatch: Cloud = {
  name: 'cloudwatch',
  parse: (url, own = {}) =>
    cloudwatchMetricsSchema.parse({
      type: 'cloudwatch',
      region: 'eu-central-1',
      url,
      namespace: 'shop',
      series: { all: { metric: 'All' }, bad: { metric: 'Bad' } },
      delay: '0s',
      ...own,
    }),
  answer: (total, at) =>
    JSON.stringify({
      MetricDataResults: ['q0', 'q1', 'q2', 'q3'].map((Id) => ({
        Id,
        Label: Id,
        StatusCode: 'Complete',
        Timestamps: Id === 'q3' ? [at / 1_000] : [],
        Values: Id === 'q3' ? [total] : [],
      })),
      Messages: [],
    }),
};

const newrelic: Cloud = {
  name: 'newrelic',
  parse: (url, own = {}) =>
    newrelicMetricsSchema.parse({ type: 'newrelic', account: 7, url, period: '60s', delay: '0s', ...own }),
  answer: (total, at) => {
    const row = { beginTimeSeconds: at / 1_000, endTimeSeconds: at / 1_000 + 60, facet: 'b', v: total };
    const account = {
      q0: { results: [], metadata: { messages: [] } },
      q1: { results: [row], metadata: { messages: [] } },
    };
    return JSON.stringify({ data: { actor: { account } } });
  },
};

export const CLOUDS = { datadog, cloudwatch, newrelic } as const;

/** A provider after its base line, whose server answers as it is told: 4 requests in each bucket unless told otherwise. */
export async function asking(
  { parse, answer }: Cloud,
  {
    env = ENV,
    own = {},
    spec = SPEC,
  }: {
    readonly env?: Readonly<Record<string, string>>;
    readonly own?: Readonly<Record<string, unknown>>;
    readonly spec?: MetricsSpec;
  } = {},
) {
  const clock = testClock(START);
  let next: ((called: Called) => Answer | null) | null = null;
  const server = await httpServer((called) => {
    const doing = next;
    next = null;
    const headers = { date: new Date(clock.now()).toUTCString() };
    if (doing === null) return { headers, body: answer(4, clock.now() - PERIOD) };
    const said = doing(called);
    return said === null ? null : { ...said, headers: { ...headers, ...said.headers } };
  });
  onTestFinished(server.stop);
  const masked: string[] = [];
  const provider = parse(server.url, own).create(
    adapterContext({
      env,
      clock: { ...adapterContext().clock, now: clock.now, monotonic: clock.now },
      mask: (secret) => void masked.push(secret),
    }),
    spec,
  );
  const look = (signal = never): Promise<Sample> => {
    clock.advance(PERIOD);
    return provider.sample({ canary: 'b', stable: 'a', elapsed: PERIOD }, signal);
  };
  const errors = async (signal = never) => (await look(signal)).kpis.errors?.canary;
  return {
    errors,
    calls: server.calls,
    masked,
    clock,
    url: server.url,
    once: (doing: (called: Called) => Answer | null) => {
      next = doing;
    },
  };
}

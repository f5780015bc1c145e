import type { IncomingHttpHeaders, RequestListener } from 'node:http';
import { prometheusMetricsSchema } from '../../../../src/adapters/metrics/prometheus/prometheus.ts';
import type { Reading, Sample } from '../../../../src/core/analysis/sample.ts';
import type { MetricsSpec } from '../../../../src/ports/metrics-provider.ts';
import { selector } from '../../../contract/metrics-provider.ts';
import { adapterContext } from '../../../support/adapter-context.ts';
import { metricsServer } from '../metrics-server.ts';

export interface Asked {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly form: URLSearchParams;
}

const ERRORS: MetricsSpec = {
  sources: [
    {
      id: 'errors',
      scope: 'per-arm',
      type: 'events',
      bad: [selector('requests_total{code=~"5.."}')],
      total: [selector('requests_total')],
    },
  ],
  traffic: null,
};

/** A provider that asks a server which answers as the test says, and what the server was asked. */
export async function asking(
  listener: RequestListener,
  config: Readonly<Record<string, unknown>> = {},
  { spec = ERRORS, env = {}, path = '' }: Setting = {},
) {
  const asked: Asked[] = [];
  const masked: string[] = [];
  const server = await metricsServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString('utf8');
    });
    request.on('end', () => {
      asked.push({ path: request.url ?? '', headers: request.headers, form: new URLSearchParams(body) });
      listener(request, response);
    });
  });
  const url = `${new URL(server.url).origin}${path}`;
  const provider = prometheusMetricsSchema
    .parse({ type: 'prometheus', url, timeout: '2s', ...config })
    .create(adapterContext({ env, mask: (secret) => void masked.push(secret) }), spec);
  const never = new AbortController().signal;
  const sample = (signal = never): Promise<Sample> =>
    provider.sample({ canary: 'b', stable: 'a', elapsed: 1_000 }, signal);
  const errors = async (): Promise<Reading | undefined> => (await sample()).kpis.errors?.canary;
  return { sample, errors, asked, masked, server };
}

interface Setting {
  readonly spec?: MetricsSpec;
  readonly env?: Readonly<Record<string, string>>;
  readonly path?: string;
}

/** A server that always gives this answer. */
export function answering(
  status: number,
  text: string,
  headers: Record<string, string> = {},
): RequestListener {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(text);
  };
}

/** The answer of a range query, with raw samples at these seconds. */
export function matrix(
  ...series: readonly {
    readonly metric: Readonly<Record<string, string>>;
    readonly values?: readonly (readonly [number, string])[];
    readonly histograms?: readonly unknown[];
  }[]
): string {
  return JSON.stringify({ status: 'success', data: { resultType: 'matrix', result: series } });
}

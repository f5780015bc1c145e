import { resolve } from 'node:path';
import type { AdapterContext } from '../../../ports/adapter-context.ts';
import type { FigureQuestion, FigureSeries, FigureSource } from '../../../ports/figure-source.ts';
import type { RawSeries } from './answer-text.ts';
import { authorizationOf, secretOf } from './credentials.ts';
import { type PrometheusSettings, readAuthorities } from './prometheus-provider.ts';
import { type PrometheusServer, query } from './request.ts';

/** Answers any PromQL over a span of the past, by a subquery: the same way of asking, and of failing, as for the KPIs. */
export function prometheusFigures(settings: PrometheusSettings, context: AdapterContext): FigureSource {
  const { url, timeout, credentials, caFile, scrapeInterval, lag } = settings;
  const secret = secretOf(credentials, context);
  const server = async (): Promise<PrometheusServer> => ({
    url,
    timeout,
    authorization: authorizationOf(credentials, secret),
    ca: caFile === null ? null : await readAuthorities(resolve(context.baseDir, caFile)),
  });
  return {
    name: 'prometheus',
    interval: scrapeInterval,
    lag,
    read: async (question, signal) => {
      const form = { query: subquery(question), time: (question.to / 1_000).toFixed(3) };
      return (await query(await server(), form, signal)).map(toSeries);
    },
  };
}

/** The line break ends a comment, should the expression end in one. */
function subquery({ expression, from, to, step }: FigureQuestion): string {
  return `(${expression}\n)[${Math.round(to - from)}ms:${Math.round(step)}ms]`;
}

function toSeries({ name, labels, samples }: RawSeries): FigureSeries {
  const shown = [...labels].map(([label, value]) => `${label}="${value}"`).join(', ');
  const points = samples
    .filter(({ value }) => Number.isFinite(value))
    .map(({ at, value }) => ({ at, value }));
  return { name: `${name}{${shown}}`, points };
}

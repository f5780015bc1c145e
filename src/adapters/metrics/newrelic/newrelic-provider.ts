import { z } from 'zod';
import type { Milliseconds } from '../../../core/units.ts';
import type { AdapterContext } from '../../../ports/adapter-context.ts';
import { AdapterError } from '../../../ports/adapter-error.ts';
import type { MetricsProvider, MetricsSpec } from '../../../ports/metrics-provider.ts';
import type { Span } from '../bucket-series.ts';
import type { BucketAnswer } from '../bucket-source.ts';
import { createBucketProvider } from '../closed-buckets.ts';
import { type JsonService, postJson, quoted, tooMany, unusable } from '../post-json.ts';
import { wantsOf } from '../wants.ts';
import { type Asked, type Attribution, documentFor, queriesFor, understand } from './nrql.ts';

export interface NewRelicSettings extends Attribution {
  readonly account: number;
  /** Without a slash at its end, and without /graphql. */
  readonly url: string;
  readonly apiKeyEnv: string;
  readonly period: Milliseconds;
  readonly delay: Milliseconds;
  readonly timeout: Milliseconds;
}

const PROVIDER = 'newrelic';
const LIMITED_REST: Milliseconds = 60_000;

/** Asks New Relic for closed buckets of every metric that the KPIs name, all in one request. */
export function createNewRelicProvider(
  settings: NewRelicSettings,
  context: AdapterContext,
  spec: MetricsSpec,
): MetricsProvider {
  const asked = queriesFor(wantsOf(spec), settings);
  const key = context.env[settings.apiKeyEnv] ?? '';
  if (key !== '') context.mask(key);
  const service: JsonService = {
    provider: PROVIDER,
    name: 'New Relic',
    timeout: settings.timeout,
    access: 'check region, account and the key, which must be a user key',
    secrets: [key],
  };
  const source = {
    name: 'New Relic',
    place: settings.url,
    read: (span: Span, signal: AbortSignal) => read({ settings, service, key }, asked, span, signal),
  };
  return createBucketProvider(source, settings, context, spec);
}

interface Api {
  readonly settings: NewRelicSettings;
  readonly service: JsonService;
  readonly key: string;
}

async function read(
  { settings, service, key }: Api,
  asked: readonly Asked[],
  span: Span,
  signal: AbortSignal,
): Promise<BucketAnswer> {
  if (key === '') {
    const why = `expected a key in the environment variable ${settings.apiKeyEnv}, saw none; set it`;
    throw new AdapterError(PROVIDER, 'unauthorized', why, { retryable: false });
  }
  const url = `${settings.url}/graphql`;
  const headers = { 'content-type': 'application/json', accept: 'application/json', 'api-key': key };
  const body = JSON.stringify(documentFor(asked, span, settings.account));
  const { json, date } = await postJson(service, { url, headers, body }, signal);
  const answered = answersIn(service, url, json);
  const reads = asked.flatMap((one, index) => {
    const understood = understand(answered[`q${index}`], one, span, settings);
    if (understood.kind === 'reads') return understood.reads;
    const why = `${quoted(service, understood.why)} for ${one.want.metric}`;
    throw unusable(service, url, why, 'run the query in New Relic, and check series and where');
  });
  return { reads, date };
}

const answerSchema = z.object({
  errors: z
    .array(
      z.object({
        message: z.string(),
        extensions: z.object({ errorClass: z.string().optional() }).nullish(),
      }),
    )
    .nullish(),
  data: z
    .object({ actor: z.object({ account: z.record(z.string(), z.unknown()).nullish() }).nullish() })
    .nullish(),
});

/** NerdGraph answers with status 200 and `errors`; data beside them is only a part. */
function answersIn(service: JsonService, url: string, json: unknown): Readonly<Record<string, unknown>> {
  const parsed = answerSchema.safeParse(json);
  if (!parsed.success) throw unusable(service, url, 'something else', 'check url: /graphql is added to it');
  const errors = parsed.data.errors ?? [];
  const told = errors.map(({ message, extensions }) =>
    [extensions?.errorClass, message].filter(Boolean).join(': '),
  );
  const said = quoted(service, told.join('; '));
  if (errors.length > 0) throw refused(service, url, said);
  const account = parsed.data.data?.actor?.account ?? null;
  if (account === null) throw refused(service, url, 'ACCESS_DENIED: no such account');
  return account;
}

function refused(service: JsonService, url: string, said: string): AdapterError {
  const seen = `${url}: expected data, saw errors (${said})`;
  if (/TOO_MANY_REQUESTS|rate limit|too many requests/i.test(said))
    return tooMany(service, seen, LIMITED_REST);
  const isBarred = /ACCESS_DENIED|UNAUTHORIZED|FORBIDDEN|INVALID_API_KEY|api key/i.test(said);
  const fix = isBarred ? service.access : 'run the query in New Relic, and check series and where';
  return new AdapterError(service.provider, isBarred ? 'unauthorized' : 'refused', `${seen}; ${fix}`, {
    retryable: !isBarred,
  });
}

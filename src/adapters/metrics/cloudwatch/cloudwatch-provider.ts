import type { EpochMs, Milliseconds } from '../../../core/units.ts';
import type { AdapterContext } from '../../../ports/adapter-context.ts';
import { AdapterError } from '../../../ports/adapter-error.ts';
import type { MetricsProvider, MetricsSpec } from '../../../ports/metrics-provider.ts';
import type { BucketRead, Span } from '../bucket-series.ts';
import type { BucketAnswer } from '../bucket-source.ts';
import { createBucketProvider } from '../closed-buckets.ts';
import { type JsonAnswer, type JsonService, postJson, quoted, tooMany, unusable } from '../post-json.ts';
import { wantsOf } from '../wants.ts';
import {
  type Asked,
  type Dimensioning,
  metricDataRequest,
  type Page,
  queriesFor,
  readPage,
  readPages,
} from './metric-data.ts';
import { type AwsCredentials, credentialsIn, signedRequest } from './signed-request.ts';

export interface CloudWatchSettings extends Dimensioning {
  readonly region: string;
  /** Without a slash at its end. */
  readonly url: string;
  readonly period: Milliseconds;
  readonly delay: Milliseconds;
  readonly timeout: Milliseconds;
}

/** Queries that one request may have. */
const MOST_QUERIES = 500;
/** Pages of one request. One look asks for far less than fills the first. */
const MOST_PAGES = 20;
const THROTTLED_REST: Milliseconds = 10_000;

/** Asks CloudWatch for closed buckets of every metric that the KPIs name, 500 metrics in one request. */
export function createCloudWatchProvider(
  settings: CloudWatchSettings,
  context: AdapterContext,
  spec: MetricsSpec,
): MetricsProvider {
  const asked = queriesFor(wantsOf(spec), settings.period, settings);
  const credentials = credentialsIn(context);
  const service: JsonService = {
    provider: 'cloudwatch',
    name: 'CloudWatch',
    timeout: settings.timeout,
    access: 'check region, and that the role may do cloudwatch:GetMetricData',
    secrets: [credentials.secretAccessKey, credentials.sessionToken],
  };
  const api = { settings, service, credentials };
  const read = async (span: Span, signal: AbortSignal): Promise<BucketAnswer> => {
    const parts = chunks(asked).map((some) => readAll(api, some, span, signal));
    const answers = await Promise.all(parts);
    return {
      reads: answers.flatMap(({ reads }) => reads),
      date: answers[0]?.date ?? null,
    };
  };
  const source = { name: 'CloudWatch', place: settings.url, read };
  return createBucketProvider(source, settings, context, spec);
}

interface Api {
  readonly settings: CloudWatchSettings;
  readonly service: JsonService;
  readonly credentials: AwsCredentials;
}

function chunks(asked: readonly Asked[]): readonly (readonly Asked[])[] {
  const count = Math.ceil(asked.length / MOST_QUERIES);
  return Array.from({ length: count }, (_, index) =>
    asked.slice(index * MOST_QUERIES, (index + 1) * MOST_QUERIES),
  );
}

async function readAll(
  api: Api,
  asked: readonly Asked[],
  span: Span,
  signal: AbortSignal,
): Promise<{ readonly reads: readonly BucketRead[]; readonly date: EpochMs | null }> {
  const pages: Page[] = [];
  let date: EpochMs | null = null;
  let token: string | null = null;
  do {
    if (pages.length === MOST_PAGES) throw notUnderstood(api, `more than ${MOST_PAGES} pages`);
    const answer: JsonAnswer = await post(api, JSON.stringify(metricDataRequest(asked, span, token)), signal);
    const page = readPage(answer.json);
    if (page.kind === 'error') throw notUnderstood(api, page.why);
    pages.push(page.value);
    date ??= answer.date;
    token = page.value.NextToken ?? null;
  } while (token !== null);
  const understood = readPages(pages, asked);
  if (understood.kind === 'error') throw notUnderstood(api, understood.why);
  return { reads: understood.value, date };
}

function notUnderstood({ service, settings }: Api, why: string): AdapterError {
  const fix = 'check the metrics that series names, and see the health of CloudWatch';
  return unusable(service, settings.url, quoted(service, why), fix);
}

async function post({ settings, service, credentials }: Api, body: string, signal: AbortSignal) {
  // Signed now, whatever moment the clock of the context looks at.
  const request = await signedRequest(
    { ...settings, url: `${settings.url}/` },
    credentials,
    body,
    new Date(),
  );
  try {
    return await postJson(service, request, signal);
  } catch (error) {
    throw translated(service, error);
  }
}

/** CloudWatch says in the body of a status 400 what others say by the status. */
function translated(service: JsonService, error: unknown): unknown {
  if (!(error instanceof AdapterError) || error.code !== 'refused') return error;
  const { message } = error;
  const told = message.replace(`${error.provider}: `, '').replace(/; check the entry of .*$/, '');
  if (/Throttl|RequestLimitExceeded/.test(message)) return tooMany(service, told, THROTTLED_REST);
  const isClock = /RequestExpired|Signature expired|not yet current/.test(message);
  const isBarred =
    isClock ||
    /UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|AccessDenied|ExpiredToken|IncompleteSignature|MissingAuthentication/.test(
      message,
    );
  if (!isBarred) return error;
  const fix = isClock ? 'set the clock of the runner' : service.access;
  return new AdapterError(service.provider, 'unauthorized', `${told}; ${fix}`, {
    retryable: false,
    cause: error,
  });
}

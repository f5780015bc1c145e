import type { EpochMs, Milliseconds } from '../../../core/units.ts';
import { formatDuration } from '../../../core/units.ts';
import { AdapterError, messageOf } from '../../../ports/adapter-error.ts';
import type { Series } from '../series.ts';
import type { ExpositionFormat } from './exposition.ts';
import { ExpositionError, parseExposition } from './exposition.ts';

/** A larger answer is refused: in bytes, after decompression. */
export const LARGEST_BODY = 16 * 1024 * 1024;

/** Classic text is asked for, so that selectors match what a person sees with curl; OpenMetrics is read as well. */
const ACCEPT = 'text/plain;version=0.0.4,*/*;q=0.1';

export interface EndpointRequest {
  readonly url: string;
  /** Time for the complete answer. */
  readonly timeout: Milliseconds;
  /** Sent as a bearer token. */
  readonly token: string | null;
  /** Whose errors they are; `scrape` where it is left out. */
  readonly provider?: string;
}

/** What is asked for, and how an answer is read; a mistake in it is an AdapterError or an ExpositionError. */
export interface Reading<T> {
  readonly accept: string;
  readonly parse: (response: Response, text: string) => T;
}

export interface EndpointAnswer {
  readonly series: readonly Series[];
  /** When it was answered, by the endpoint's own clock in whole seconds; null when it does not say. */
  readonly date: EpochMs | null;
}

/**
 * Reads one metrics endpoint. Rejects with an AdapterError: `timeout`, `unreachable`, `unauthorized`,
 * `refused` (any other status but 2xx) or `invalid-answer` (too large, or not metrics text).
 */
export function readEndpoint(request: EndpointRequest, signal: AbortSignal): Promise<EndpointAnswer> {
  return readFrom(request, { accept: ACCEPT, parse: expositionIn }, signal);
}

function expositionIn(response: Response, text: string): EndpointAnswer {
  const date = Date.parse(response.headers.get('date') ?? '');
  return {
    series: parseExposition(text, formatOf(response, text)),
    date: Number.isNaN(date) ? null : date,
  };
}

/** The same for any text. */
export async function readFrom<T>(
  request: EndpointRequest,
  reading: Reading<T>,
  signal: AbortSignal,
): Promise<T> {
  const deadline = new AbortController();
  const stop = (): void => deadline.abort();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    stop();
  }, request.timeout);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await load(request, reading, deadline.signal);
  } catch (error) {
    throw wrapped(request, error, late);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    // Lets go of a connection whose answer was not read to its end.
    stop();
  }
}

async function load<T>(
  request: EndpointRequest,
  { accept, parse }: Reading<T>,
  signal: AbortSignal,
): Promise<T> {
  const headers = new Headers({ accept });
  if (request.token !== null) headers.set('authorization', `Bearer ${request.token}`);
  const response = await fetch(request.url, { headers, redirect: 'manual', signal });
  if (!response.ok) throw statusError(request, response);
  return parse(response, await readText(request, response));
}

async function readText(request: EndpointRequest, response: Response): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const parts: string[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > LARGEST_BODY) throw tooLarge(request);
    parts.push(decoder.decode(chunk, { stream: true }));
  }
  parts.push(decoder.decode());
  const text = parts.join('');
  // Where HTTP says how long the answer is, a missing line feed is carelessness; elsewhere it may be a cut.
  const whole = response.headers.has('content-length') || response.headers.has('transfer-encoding');
  return whole && text !== '' && !text.endsWith('\n') ? `${text}\n` : text;
}

function formatOf(response: Response, text: string): ExpositionFormat {
  const type = response.headers.get('content-type') ?? '';
  return type.startsWith('application/openmetrics-text') || text.endsWith('\n# EOF\n')
    ? 'openmetrics'
    : 'classic';
}

/** The address without its query, which may hold a secret. */
export function addressOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

function wrapped(request: EndpointRequest, error: unknown, late: boolean): AdapterError {
  if (error instanceof AdapterError) return error;
  if (error instanceof ExpositionError || (error instanceof TypeError && isUndecodable(error))) {
    return failure(
      request,
      'invalid-answer',
      `${error.message}; point url at Prometheus or OpenMetrics text`,
      error,
    );
  }
  if (late) {
    const seen = `expected a complete answer within ${formatDuration(request.timeout)}, saw none`;
    return failure(request, 'timeout', `${seen}; check the instance, or raise timeout`, error);
  }
  const seen = `expected an answer, saw ${causeOf(error)}`;
  return failure(request, 'unreachable', `${seen}; check url, and that the instance runs`, error);
}

function isUndecodable(error: TypeError): boolean {
  return 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA';
}

/** `fetch failed` says nothing: its cause does. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return messageOf(error);
  if (error instanceof AggregateError && error.errors.length > 0) return causeOf(error.errors[0]);
  if (error.cause !== undefined) return causeOf(error.cause);
  return error.message;
}

function statusError(request: EndpointRequest, response: Response): AdapterError {
  const { status } = response;
  const seen = `expected status 200, saw ${status}`;
  if (status === 401 || status === 403) {
    return failure(request, 'unauthorized', `${seen}; check the token that token-env names`);
  }
  const change =
    status >= 300 && status < 400
      ? 'give the url that it redirects to'
      : 'check url, and the log of the instance';
  return failure(request, 'refused', `${seen}; ${change}`);
}

function tooLarge(request: EndpointRequest): AdapterError {
  const limit = `${LARGEST_BODY / 1024 / 1024} MB`;
  return failure(
    request,
    'invalid-answer',
    `expected at most ${limit}, saw more; serve fewer series at this url`,
  );
}

function failure(
  request: EndpointRequest,
  code: 'timeout' | 'unreachable' | 'unauthorized' | 'refused' | 'invalid-answer',
  message: string,
  cause?: unknown,
): AdapterError {
  const retryable = code === 'timeout' || code === 'unreachable' || code === 'refused';
  return new AdapterError(request.provider ?? 'scrape', code, `${addressOf(request.url)}: ${message}`, {
    retryable,
    cause,
  });
}

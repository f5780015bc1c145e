import { type EpochMs, formatDuration, type Milliseconds } from '../../core/units.ts';
import { AdapterError, type AdapterErrorCode, messageOf } from '../../ports/adapter-error.ts';

/** A larger answer is refused: in bytes, after decompression. */
export const LARGEST_BODY = 16 * 1024 * 1024;
const LONGEST_QUOTE = 300;
/** When the server does not say how long to rest. */
const DEFAULT_REST: Milliseconds = 10_000;
const LONGEST_REST: Milliseconds = 300_000;

/** How a service is asked, and how its refusals are told. */
export interface JsonService {
  /** The `type:` of the config. */
  readonly provider: string;
  readonly name: string;
  readonly timeout: Milliseconds;
  /** What to change when it says 401 or 403. */
  readonly access: string;
  /** Never told, whoever repeats them. */
  readonly secrets: readonly string[];
}

export interface JsonRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface JsonAnswer {
  readonly json: unknown;
  readonly date: EpochMs | null;
}

/** Status 429, or what a service says in its place. */
export class TooManyRequests extends AdapterError {
  /** How long it wants not to be asked. */
  readonly after: Milliseconds;

  constructor(provider: string, message: string, after: Milliseconds) {
    super(provider, 'refused', message, { retryable: true });
    this.after = after;
  }
}

/**
 * Posts once; nothing is tried again here, the next look makes up for it. Rejects with an AdapterError: `timeout`,
 * `unreachable`, `unauthorized`, `refused` (any other status but 200) or `invalid-answer` (too large, or no JSON).
 */
export async function postJson(
  service: JsonService,
  request: JsonRequest,
  signal: AbortSignal,
): Promise<JsonAnswer> {
  const own = new AbortController();
  const stop = (): void => own.abort();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    stop();
  }, service.timeout);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await load(service, request, own.signal);
  } catch (error) {
    throw error instanceof AdapterError ? error : lost(service, request, error, isLate);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    // Lets go of a connection whose answer was not read to its end.
    stop();
  }
}

/** Something of an answer, for people: short, on one line, and without the secrets that it may repeat. */
export function quoted({ secrets }: Pick<JsonService, 'secrets'>, text: string): string {
  const told = secrets.filter((one) => one !== '').reduce((all, one) => all.replaceAll(one, '***'), text);
  return told.replace(/\s+/g, ' ').trim().slice(0, LONGEST_QUOTE);
}

/** An answer that came, and is not what was asked for. */
export function unusable(
  { provider, name }: JsonService,
  url: string,
  saw: string,
  fix: string,
): AdapterError {
  const message = `${url}: expected an answer of ${name}, saw ${saw}; ${fix}`;
  return new AdapterError(provider, 'invalid-answer', message, { retryable: false });
}

async function load(service: JsonService, request: JsonRequest, signal: AbortSignal): Promise<JsonAnswer> {
  const { url, headers, body } = request;
  const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
  const text = await readText(service, url, response);
  if (response.status !== 200) throw refusal(service, url, response, text);
  const date = Date.parse(response.headers.get('date') ?? '');
  return { json: jsonOf(service, url, text), date: Number.isNaN(date) ? null : date };
}

async function readText(service: JsonService, url: string, response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > LARGEST_BODY) {
      const fix = 'name fewer labels in the selectors';
      throw unusable(service, url, `more than ${LARGEST_BODY / 1024 / 1024} MB`, fix);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function jsonOf(service: JsonService, url: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const start = JSON.stringify(quoted(service, text).slice(0, 80));
    throw unusable(service, url, `no JSON (${start})`, 'check the address that it is asked at');
  }
}

function refusal(service: JsonService, url: string, response: Response, text: string): AdapterError {
  const { status, headers } = response;
  const said = quoted(service, text);
  const seen = `${url}: expected status 200, saw ${status}${said === '' ? '' : ` (${said})`}`;
  if (status === 429) return tooMany(service, seen, restOf(headers));
  const isBarred = status === 401 || status === 403;
  const code: AdapterErrorCode = isBarred ? 'unauthorized' : 'refused';
  const fix = isBarred ? service.access : changeFor(service, status);
  return new AdapterError(service.provider, code, `${seen}; ${fix}`, { retryable: status >= 500 });
}

export function tooMany({ provider }: JsonService, seen: string, rest: Milliseconds): TooManyRequests {
  const fix = `it is left alone for ${formatDuration(rest)}; lengthen the tick, or have the limit raised`;
  return new TooManyRequests(provider, `${seen}; ${fix}`, rest);
}

/** `Retry-After` in seconds or as a date; Datadog says `X-RateLimit-Reset`, in seconds. */
export function restOf(headers: Headers): Milliseconds {
  const written = headers.get('retry-after') ?? headers.get('x-ratelimit-reset') ?? '';
  const seconds = /^\d+(\.\d+)?$/.test(written) ? Number(written) * 1_000 : Date.parse(written) - Date.now();
  return Number.isFinite(seconds) ? Math.min(LONGEST_REST, Math.max(1_000, seconds)) : DEFAULT_REST;
}

function changeFor({ name }: JsonService, status: number): string {
  if (status >= 300 && status < 400) return 'give the url that it redirects to';
  if (status >= 500) return `see the status page of ${name}`;
  return `check the entry of ${name} in the config, and what the KPIs name`;
}

function lost(service: JsonService, { url }: JsonRequest, error: unknown, isLate: boolean): AdapterError {
  const { provider, name, timeout } = service;
  if (isLate) {
    const seen = `expected a complete answer within ${formatDuration(timeout)}, saw none`;
    const message = `${url}: ${seen}; check the status page of ${name}, or raise timeout`;
    return new AdapterError(provider, 'timeout', message, { retryable: true, cause: error });
  }
  const message = `${url}: expected an answer, saw ${causeOf(error)}; check the url, and that the runner reaches it`;
  return new AdapterError(provider, 'unreachable', message, { retryable: true, cause: error });
}

/** `fetch failed` says nothing: its cause does. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return messageOf(error);
  if (error instanceof AggregateError && error.errors.length > 0) return causeOf(error.errors[0]);
  return error.cause === undefined ? error.message : causeOf(error.cause);
}

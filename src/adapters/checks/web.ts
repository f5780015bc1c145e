import type { Milliseconds } from '../../core/units.ts';
import { AdapterError } from '../../ports/adapter-error.ts';

const PROVIDER = 'preflight';
/** What comes after this many bytes is not read. */
const LONGEST_BODY = 4_194_304;

export interface WebRequest {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface WebAnswer {
  readonly status: number;
  readonly body: string;
  /** Until the last byte. */
  readonly took: Milliseconds;
}

/** One request, redirects not followed. Any HTTP answer is an answer; silence is an AdapterError. */
export async function request({ url, ...rest }: WebRequest, signal: AbortSignal): Promise<WebAnswer> {
  const began = performance.now();
  const headers = { accept: 'application/json', 'user-agent': 'deploy-canary', ...rest.headers };
  try {
    const response = await fetch(url, { ...rest, headers, redirect: 'manual', signal });
    const body = await readBody(response);
    return { status: response.status, body, took: performance.now() - began };
  } catch (error) {
    throw silence(url, error, signal);
  }
}

async function readBody({ body }: Response): Promise<string> {
  if (body === null) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= LONGEST_BODY) break;
  }
  return Buffer.concat(chunks).subarray(0, LONGEST_BODY).toString('utf8');
}

/** The query of a URL may hold a secret. */
export function placeOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

function silence(url: string, error: unknown, signal: AbortSignal): AdapterError {
  const place = placeOf(url);
  if (signal.aborted) {
    const message = `expected ${place} to answer in time, saw nothing; check that it is up`;
    return new AdapterError(PROVIDER, 'timeout', message, { retryable: true });
  }
  const cause = error instanceof Error ? error.cause : undefined;
  const code =
    cause instanceof Error ? ('code' in cause ? String(cause.code) : cause.message) : 'no connection';
  const message = `expected ${place} to be reachable, saw ${code}; check its host and port`;
  return new AdapterError(PROVIDER, 'unreachable', message, { retryable: true });
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function unreadable(message: string): AdapterError {
  return new AdapterError(PROVIDER, 'invalid-answer', message, { retryable: false });
}

/** Whether a server said that this token may not ask. */
export function refuseUnauthorized(place: string, status: number): void {
  if (status !== 401 && status !== 403) return;
  const message = `expected ${place} to accept the token, saw HTTP ${status}; renew it, or give it the right to read`;
  throw new AdapterError(PROVIDER, 'unauthorized', message, { retryable: false });
}

import { formatDuration, type Milliseconds } from '../../../core/units.ts';
import { AdapterError, type AdapterErrorCode, messageOf } from '../../../ports/adapter-error.ts';
import { deadline } from '../../../ports/deadline.ts';
import { PROVIDER } from './options.ts';
import { failureSchema, readingSchema, type WireReading } from './wire.ts';

export interface AdminApi {
  /** Every call answers how things are afterwards. Rejects with an AdapterError. */
  call(
    method: 'GET' | 'PUT' | 'POST',
    path: '/v1/traffic' | '/v1/lease',
    body: unknown,
    signal: AbortSignal,
  ): Promise<WireReading>;
}

export interface AdminApiOptions {
  readonly admin: string;
  readonly token: string;
  readonly timeout: Milliseconds;
}

export function createAdminApi({ admin, token, timeout }: AdminApiOptions): AdminApi {
  const base = admin.replace(/\/+$/, '');
  return {
    async call(method, path, body, signal) {
      const late = deadline(timeout);
      const told = `${method} ${base}${path}`;
      const answer = await ask(`${base}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        // A redirect would carry the token somewhere else.
        redirect: 'error',
        signal: AbortSignal.any([signal, late]),
      }).catch((cause) => {
        throw notAnswered(told, cause, { signal, late, timeout });
      });
      return understand(told, answer);
    },
  };
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function ask(url: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(url, init);
  return { status: response.status, text: await response.text() };
}

interface Waiting {
  readonly signal: AbortSignal;
  readonly late: AbortSignal;
  readonly timeout: Milliseconds;
}

function notAnswered(told: string, cause: unknown, { signal, late, timeout }: Waiting): AdapterError {
  if (signal.aborted) {
    return failure('timeout', `${told} was given up because the caller stopped`, false, cause);
  }
  if (late.aborted) {
    const within = formatDuration(timeout);
    const message = `${told}: expected an answer within ${within}, got none. Is the router overloaded or stopped?`;
    return failure('timeout', message, true, cause);
  }
  const inner = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause;
  const message = `${told}: expected the router to answer, got "${messageOf(inner)}". Start it with \`deploy-canary router\`, or mend \`admin\``;
  return failure('unreachable', message, true, cause);
}

function understand(told: string, { status, text }: Answer): WireReading {
  const body = jsonOf(text);
  if (status < 200 || status > 299) throw refusal(told, status, body);
  const reading = readingSchema.safeParse(body);
  if (reading.success) return reading.data;
  const seen = `status ${status} with "${text.slice(0, 80)}"`;
  const message = `${told}: expected a reading of the traffic, got ${seen}. Does \`admin\` name the router's admin API?`;
  throw failure('invalid-answer', message, false, reading.error);
}

function refusal(told: string, status: number, body: unknown): AdapterError {
  const why = failureSchema.safeParse(body);
  const said = why.success ? why.data.error : `status ${status}`;
  const fenced = status === 409 && why.success && why.data.code === 'fenced';
  if (fenced) return failure('fenced', said, false, undefined);
  if (status === 401 || status === 403) {
    const fix = 'Give the token the router was started with';
    return failure(
      'unauthorized',
      `${told}: the router refuses the token (${said}). ${fix}`,
      false,
      undefined,
    );
  }
  const retryable = status >= 500 || status === 429;
  return failure(
    codeOf(status),
    `${told}: expected the router to obey, got ${status}: ${said}`,
    retryable,
    undefined,
  );
}

function codeOf(status: number): AdapterErrorCode {
  if (status === 500) return 'io';
  return status === 502 || status === 503 || status === 504 ? 'unreachable' : 'refused';
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function failure(code: AdapterErrorCode, message: string, retryable: boolean, cause: unknown): AdapterError {
  return new AdapterError(PROVIDER, code, message, { retryable, cause });
}

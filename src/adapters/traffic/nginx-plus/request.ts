import type { IncomingMessage } from 'node:http';
import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { formatDuration, type Milliseconds } from '../../../core/units.ts';
import { AdapterError, type AdapterErrorCode, messageOf } from '../../../ports/adapter-error.ts';
import { PROVIDER } from './values.ts';

/** How long a call may take, and who may stop it before. */
export interface Call {
  /** The caller's own. */
  readonly signal: AbortSignal;
  /** That, or the deadline of the call. */
  readonly until: AbortSignal;
  readonly timeout: Milliseconds;
}

/** How one speaks to an API: PEM texts, and the header that lets one in. Null where there is none. */
export interface Access {
  readonly authorization: string | null;
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

export type Method = 'GET' | 'POST' | 'PATCH';

const LARGEST_ANSWER = 1024 * 1024;

/** One request on a connection of its own; a redirect is an answer like another. Rejects with an AdapterError. */
export function send(
  method: Method,
  url: string,
  body: string | null,
  access: Access,
  call: Call,
): Promise<Answer> {
  const { ca, cert, key } = access;
  const tls = Object.fromEntries(Object.entries({ ca, cert, key }).filter(([, pem]) => pem !== null));
  const options = { method, agent: false, headers: headersOf(access, body), signal: call.until, ...tls };
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => reject(failureOf(`${method} ${url}`, error, call));
    const request = url.startsWith('https:') ? requestSecure : requestPlain;
    const asked = request(url, options, (response) => {
      wholeOf(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), fail);
    });
    asked.on('error', fail);
    asked.end(body ?? undefined);
  });
}

function headersOf({ authorization }: Access, body: string | null): Record<string, string | number> {
  return {
    accept: 'application/json',
    'user-agent': 'deploy-canary',
    ...(authorization === null ? {} : { authorization }),
    ...(body === null
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
  };
}

async function wholeOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > LARGEST_ANSWER) throw new Error('an answer without end');
  }
  return text;
}

function failureOf(asked: string, error: unknown, { signal, until, timeout }: Call): AdapterError {
  const failed = (code: AdapterErrorCode, retryable: boolean, message: string): AdapterError =>
    new AdapterError(PROVIDER, code, message, { retryable, cause: error });
  if (signal.aborted) return failed('timeout', false, `${asked} was cancelled`);
  if (until.aborted) {
    const message = `${asked}: expected an answer within ${formatDuration(timeout)}, saw none`;
    return failed('timeout', true, `${message}; check that nginx runs`);
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code.startsWith('HPE_')) {
    return failed('invalid-answer', false, `${asked}: expected HTTP, saw something else (${code})`);
  }
  const seen = messageOf(error) || code;
  const fix = 'check `api` and `ca-file`, and that nginx runs';
  return failed('unreachable', true, `${asked}: expected an answer, saw ${seen}; ${fix}`);
}

import {
  type ClientRequest,
  get as getPlain,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import { get as getSecure } from 'node:https';
import type { Milliseconds } from '../../core/units.ts';
import { messageOf } from '../../ports/adapter-error.ts';

/** A health answer is small; what comes after this many bytes is not read. */
const LONGEST_BODY = 65_536;

export type Answer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: IncomingHttpHeaders;
      readonly body: string;
      /** Until the last byte. */
      readonly took: Milliseconds;
    }
  | { readonly kind: 'silence'; readonly why: string; readonly timedOut: boolean };

export interface Asking {
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes of the body that are read. */
  readonly longest: number;
}

const AS_PROBE: Asking = {
  headers: { accept: 'application/json', 'cache-control': 'no-cache' },
  longest: LONGEST_BODY,
};

/** One GET over a connection of its own, redirects not followed. Never rejects. */
export function ask(
  url: string,
  timeout: Milliseconds,
  signal: AbortSignal,
  { headers, longest }: Asking = AS_PROBE,
): Promise<Answer> {
  const began = performance.now();
  return new Promise((resolve) => {
    const settle = (answer: Answer): void => {
      clearTimeout(timer);
      resolve(answer);
      request.destroy();
    };
    const failed = (error: unknown): void => settle({ kind: 'silence', why: whyOf(error), timedOut: false });
    const request = send(url, headers, signal, (response) => {
      readBody(response, longest).then((body) => {
        const { statusCode: status = 0 } = response;
        settle({ kind: 'answer', status, headers: response.headers, body, took: performance.now() - began });
      }, failed);
    });
    request.on('error', failed);
    const late = (): void =>
      settle({ kind: 'silence', why: `no answer within ${Math.round(timeout)} ms`, timedOut: true });
    const timer = setTimeout(late, timeout);
  });
}

function send(
  url: string,
  asked: Asking['headers'],
  signal: AbortSignal,
  onResponse: (response: IncomingMessage) => void,
): ClientRequest {
  const headers = { ...asked, 'user-agent': 'deploy-canary' };
  const options = { agent: false, headers, signal };
  return url.startsWith('https:') ? getSecure(url, options, onResponse) : getPlain(url, options, onResponse);
}

async function readBody(response: IncomingMessage, longest: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    size += bytes.length;
    if (size >= longest) break;
  }
  return Buffer.concat(chunks).subarray(0, longest).toString('utf8');
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ENOTFOUND: 'no such host',
  EHOSTUNREACH: 'host unreachable',
};

function whyOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return WORDS[code] ?? (messageOf(error) || code);
}

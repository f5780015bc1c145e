import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import type { Milliseconds } from '../../../core/units.ts';
import { formatDuration } from '../../../core/units.ts';
import { AdapterError, type AdapterErrorCode, messageOf } from '../../../ports/adapter-error.ts';
import { quote, type RawSeries, readAnswer } from './answer-text.ts';

/** A larger answer is refused: in bytes. */
export const LARGEST_BODY = 16 * 1024 * 1024;

export interface PrometheusServer {
  /** Without a slash at its end; a path before `/api/v1` is kept. */
  readonly url: string;
  /** For each complete answer. */
  readonly timeout: Milliseconds;
  readonly authorization: string | null;
  /** Certificates of the authorities to trust, as PEM; null for those that Node trusts. */
  readonly ca: string | null;
}

interface Response {
  readonly status: number;
  readonly text: string;
}

/**
 * Asks one instant query whose answer is a matrix of raw samples. Rejects with an AdapterError: `timeout`,
 * `unreachable`, `unauthorized`, `refused` (Prometheus said error) or `invalid-answer` (cut, too large, partial,
 * or not Prometheus).
 */
export async function query(
  server: PrometheusServer,
  form: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<readonly RawSeries[]> {
  const address = `${server.url}/api/v1/query`;
  const response = await post(server, address, new URLSearchParams(form).toString(), signal);
  return seriesIn(address, response);
}

function seriesIn(address: string, { status, text }: Response): readonly RawSeries[] {
  if (status === 401 || status === 403) {
    throw failure(address, 'unauthorized', `expected status 200, saw ${status}; check token-env or basic`);
  }
  const answer = readAnswer(text);
  if (answer.kind === 'error') throw refused(address, status, answer.why);
  if (status !== 200) throw refused(address, status, quote(text));
  if (answer.kind === 'series') return answer.series;
  if (answer.kind === 'partial') {
    const change = 'see which of its stores are down';
    throw failure(
      address,
      'invalid-answer',
      `expected all data, saw a part of it (${answer.why}); ${change}`,
    );
  }
  const change = 'point url at the root of a Prometheus or PromQL API';
  throw failure(address, 'invalid-answer', `expected an answer of Prometheus, saw ${answer.why}; ${change}`);
}

function refused(address: string, status: number, why: string): AdapterError {
  return failure(address, 'refused', `expected status 200, saw ${status} (${why}); ${changeFor(status)}`);
}

function changeFor(status: number): string {
  if (status >= 300 && status < 400) return 'give the url that it redirects to';
  if (status === 400) return 'check matchers, slot-label and the selectors of the KPIs';
  if (status === 404) return 'check url, its path included: /api/v1 is added to it';
  if (status === 422) return 'narrow the selectors, or raise the query limits of Prometheus';
  return 'look at the log and the load of Prometheus';
}

function post(
  server: PrometheusServer,
  address: string,
  body: string,
  signal: AbortSignal,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const send = address.startsWith('https:') ? requestSecure : requestPlain;
    const headers = {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': Buffer.byteLength(body),
      'user-agent': 'deploy-canary',
      ...(server.authorization === null ? {} : { authorization: server.authorization }),
    };
    const ca = server.ca === null ? {} : { ca: server.ca };
    const fail = (error: AdapterError): void => {
      clearTimeout(timer);
      reject(error);
      request.destroy();
    };
    const request = send(address, { method: 'POST', agent: false, headers, signal, ...ca }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.byteLength;
        if (size > LARGEST_BODY) fail(tooLarge(address));
        else chunks.push(chunk);
      });
      response.on('error', (error) => fail(lost(address, error)));
      response.on('end', () => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
      });
    });
    const timer = setTimeout(() => fail(tooLate(address, server.timeout)), server.timeout);
    request.on('error', (error) => fail(lost(address, error)));
    request.end(body);
  });
}

function tooLate(address: string, timeout: Milliseconds): AdapterError {
  const seen = `expected a complete answer within ${formatDuration(timeout)}, saw none`;
  return failure(address, 'timeout', `${seen}; raise timeout, or look at the load of Prometheus`);
}

function tooLarge(address: string): AdapterError {
  const limit = `${LARGEST_BODY / 1024 / 1024} MB`;
  return failure(
    address,
    'invalid-answer',
    `expected at most ${limit}, saw more; narrow the selectors, or set matchers`,
  );
}

function lost(address: string, error: Error): AdapterError {
  const why = messageOf(error) || ('code' in error ? String(error.code) : error.name);
  const change = 'check url and ca-file, and that Prometheus runs';
  return failure(address, 'unreachable', `expected an answer, saw ${why}; ${change}`, error);
}

function failure(address: string, code: AdapterErrorCode, message: string, cause?: unknown): AdapterError {
  const retryable = code === 'timeout' || code === 'unreachable' || code === 'refused';
  return new AdapterError('prometheus', code, `${address}: ${message}`, { retryable, cause });
}

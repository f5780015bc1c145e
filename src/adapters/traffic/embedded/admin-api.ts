import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';
import { z } from 'zod';
import { messageOf } from '../../../ports/adapter-error.ts';
import type { Measures } from './measures.ts';
import type { TrafficControl } from './traffic-control.ts';
import type { Decision } from './traffic-state.ts';
import { type FailureCode, renewalSchema, shiftSchema } from './wire.ts';

export interface AdminOptions {
  readonly token: string;
  readonly metricsNeedToken: boolean;
  readonly control: TrafficControl;
  readonly measures: Measures;
}

interface Reply {
  readonly status: number;
  readonly text: string;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
}

type Call = (request: IncomingMessage) => Promise<Reply>;

const MAX_BODY = 64 * 1_024;

/**
 * `GET` and `PUT /v1/traffic`, `POST /v1/lease` (bearer token), `GET /metrics`. Refusals are
 * `{"error": text for people, "code": FailureCode}` with 400, 401, 404, 405, 409, 413 or 500.
 */
export function adminListener(options: AdminOptions): RequestListener {
  const calls = callsOf(options);
  return (request, response) => {
    void answer(options, calls, request).then(({ status, text, contentType, headers }) => {
      response.writeHead(status, {
        ...headers,
        'content-type': contentType,
        'content-length': Buffer.byteLength(text),
        'cache-control': 'no-store',
        connection: 'close',
      });
      response.end(text);
    });
  };
}

function callsOf({ control, measures }: AdminOptions): Readonly<Record<string, Record<string, Call>>> {
  return {
    '/v1/traffic': {
      GET: () => Promise.resolve(json(200, control.read())),
      PUT: async (request) => {
        const shift = shiftSchema.safeParse(await bodyOf(request));
        if (!shift.success) return invalid(shift.error);
        return decided(await control.shift(shift.data), control);
      },
    },
    '/v1/lease': {
      POST: async (request) => {
        const renewal = renewalSchema.safeParse(await bodyOf(request));
        if (!renewal.success) return invalid(renewal.error);
        return decided(control.renew(renewal.data.holder, renewal.data.ttl), control);
      },
    },
    '/metrics': {
      GET: async () => {
        const { text, contentType } = await measures.render();
        return { status: 200, text, contentType };
      },
    },
  };
}

async function answer(
  options: AdminOptions,
  calls: ReturnType<typeof callsOf>,
  request: IncomingMessage,
): Promise<Reply> {
  const [path = ''] = (request.url ?? '').split('?', 1);
  if (!isAllowed(options, path, request)) {
    const message = 'expected "Authorization: Bearer <token>" with the token this router was started with';
    return { ...failure(401, 'unauthorized', message), headers: { 'www-authenticate': 'Bearer' } };
  }
  const methods = calls[path];
  if (methods === undefined) return failure(404, 'not-found', `nothing is at ${path}`);
  const method = request.method ?? '';
  const call = methods[method];
  if (call === undefined) {
    const allow = Object.keys(methods).join(', ');
    const refusal = failure(405, 'method-not-allowed', `${path} understands ${allow}, got ${method}`);
    return { ...refusal, headers: { allow } };
  }
  try {
    return await call(request);
  } catch (error) {
    if (error instanceof TooLarge) return failure(413, 'too-large', `expected at most ${MAX_BODY} bytes`);
    return failure(500, 'io', `nothing was changed: ${messageOf(error)}`);
  }
}

function isAllowed(
  { token, metricsNeedToken }: AdminOptions,
  path: string,
  { headers, socket }: IncomingMessage,
): boolean {
  if (path === '/metrics' && !metricsNeedToken && isLoopback(socket.remoteAddress)) return true;
  const given = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
  return given !== undefined && isSame(given, token);
}

function isLoopback(address: string | undefined): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address ?? '');
}

/** Takes the same time wherever the two differ. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

class TooLarge extends Error {}

/** Undefined when it is not JSON. */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_BODY) throw new TooLarge();
    chunks.push(bytes);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

function decided(decision: Decision, control: TrafficControl): Reply {
  if (decision.kind === 'fenced') return failure(409, 'fenced', decision.message);
  return json(200, control.read());
}

function invalid(error: z.ZodError): Reply {
  return failure(400, 'invalid-request', z.prettifyError(error));
}

function failure(status: number, code: FailureCode, error: string): Reply {
  return json(status, { error, code });
}

function json(status: number, body: unknown): Reply {
  return { status, text: JSON.stringify(body), contentType: 'application/json' };
}

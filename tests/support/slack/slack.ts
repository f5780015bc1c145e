import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { messageRules } from './block-rules.ts';

/** How the next call is answered instead of by the rules. */
export type Whim =
  | { readonly status: number; readonly body?: string; readonly retryAfter?: number }
  | 'hang'
  | 'cut';

export interface Slack {
  readonly api: string;
  readonly webhook: string;
  /** What was taken, oldest first. */
  readonly messages: Record<string, unknown>[];
  readonly calls: () => number;
  readonly answerNext: (...whims: readonly Whim[]) => void;
  readonly close: () => Promise<void>;
}

export const TOKEN = 'xoxb-a-token-for-tests';
const HOOK = '/services/T000/B000/s3cr3t-of-the-hook';

/**
 * Slack as its API description (Web API 1.7.0, chat.postMessage) and its page on incoming webhooks have it: JSON with a
 * bearer token, 200 with `ok: false` for a refusal, plain words from a webhook. It takes no message that breaks the rules.
 */
export async function startSlack(channels: readonly string[] = ['C0123456789']): Promise<Slack> {
  const messages: Record<string, unknown>[] = [];
  const whims: Whim[] = [];
  let calls = 0;
  const server = createServer((request, response) => {
    calls += 1;
    void text(request).then((body) => {
      const whim = whims.shift();
      if (whim === 'hang') return;
      if (whim === 'cut') request.socket.destroy();
      else if (whim !== undefined) answerBy(whim, response);
      else if (request.url === HOOK) hook(request, body, response, messages);
      else chat(request, body, response, { messages, channels });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const base = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  return {
    api: `${base}/api`,
    webhook: `${base}${HOOK}`,
    messages,
    calls: () => calls,
    answerNext: (...next) => void whims.push(...next),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answerBy({ status, body = '', retryAfter }: Exclude<Whim, string>, response: ServerResponse): void {
  response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }).end(body);
}

function hook(
  request: IncomingMessage,
  body: string,
  response: ServerResponse,
  messages: Record<string, unknown>[],
): void {
  const message = parsed(body);
  const fits = request.method === 'POST' && isJson(request) && messageRules.safeParse(message).success;
  if (!fits) return void response.writeHead(400).end('invalid_payload');
  messages.push(message);
  response.end('ok');
}

interface Office {
  readonly messages: Record<string, unknown>[];
  readonly channels: readonly string[];
}

function chat(request: IncomingMessage, body: string, response: ServerResponse, office: Office): void {
  response.setHeader('content-type', 'application/json; charset=utf-8');
  response.end(JSON.stringify(posted(request, body, office)));
}

function posted(
  request: IncomingMessage,
  body: string,
  { messages, channels }: Office,
): Readonly<Record<string, unknown>> {
  const refusal = (error: string) => ({ ok: false, error });
  const { authorization } = request.headers;
  if (request.url !== '/api/chat.postMessage') return refusal('unknown_method');
  if (authorization !== `Bearer ${TOKEN}`)
    return refusal(authorization === undefined ? 'not_authed' : 'invalid_auth');
  if (!isJson(request)) return refusal('invalid_post_type');
  const { channel, unfurl_links: links, unfurl_media: media, ...message } = parsed(body);
  if (!channels.includes(String(channel))) return refusal('channel_not_found');
  const plainly = [links, media].every((flag) => flag === undefined || typeof flag === 'boolean');
  if (!plainly || !messageRules.safeParse(message).success) return refusal('invalid_blocks');
  messages.push(message);
  const ts = '1503435956.000247';
  return {
    ok: true,
    channel,
    ts,
    message: { type: 'message', subtype: 'bot_message', text: message.text, ts },
  };
}

function isJson({ headers }: IncomingMessage): boolean {
  return /^application\/json(;|$)/.test(headers['content-type'] ?? '');
}

function parsed(body: string): Record<string, unknown> {
  const value: unknown = JSON.parse(body);
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

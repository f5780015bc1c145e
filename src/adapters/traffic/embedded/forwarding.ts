import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { createProxyServer, type ProxyServer } from 'http-proxy-3';
import type { Milliseconds } from '../../../core/units.ts';
import { CLIENT_LEFT, type Exchange } from './exchange.ts';
import type { Measures } from './measures.ts';

/** Carries requests to their slot and answers back, byte by byte. */
export interface Forwarding {
  web(exchange: Exchange, response: ServerResponse): void;
  /** A websocket: the connection is the slot's until either side ends it. */
  upgrade(exchange: Exchange, socket: Duplex, head: Buffer): void;
}

export interface ForwardingOptions {
  readonly upstreamTimeout: Milliseconds;
  readonly rewriteHost: boolean;
  readonly measures: Measures;
  /** Whether the router is closing: connections are then not kept. */
  readonly isClosing: () => boolean;
}

const RETRY_AFTER: Milliseconds = 100;
/** Meant for the next hop only, or already dealt with by this one. */
const NOT_FORWARDED = ['expect', 'http2-settings', 'keep-alive', 'proxy-connection', 'te', 'upgrade'];
const NOT_ANSWERED = ['keep-alive', 'proxy-connection', 'trailer', 'upgrade'];

export function createForwarding(options: ForwardingOptions): Forwarding {
  const exchanges = new WeakMap<IncomingMessage, Exchange>();
  const proxy = createProxyServer({
    xfwd: true,
    toProxy: true,
    changeOrigin: options.rewriteHost,
    proxyTimeout: options.upstreamTimeout,
  });
  watchWeb(proxy, exchanges, options);
  watchUpgrades(proxy, exchanges, options);
  return {
    web(exchange, response) {
      exchanges.set(exchange.request, exchange);
      prepare(exchange.request);
      response.on('error', ignore);
      response.once('close', () => {
        exchange.end(exchange.failure ?? (response.writableFinished ? response.statusCode : CLIENT_LEFT));
      });
      attempt(proxy, exchange, response, options.measures);
    },
    upgrade(exchange, socket, head) {
      exchanges.set(exchange.request, exchange);
      socket.once('close', () => exchange.end(CLIENT_LEFT));
      proxy.ws(exchange.request, socket, head, { target: exchange.upstream.target }, () => {
        if (exchange.answer === null) refuseUpgrade(exchange, socket);
      });
    },
  };
}

function prepare(request: IncomingMessage): void {
  for (const name of NOT_FORWARDED) delete request.headers[name];
  // `GET http://host/path`, as clients say it to a proxy.
  if (request.url?.startsWith('http') && URL.canParse(request.url)) {
    const { pathname, search } = new URL(request.url);
    request.url = `${pathname}${search}`;
  }
}

function attempt(proxy: ProxyServer, exchange: Exchange, response: ServerResponse, measures: Measures): void {
  const { request, upstream } = exchange;
  const options = {
    target: upstream.target,
    agent: upstream.agent,
    headers: { connection: 'keep-alive' },
    // The first attempt has added them to the request already.
    xfwd: !exchange.retried,
  };
  const onError = (error: Error): void => {
    if (!mayRetry(error, exchange, response)) {
      failed(exchange, response);
      return;
    }
    exchange.retried = true;
    measures.retried(upstream.slot);
    setTimeout(() => {
      if (!response.destroyed) attempt(proxy, exchange, response, measures);
    }, RETRY_AFTER);
  };
  try {
    proxy.web(request, response, options, onError);
  } catch {
    fail(exchange, response, 400);
  }
}

/** Only what cannot hide a bad version: no byte was sent, nothing is changed by asking twice, and the slot stays. */
function mayRetry(error: Error, exchange: Exchange, response: ServerResponse): boolean {
  const { request, retried, transferEncoding } = exchange;
  const refused = 'code' in error && error.code === 'ECONNREFUSED';
  const harmless = request.method === 'GET' || request.method === 'HEAD';
  const bodyless = transferEncoding === null && (request.headers['content-length'] ?? '0') === '0';
  return refused && harmless && bodyless && !retried && !response.destroyed;
}

function failed(exchange: Exchange, response: ServerResponse): void {
  // The answer is whole; only the rest of an upload that the slot did not want was lost.
  if (exchange.answer?.complete === true) exchange.request.resume();
  else fail(exchange, response, exchange.silence ?? 502);
}

/** Answers in the slot's place; an answer that has begun can only be cut, so that the client sees it is not whole. */
function fail(exchange: Exchange, response: ServerResponse, code: number): void {
  if (exchange.failure !== null || response.destroyed || response.writableFinished) return;
  exchange.failure = code;
  exchange.request.resume();
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = `${code} ${STATUS_CODES[code]}\n`;
  response.writeHead(code, { 'content-type': 'text/plain', 'content-length': body.length }).end(body);
}

function watchWeb(
  proxy: ProxyServer,
  exchanges: WeakMap<IncomingMessage, Exchange>,
  { isClosing }: ForwardingOptions,
): void {
  proxy.on('start', (request) => {
    // The library announces the chunked body of a DELETE or OPTIONS as empty and sends it all the same.
    const coding = exchanges.get(request)?.transferEncoding ?? null;
    if (coding === null) return;
    delete request.headers['content-length'];
    request.headers['transfer-encoding'] = coding;
  });
  proxy.on('proxyReq', (sent, request, response) => {
    const exchange = exchanges.get(request);
    if (exchange === undefined) return;
    sent.once('timeout', () => noteSilence(exchange, sent));
    // A switch of protocols that nobody asked for: unheard, Node drops it without a word.
    sent.once('upgrade', (_answer, socket) => {
      socket.destroy();
      fail(exchange, response, 502);
    });
  });
  proxy.on('proxyRes', (answer, request, response) => {
    const exchange = exchanges.get(request);
    if (exchange === undefined) return;
    exchange.answer = answer;
    answer.on('error', ignore);
    answer.once('close', () => {
      if (!answer.complete) fail(exchange, response, exchange.silence ?? 502);
    });
    if ((answer.statusCode ?? 0) < 200) return fail(exchange, response, 502);
    const connection = isClosing() || !response.shouldKeepAlive ? 'close' : 'keep-alive';
    cleanAnswer(answer, exchange.cookie);
    answer.headers.connection = connection;
    request.headers.connection = connection;
  });
}

/** A client that stopped sending is not the slot's fault, unless the slot had stopped reading. */
function noteSilence(exchange: Exchange, sent: ClientRequest): void {
  const clientStopped = !exchange.request.complete && !sent.writableNeedDrain;
  exchange.silence = clientStopped ? 408 : 504;
}

/** Takes away what would make Node throw, or does not concern the client; adds the cookie of a new one. */
function cleanAnswer(answer: IncomingMessage, cookie: string | null): void {
  for (const name of NOT_ANSWERED) delete answer.headers[name];
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(answer.statusMessage ?? '')) answer.statusMessage = '';
  if (cookie !== null) answer.headers['set-cookie'] = [...(answer.headers['set-cookie'] ?? []), cookie];
}

function watchUpgrades(
  proxy: ProxyServer,
  exchanges: WeakMap<IncomingMessage, Exchange>,
  { upstreamTimeout }: ForwardingOptions,
): void {
  // A socket that breaks is told to its own listeners as well; unheard, this event would end the process.
  proxy.on('error', ignore);
  proxy.on('proxyReqWs', (sent, request, socket) => {
    const exchange = exchanges.get(request);
    if (exchange === undefined) return;
    if (upstreamTimeout > 0) {
      sent.setTimeout(upstreamTimeout, () => {
        exchange.silence = 504;
        sent.destroy();
      });
    }
    sent.once('upgrade', (answer) => {
      exchange.answer = answer;
      exchange.end(101);
    });
    sent.once('response', (answer) => {
      exchange.answer = answer;
      exchange.end(answer.statusCode ?? 502);
      answer.on('error', ignore);
      answer.once('close', () => {
        if (!answer.complete) socket.destroy();
      });
    });
  });
}

function refuseUpgrade(exchange: Exchange, socket: Duplex): void {
  const code = exchange.silence ?? 502;
  exchange.end(code);
  if (socket.writable) {
    socket.write(`HTTP/1.1 ${code} ${STATUS_CODES[code]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  }
}

function ignore(): void {}

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { GRAPHQL } from './graphql/react.ts';
import type { Outgoing } from './outgoing.ts';
import { type Reaction, react, type Service } from './service.ts';

export interface Listener {
  readonly origin: () => string;
  /** Refuses connections and cuts those there are. */
  down(): Promise<void>;
  /** Listens again where it did before. */
  up(): Promise<void>;
}

export async function listen(service: Service, prefix: string): Promise<Listener> {
  let server: Server | null = null;
  let port = 0;
  const up = async (): Promise<void> => {
    if (server !== null) return;
    const fresh = createServer((request, response) => void serve(service, prefix, request, response));
    fresh.listen(port, '127.0.0.1');
    await once(fresh, 'listening');
    const address = fresh.address();
    if (typeof address === 'object' && address !== null) port = address.port;
    server = fresh;
  };
  const down = async (): Promise<void> => {
    const old = server;
    server = null;
    if (old === null) return;
    const closed = once(old, 'close');
    old.close();
    old.closeAllConnections();
    await closed;
  };
  await up();
  return { origin: () => `http://127.0.0.1:${port}`, up, down };
}

async function serve(
  service: Service,
  prefix: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const body = await bodyOf(request);
    url.pathname = inside(url.pathname, prefix);
    const reaction = react(service, { method: request.method ?? 'GET', url, headers: request.headers, body });
    await send(reaction, request, response);
  } catch (error) {
    response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error));
  }
}

/** GitHub Enterprise Server has GraphQL beside its REST API, at `/api/graphql`. */
function inside(path: string, prefix: string): string {
  if (path === prefix.replace(/\/v3$/, '') + GRAPHQL) return GRAPHQL;
  const isInside = path.startsWith(prefix) && path !== `${prefix}${GRAPHQL}`;
  return isInside ? path.slice(prefix.length) || '/' : `/outside${path}`;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function send(
  { outgoing, fault }: Reaction,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  switch (fault?.do) {
    case 'hang':
      return;
    case 'cut':
    case 'lose-answer':
      request.socket.destroy();
      return;
    case 'delay':
      await sleep(fault.ms);
      break;
    case 'server-error':
    case 'refuse':
    case 'primary-limit':
    case 'secondary-limit':
    case 'stale':
    case undefined:
      break;
  }
  write(outgoing, response);
}

function write({ status, headers, body }: Outgoing, response: ServerResponse): void {
  response.writeHead(status, headers);
  response.end(body);
}

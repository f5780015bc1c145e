import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';

export type Passing =
  /** Lets the request through unchanged. */
  | { readonly do: 'pass' }
  /** Never answers. */
  | { readonly do: 'hang' }
  /** Cuts the connection. */
  | { readonly do: 'cut' }
  /** Lets the request through, then cuts the connection instead of answering. */
  | { readonly do: 'lose-answer'; readonly strike?: () => void }
  | { readonly do: 'answer'; readonly status: number; readonly body: string }
  | { readonly do: 'delay'; readonly ms: number }
  /** Lets the request through and changes the answer. */
  | { readonly do: 'rewrite'; readonly change: (body: string) => string };

export type Policy = (request: {
  readonly method: string;
  readonly path: string;
  readonly count: number;
}) => Passing;

/** A real HTTP server between two others that does to each request what its policy says. */
export interface Gate {
  readonly url: string;
  /** What happens to requests from now on; `count` starts at 1 for each method again. */
  set(policy: Policy): void;
  close(): Promise<void>;
}

export const pass: Policy = () => ({ do: 'pass' });

export async function openGate(target: string): Promise<Gate> {
  let policy = pass;
  let counts: Record<string, number> = {};
  const server = createServer((incoming, outgoing) => {
    const method = incoming.method ?? 'GET';
    counts[method] = (counts[method] ?? 0) + 1;
    void handle(
      policy({ method, path: incoming.url ?? '/', count: counts[method] }),
      target,
      incoming,
      outgoing,
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    set: (next) => {
      policy = next;
      counts = {};
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function handle(
  passing: Passing,
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  switch (passing.do) {
    case 'hang':
      return;
    case 'cut':
      incoming.socket.destroy();
      return;
    case 'answer':
      outgoing.writeHead(passing.status).end(passing.body);
      return;
    case 'delay':
      await new Promise((resolve) => setTimeout(resolve, passing.ms));
      break;
    case 'pass':
    case 'lose-answer':
    case 'rewrite':
      break;
  }
  const answer = await forward(target, incoming).catch(() => null);
  if (answer === null || passing.do === 'lose-answer') {
    if (passing.do === 'lose-answer') passing.strike?.();
    incoming.socket.destroy();
    return;
  }
  const body = passing.do === 'rewrite' ? passing.change(answer.body) : answer.body;
  outgoing.writeHead(answer.status, { 'content-type': answer.type }).end(body);
}

function forward(
  target: string,
  incoming: IncomingMessage,
): Promise<{ status: number; type: string; body: string }> {
  return new Promise((resolve, reject) => {
    const url = new URL(incoming.url ?? '/', target);
    const { method, headers } = incoming;
    const out = request(url, { method, headers: { ...headers, host: url.host } }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 500,
          type: answer.headers['content-type'] ?? 'text/plain',
          body,
        }),
      );
      answer.on('error', reject);
    });
    out.on('error', reject);
    incoming.pipe(out);
  });
}

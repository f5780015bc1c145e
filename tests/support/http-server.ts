import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface Called {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A server on the loopback interface that answers a whole request at once, and remembers it. */
export async function httpServer(
  answer: (called: Called, response: ServerResponse) => Answer | null | Promise<Answer | null>,
) {
  const calls: Called[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => void chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const called = { path: request.url ?? '', headers: request.headers, body };
      calls.push(called);
      void Promise.resolve(answer(called, response)).then((said) => {
        // Null: it is answered elsewhere, or never.
        if (said === null) return;
        response.writeHead(said.status ?? 200, { 'content-type': 'application/json', ...said.headers });
        response.end(said.body);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    stop: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

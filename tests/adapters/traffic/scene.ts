import {
  Agent,
  createServer,
  request as httpRequest,
  type RequestListener,
  type RequestOptions,
} from 'node:http';
import { createServer as createTcpServer, type Socket } from 'node:net';
import type { ProxyOptions } from '../../../src/adapters/traffic/embedded/options.ts';
import { type ProxyHandle, startProxy } from '../../../src/adapters/traffic/embedded/start-proxy.ts';
import { createEmbeddedRouter } from '../../../src/adapters/traffic/embedded-router.ts';
import type { Slot } from '../../../src/core/rollout/record.ts';
import type { TrafficRouter } from '../../../src/ports/traffic-router.ts';

export const TOKEN = 'a-token-for-tests';

export interface Closable {
  readonly close: () => Promise<void>;
}

/** Closes what was opened, last first, when the test is over. */
export function createCleanup(): { add: <T extends Closable>(opened: T) => T; run: () => Promise<void> } {
  const opened: Closable[] = [];
  return {
    add(one) {
      opened.push(one);
      return one;
    },
    async run() {
      for (const one of opened.splice(0).reverse()) await one.close();
    },
  };
}

export interface Listening extends Closable {
  readonly url: string;
  readonly port: number;
}

function portOf(server: {
  address: () => ReturnType<ReturnType<typeof createTcpServer>['address']>;
}): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return address.port;
}

/** A real HTTP server on a free port, or on `port`. */
export async function startServer(listener: RequestListener, port = 0): Promise<Listening> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const bound = portOf(server);
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A peer that speaks raw bytes. */
export async function startRawServer(onSocket: (socket: Socket) => void): Promise<Listening> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** A port on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = await startRawServer(() => undefined);
  await server.close();
  return server.port;
}

/** Answers with the name of its slot, in a header and in the body. */
export function startSlot(slot: Slot): Promise<Listening> {
  return startServer((request, response) => {
    request.resume();
    response.setHeader('x-served-by', slot);
    response.end(slot);
  });
}

export interface Scene extends Closable {
  readonly proxy: ProxyHandle;
  readonly router: TrafficRouter;
  readonly metrics: () => Promise<string>;
}

type SceneOptions = Partial<Omit<ProxyOptions, 'slots'>> & {
  readonly slots?: Partial<ProxyOptions['slots']>;
};

/** The embedded router in front of two slots that really listen. */
export async function openScene(options: SceneOptions = {}): Promise<Scene> {
  const cleanup = createCleanup();
  const a = options.slots?.a ?? cleanup.add(await startSlot('a')).url;
  const b = options.slots?.b ?? cleanup.add(await startSlot('b')).url;
  const proxy = await startProxy({ token: TOKEN, ...options, slots: { a, b } });
  cleanup.add({ close: () => proxy.close({ deadline: 200 }) });
  const router = createEmbeddedRouter({ admin: proxy.adminUrl, token: TOKEN, timeout: 2_000 });
  const metrics = async (): Promise<string> => (await fetch(`${proxy.adminUrl}/metrics`)).text();
  return { proxy, router, metrics, close: cleanup.run };
}

export interface Answer {
  /** Null when no answer, or only a part of one, came. */
  readonly status: number | null;
  readonly slot: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

const LOST: Answer = { status: null, slot: '', body: '', headers: {} };

/** One request over node's own client. Never rejects: a lost request has no status. */
export function ask(url: string, options: RequestOptions & { readonly body?: string } = {}): Promise<Answer> {
  return new Promise((resolve) => {
    const request = httpRequest(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => resolve(LOST));
      response.on('end', () => {
        const slot = String(response.headers['x-served-by'] ?? '');
        const body = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? null, slot, body, headers: response.headers });
      });
    });
    request.on('error', () => resolve(LOST));
    request.end(options.body);
  });
}

export interface Tally {
  a: number;
  b: number;
  /** Anything but a 200 from a slot. */
  lost: number;
}

/** Sends requests over kept connections, `concurrency` at a time, until `more` says no. */
export async function load(
  url: string,
  more: (sent: number) => boolean,
  {
    concurrency = 16,
    seen,
    retry,
  }: {
    concurrency?: number;
    seen?: (answer: Answer) => void;
    /** Whether a request whose connection was cut is sent once more, as a client does with a GET. */
    retry?: () => boolean;
  } = {},
): Promise<Tally> {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const tally: Tally = { a: 0, b: 0, lost: 0 };
  let sent = 0;
  const worker = async (): Promise<void> => {
    while (more(sent)) {
      sent += 1;
      const first = await ask(url, { agent });
      const answer = first.status === null && retry?.() === true ? await ask(url, { agent: false }) : first;
      if (answer.status === 200 && (answer.slot === 'a' || answer.slot === 'b')) tally[answer.slot] += 1;
      else tally.lost += 1;
      seen?.(answer);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  agent.destroy();
  return tally;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits for something that comes about by itself; fails the test when it does not within two seconds. */
export async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 2_000;
  while (!(await what())) {
    if (performance.now() > end) throw new Error('it did not come about within 2 s');
    await pause(10);
  }
}

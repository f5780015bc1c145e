import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import { onTestFinished } from 'vitest';

export interface MetricsServer {
  readonly url: string;
  /** How often it was asked. */
  readonly asked: () => number;
  /** Answers in another way from now on. */
  readonly answerWith: (listener: RequestListener) => void;
  readonly stop: () => Promise<void>;
  /** Listens again where it did before. */
  readonly start: () => Promise<void>;
}

/** A real HTTP server on the loopback interface, gone when the test is. */
export async function metricsServer(first: RequestListener): Promise<MetricsServer> {
  let listener = first;
  let count = 0;
  let server: Server | null = null;
  let port = 0;
  const start = async (): Promise<void> => {
    const fresh = createServer((request, response) => {
      count += 1;
      listener(request, response);
    });
    await new Promise<void>((resolve, reject) => {
      fresh.once('error', reject);
      fresh.listen(port, '127.0.0.1', resolve);
    });
    const address = fresh.address();
    if (isAddress(address)) port = address.port;
    server = fresh;
  };
  const stop = async (): Promise<void> => {
    const old = server;
    server = null;
    if (old === null) return;
    old.closeAllConnections();
    await new Promise<void>((resolve) => old.close(() => resolve()));
  };
  await start();
  onTestFinished(stop);
  return {
    url: `http://127.0.0.1:${port}/metrics`,
    asked: () => count,
    answerWith: (next) => {
      listener = next;
    },
    stop,
    start,
  };
}

export function serving(registry: Registry): RequestListener {
  return (_request, response) => {
    void registry.metrics().then((text) => {
      response.setHeader('content-type', registry.contentType);
      response.end(text);
    });
  };
}

export function saying(text: string, contentType = 'text/plain; version=0.0.4'): RequestListener {
  return (_request, response) => {
    response.setHeader('content-type', contentType);
    response.end(text);
  };
}

/** An endpoint for each slot, each with one request counted. */
export async function bothSlots() {
  const a = await metricsServer(saying('all 1\n'));
  const b = await metricsServer(saying('all 1\n'));
  return {
    a,
    b,
    endpoints: [
      { url: a.url, slot: 'a' as const },
      { url: b.url, slot: 'b' as const },
    ],
  };
}

function isAddress(address: AddressInfo | string | null): address is AddressInfo {
  return address !== null && typeof address !== 'string';
}

import { createServer, type Server } from 'node:http';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** A service that really listens, and counts what it is told to have served. */
export interface CountingService {
  /** Of its metrics. */
  readonly url: string;
  readonly serve: (code: number, times: number, seconds?: number) => void;
  readonly use: (connections: number) => void;
  /** Begins anew with nothing counted, as after a crash. */
  readonly restart: () => void;
  /** Whether it shows anything. */
  readonly show: (isShown: boolean) => void;
  readonly stop: () => Promise<void>;
  /** Listens again where it did before. */
  readonly start: () => Promise<void>;
}

function instruments() {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Counter({
    name: 'http_requests_total',
    help: 'requests',
    labelNames: ['code'],
    registers,
  });
  const seconds = new Histogram({
    name: 'http_seconds',
    help: 'latency',
    buckets: [0.1, 0.3, 2.3],
    registers,
  });
  const pool = new Gauge({ name: 'pool_in_use', help: 'connections', registers });
  return { registry, requests, seconds, pool };
}

export async function countingService(): Promise<CountingService> {
  let counting = instruments();
  let isShown = true;
  let server: Server | null = null;
  let port = 0;
  const start = async (): Promise<void> => {
    const fresh = createServer((_request, response) => {
      response.setHeader('content-type', counting.registry.contentType);
      if (!isShown) response.end('');
      else void counting.registry.metrics().then((text) => response.end(text));
    });
    await new Promise<void>((resolve) => fresh.listen(port, '127.0.0.1', resolve));
    const address = fresh.address();
    if (address !== null && typeof address !== 'string') port = address.port;
    server = fresh;
  };
  await start();
  return {
    url: `http://127.0.0.1:${port}/metrics`,
    serve(code, times, seconds = 0.2) {
      counting.requests.inc({ code: String(code) }, times);
      for (let index = 0; index < times; index += 1) counting.seconds.observe(seconds);
    },
    use: (connections) => counting.pool.set(connections),
    restart: () => {
      counting = instruments();
    },
    show: (shown) => {
      isShown = shown;
    },
    stop: () =>
      new Promise((resolve) => {
        const old = server;
        server = null;
        if (old === null) return resolve();
        old.close(() => resolve());
        old.closeAllConnections();
      }),
    start,
  };
}

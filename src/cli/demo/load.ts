import { Agent, request } from 'node:http';

export interface Served {
  readonly requests: number;
  readonly failed: number;
}

export interface Load {
  /** Requests answered so far, by the version that answered; `none` for those that nobody did. */
  readonly counts: () => Readonly<Record<string, Served>>;
  /** Resolves when the last request has been answered. */
  readonly stop: () => Promise<void>;
}

/** Sends `rate` requests a second, whether or not earlier ones were answered, as users do. */
export function startLoad(url: string, rate: number): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const counts: Record<string, { requests: number; failed: number }> = {};
  const pending = new Set<Promise<void>>();
  const started = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - started) / 1_000) * rate);
    for (; sent < due; sent += 1) {
      const done = send(url, sent % 3 === 0 ? 'POST' : 'GET', agent).then(({ version, failed }) => {
        const count = counts[version] ?? { requests: 0, failed: 0 };
        counts[version] = { requests: count.requests + 1, failed: count.failed + (failed ? 1 : 0) };
        pending.delete(done);
      });
      pending.add(done);
    }
  }, 10);
  return {
    counts: () => structuredClone(counts),
    stop: async () => {
      clearInterval(timer);
      await Promise.all(pending);
      agent.destroy();
    },
  };
}

function send(url: string, method: string, agent: Agent): Promise<{ version: string; failed: boolean }> {
  return new Promise((resolve) => {
    const path = method === 'POST' ? '/bookings' : '/quotes';
    const outgoing = request(new URL(path, url), { method, agent, timeout: 10_000 }, (answer) => {
      const version = answer.headers['x-version'];
      answer.resume();
      answer.on('end', () =>
        resolve({
          version: typeof version === 'string' ? version : 'none',
          failed: (answer.statusCode ?? 0) >= 500,
        }),
      );
      answer.on('error', () => resolve({ version: 'none', failed: true }));
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('timeout')));
    outgoing.on('error', () => resolve({ version: 'none', failed: true }));
    outgoing.end();
  });
}

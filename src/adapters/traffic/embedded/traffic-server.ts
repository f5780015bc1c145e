import { createServer, IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Milliseconds } from '../../../core/units.ts';

export interface TrafficServer {
  readonly server: Server;
  /** Takes no new connection, lets what is in flight end within the deadline, then cuts the rest. */
  close(deadline: Milliseconds): Promise<void>;
}

export interface TrafficListeners {
  readonly onRequest: (request: IncomingMessage, response: ServerResponse) => void;
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/** Longer than the 60 s that load balancers in front keep a connection, so that they close it and not we. */
const KEEP_ALIVE: Milliseconds = 65_000;

/**
 * Node takes every request with an `Upgrade` header away from the request listener. Only websockets are meant:
 * an offer of `h2c`, which Java's HTTP client makes by default, is an ordinary request with an offer declined.
 */
class TrafficRequest extends IncomingMessage {
  get upgrade(): boolean {
    const { upgrade, connection } = this.headers;
    if (this.method === 'CONNECT') return true;
    return (
      this.method === 'GET' && upgrade?.toLowerCase() === 'websocket' && /\bupgrade\b/i.test(connection ?? '')
    );
  }

  /** What the parser thinks is worked out again above. */
  set upgrade(_parsed: boolean) {}
}

export function createTrafficServer({ onRequest, onUpgrade }: TrafficListeners): TrafficServer {
  const inFlight = new Set<ServerResponse>();
  const upgraded = new Set<Duplex>();
  let wakeUp: () => void = () => undefined;
  // No limit on the time that a whole request takes: an upload may be long. Its silence is limited by the slot's.
  const server = createServer(
    { IncomingMessage: TrafficRequest, keepAliveTimeout: KEEP_ALIVE, requestTimeout: 0 },
    (request, response) => {
      inFlight.add(response);
      response.once('close', () => {
        inFlight.delete(response);
        if (inFlight.size === 0) wakeUp();
      });
      onRequest(request, response);
    },
  );
  server.on('upgrade', (request, socket, head) => {
    upgraded.add(socket);
    socket.once('close', () => upgraded.delete(socket));
    onUpgrade(request, socket, head);
  });
  return {
    server,
    async close(deadline) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const idle = new Promise<void>((resolve) => {
        wakeUp = resolve;
        if (inFlight.size === 0) resolve();
      });
      const giveUp = new AbortController();
      await Promise.race([
        idle,
        delay(deadline, undefined, { signal: giveUp.signal }).catch(() => undefined),
      ]);
      giveUp.abort();
      server.closeAllConnections();
      for (const socket of upgraded) socket.destroy();
      await closed;
    },
  };
}

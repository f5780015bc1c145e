import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A way to a server that can be cut. */
export interface Relay {
  /** Without a path. */
  readonly url: string;
  readonly breakDown: (how: 'gone' | 'hanging') => Promise<void>;
  readonly mend: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export async function relayTo(url: string): Promise<Relay> {
  const { hostname, port: target } = new URL(url);
  const sockets = new Set<Socket>();
  let server: Server | null = null;
  let port = 0;
  let isHanging = false;
  const hold = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  };
  const start = async (): Promise<void> => {
    const fresh = createServer((caller) => {
      hold(caller);
      if (isHanging) return;
      const callee = hold(connect(Number(target), hostname));
      caller.pipe(callee).on('error', () => caller.destroy());
      callee.pipe(caller).on('error', () => callee.destroy());
    });
    await new Promise<void>((resolve) => fresh.listen(port, '127.0.0.1', resolve));
    const address = fresh.address();
    if (address !== null && typeof address !== 'string') port = address.port;
    server = fresh;
  };
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      const old = server;
      server = null;
      if (old === null) return resolve();
      old.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  await start();
  return {
    url: `http://127.0.0.1:${port}`,
    breakDown: async (how) => {
      if (how === 'gone') return stop();
      isHanging = true;
      for (const socket of sockets) socket.destroy();
      // Until callers have noticed, and keep no connection for later.
      await sleep(50);
    },
    mend: async () => {
      isHanging = false;
      if (server === null) await start();
    },
    stop,
  };
}

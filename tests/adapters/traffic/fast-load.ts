import { connect } from 'node:net';
import { type Listening, startRawServer, type Tally } from './scene.ts';

/**
 * Real HTTP on real kept connections, with next to no work of its own: so that a test can afford tens of
 * thousands of requests and the router, not the test, is what takes the time.
 */
export function startFastSlot(slot: 'a' | 'b'): Promise<Listening> {
  const answer = Buffer.from(`HTTP/1.1 200 OK\r\nX-Served-By: ${slot}\r\nContent-Length: 1\r\n\r\n${slot}`);
  return startRawServer((socket) => {
    socket.setNoDelay(true);
    let rest = '';
    socket.on('data', (bytes) => {
      const heads = (rest + bytes.toString('latin1')).split('\r\n\r\n');
      rest = heads.pop() ?? '';
      for (const _head of heads) socket.write(answer);
    });
  });
}

const HEAD = 'GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n';

/** Sends `count` requests over `connections` kept connections, one at a time on each. */
export async function fastLoad(url: string, count: number, connections: number): Promise<Tally> {
  const tally: Tally = { a: 0, b: 0, lost: 0 };
  let left = count;
  const { hostname, port } = new URL(url);
  const oneConnection = (): Promise<void> =>
    new Promise((resolve) => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true });
      let text = '';
      const next = (): void => {
        if (left === 0) {
          socket.destroy();
          return;
        }
        left -= 1;
        socket.write(HEAD);
      };
      socket.on('connect', next);
      socket.on('error', () => {
        tally.lost += 1;
      });
      socket.on('close', () => resolve());
      socket.on('data', (bytes) => {
        text += bytes.toString('latin1');
        const end = text.indexOf('\r\n\r\n');
        if (end === -1 || text.length < end + 5) return;
        const slot = text[end + 4];
        if (text.startsWith('HTTP/1.1 200') && (slot === 'a' || slot === 'b')) tally[slot] += 1;
        else tally.lost += 1;
        text = '';
        next();
      });
    });
  await Promise.all(Array.from({ length: connections }, oneConnection));
  return tally;
}

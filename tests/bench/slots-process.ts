import { createServer, type Server } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** Two slots with next to no work of their own: each answers after a few milliseconds, so that shifts meet requests. */

const { thinkMs }: { thinkMs: number } = JSON.parse(process.argv[2] ?? 'null');

function slot(version: string): Server {
  const answer = `HTTP/1.1 200 OK\r\nX-Version: ${version}\r\nContent-Length: 1\r\n\r\n${version}`;
  return createServer((socket) => {
    let rest = '';
    socket.setNoDelay(true).setEncoding('latin1');
    socket.on('error', () => undefined);
    socket.on('data', (text: string) => {
      const heads = (rest + text).split('\r\n\r\n');
      rest = heads.pop() ?? '';
      for (const _ of heads) void pause(thinkMs).then(() => socket.write(answer));
    });
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const [a, b] = [slot('a'), slot('b')];
a.listen(0, '127.0.0.1', () => {
  b.listen(0, '127.0.0.1', () => {
    process.stdout.write(`${JSON.stringify({ a: portOf(a), b: portOf(b) })}\n`);
  });
});
process.stdin.on('end', () => process.exit(0)).resume();

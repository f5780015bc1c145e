import { connect, createServer, type Socket } from 'node:net';

/** What becomes of an order; whatever else is said passes. */
export type Passing =
  | 'pass'
  /** HAProxy never hears of it, and whoever gave it waits. */
  | 'hold'
  /** HAProxy carries it out, and whoever gave it waits for the answer. */
  | 'hold-answer';

/** A way to HAProxy's Runtime API on which orders can be held. */
export interface AdminSocket {
  readonly path: string;
  /** From now on, with the orders in which this stands; what is held stays held. */
  readonly set: (passing: Passing, words?: string) => void;
  /** Orders held since it was last set. */
  readonly held: () => number;
  readonly close: () => Promise<void>;
}

/** Listens at `path` for a HAProxy whose socket is at `target`. */
export async function openAdminSocket(path: string, target: string): Promise<AdminSocket> {
  const callers = new Set<Socket>();
  let passing: Passing = 'pass';
  let wanted = '';
  let held = 0;
  const server = createServer({ allowHalfOpen: true }, (caller) => {
    callers.add(caller);
    caller.on('close', () => callers.delete(caller)).on('error', () => undefined);
    let said = '';
    caller.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
    });
    caller.on('end', () => {
      const now = said.includes(wanted) ? passing : 'pass';
      if (now === 'hold') held += 1;
      else
        forward(said, target, now === 'pass' ? caller : null, () => {
          if (now === 'hold-answer') held += 1;
        });
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    path,
    set: (next, words = '') => {
      passing = next;
      wanted = words;
      held = 0;
    },
    held: () => held,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const caller of callers) caller.destroy();
      }),
  };
}

function forward(said: string, target: string, caller: Socket | null, done: () => void): void {
  const callee = connect(target, () => void callee.end(said));
  callee.on('error', () => caller?.destroy()).on('close', done);
  if (caller === null) callee.resume();
  else callee.pipe(caller);
}

import { connect, type NetConnectOpts } from 'node:net';
import { formatDuration, type Milliseconds } from '../../../core/units.ts';
import { AdapterError, messageOf } from '../../../ports/adapter-error.ts';

export const PROVIDER = 'haproxy-router';

/** Far more than the state of any backend. */
const LONGEST_ANSWER = 4 * 1024 * 1024;

export interface RuntimeApi {
  /** Sends the commands as one line, which HAProxy carries out one after the other, and answers what it said. */
  readonly say: (commands: readonly string[], signal: AbortSignal) => Promise<string>;
}

/** The Runtime API of HAProxy at a path (a UNIX socket) or at `host:port`. Every call is a connection of its own. */
export function createRuntimeApi(socket: string, timeout: Milliseconds): RuntimeApi {
  return {
    say: (commands, signal) =>
      new Promise<string>((resolve, reject) => {
        const connection = connect(addressOf(socket));
        const answer: Buffer[] = [];
        let size = 0;
        const end = (settle: () => void): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', cancel);
          connection.destroy();
          settle();
        };
        const fail = (...told: Parameters<typeof failure>): void => end(() => reject(failure(...told)));
        const cancel = (): void => fail('timeout', 'the call was cancelled', { retryable: false });
        const timer = setTimeout(() => {
          const message = `expected an answer at ${socket} within ${formatDuration(timeout)}, saw none`;
          fail('timeout', `${message}; check that HAProxy runs`, { retryable: true });
        }, timeout);
        signal.addEventListener('abort', cancel, { once: true });
        if (signal.aborted) return cancel();
        connection.on('connect', () => void connection.end(`${commands.join('; ')}\n`));
        connection.on('data', (chunk: Buffer) => {
          answer.push(chunk);
          size += chunk.length;
          if (size > LONGEST_ANSWER) {
            fail('invalid-answer', `the answer at ${socket} has no end`, { retryable: false });
          }
        });
        connection.on('error', (cause) => {
          const message = `expected the Runtime API at ${socket}, saw ${messageOf(cause)}`;
          const fix = 'check the `stats socket` line of haproxy.cfg and who may open it';
          fail('unreachable', `${message}; ${fix}`, { retryable: true, cause });
        });
        connection.on('close', () => {
          if (size > 0) return end(() => resolve(Buffer.concat(answer).toString('utf8')));
          fail('unreachable', `${socket} hung up without an answer`, { retryable: true });
        });
      }),
  };
}

function failure(
  code: 'timeout' | 'unreachable' | 'invalid-answer',
  message: string,
  options: { readonly retryable: boolean; readonly cause?: unknown },
): AdapterError {
  return new AdapterError(PROVIDER, code, message, options);
}

function addressOf(socket: string): NetConnectOpts {
  const [, host, port] = /^\[?([^/]+?)\]?:(\d+)$/.exec(socket) ?? [];
  return host === undefined ? { path: socket } : { host, port: Number(port) };
}

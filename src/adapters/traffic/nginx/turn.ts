import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { AdapterError, messageOf } from '../../../ports/adapter-error.ts';
import { PROVIDER } from './snippet.ts';

const RETRY_PAUSE = 20;

/** Whether this machine can keep two writers of one snippet apart. */
export const canTakeTurns = process.platform === 'linux';

/**
 * Waits until nobody else on this machine writes the snippet. The lock is a name of Linux's abstract sockets: the
 * kernel gives it back with the process, however that ends, so that it can neither be left behind nor be broken.
 * It reaches as far as the network namespace. Answers what gives the turn back.
 */
export async function takeTurn(path: string, signal: AbortSignal): Promise<() => void> {
  if (!canTakeTurns) return () => undefined;
  const name = `\0deploy-canary-nginx-${createHash('sha256').update(path).digest('hex').slice(0, 32)}`;
  for (;;) {
    const release = await bind(name);
    if (release !== null) return release;
    await pause(RETRY_PAUSE, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) throw busy(path);
  }
}

function bind(name: string): Promise<(() => void) | null> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      if ('code' in error && error.code === 'EADDRINUSE') return resolve(null);
      const message = `expected to be able to lock the snippet, saw ${messageOf(error)}`;
      reject(new AdapterError(PROVIDER, 'io', message, { retryable: true, cause: error }));
    });
    server.listen(name, () => resolve(() => void server.close()));
  });
}

function busy(path: string): AdapterError {
  const message = `expected to write ${path}, saw that another process on this machine was at it all the time`;
  const fix = 'look for a deploy-canary that is stopped (state T) and end it';
  return new AdapterError(PROVIDER, 'timeout', `${message}; ${fix}`, { retryable: true });
}

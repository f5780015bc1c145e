import type { IncomingMessage } from 'node:http';
import type { Milliseconds } from '../../../core/units.ts';
import type { Choice } from './choice.ts';
import type { Measures } from './measures.ts';
import type { Upstream } from './upstreams.ts';

/** One request on its way. It ends on the upstream it started on, whatever happens to the weights meanwhile. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly upstream: Upstream;
  readonly cookie: string | null;
  /** How the body came, when it came in chunks. */
  readonly transferEncoding: string | null;
  retried: boolean;
  /** Set when the slot said nothing for too long: the code to answer and to count. */
  silence: number | null;
  /** What went wrong, as a code, when the client did not get the slot's answer in full. */
  failure: number | null;
  /** The slot's answer, once its head has come. */
  answer: IncomingMessage | null;
  /** Counts the request under this code; only the first call counts. */
  readonly end: (code: number) => void;
}

/** The client left before its answer was complete; the code is nginx's. */
export const CLIENT_LEFT = 499;

export function beginExchange(
  request: IncomingMessage,
  choice: Choice,
  upstream: Upstream,
  route: string,
  measures: Measures,
): Exchange {
  const startedAt: Milliseconds = performance.now();
  let ended = false;
  return {
    request,
    upstream,
    cookie: choice.cookie,
    transferEncoding: request.headers['transfer-encoding'] ?? null,
    retried: false,
    silence: null,
    failure: null,
    answer: null,
    end(code) {
      if (ended) return;
      ended = true;
      const { slot } = upstream;
      const method = request.method ?? 'GET';
      const duration = performance.now() - startedAt;
      measures.served({ slot, method, code, route, duration, forced: choice.forced });
    },
  };
}

import { getOctokit } from '@actions/github';
import type { Milliseconds } from '../../core/units.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ForgeUsage } from '../../ports/forge.ts';
import { asRest, graphqlUrl, isQuery } from './graphql.ts';
import { numberIn, type Reply, replyOf } from './reply.ts';
import { pauseAsked } from './throttle.ts';

export interface TransportOptions {
  readonly token: string;
  readonly apiUrl: string;
  readonly clock: Clock;
  /** For one attempt. */
  readonly timeout: Milliseconds;
}

/** Sends single requests, counts them, and remembers what the server asked for. */
export interface Transport {
  readonly send: (route: string, params: object, signal: AbortSignal) => Promise<Reply>;
  /** How long the server wants no requests of this kind from now on; not above 0 when it takes them. */
  readonly closedFor: (route: string) => Milliseconds;
  readonly usage: () => ForgeUsage;
}

export function openTransport({ token, apiUrl, clock, timeout }: TransportOptions): Transport {
  // It goes through the proxy that the environment names, which a plain fetch does not.
  const octokit = getOctokit(token, { baseUrl: apiUrl, userAgent: 'deploy-canary', log: SILENT });
  let requests = 0;
  let remaining: number | null = null;
  // REST and GraphQL have an allowance each; a secondary limit is one for both.
  const closedUntil = { rest: Number.NEGATIVE_INFINITY, queries: Number.NEGATIVE_INFINITY };
  return {
    send: async (route, params, signal) => {
      requests += 1;
      const limit = limitOf(timeout, signal);
      const request = { signal: limit.signal, log: SILENT };
      const place = isQuery(route) ? `POST ${graphqlUrl(apiUrl)}` : route;
      const sent = octokit
        .request(place, { ...params, headers: HEADERS, request })
        .then(({ status, headers, data }): Reply => ({ kind: 'answered', status, headers, data }), replyOf);
      // Whatever becomes of the request, nobody waits for it any longer than this.
      const raw = await Promise.race([sent, limit.reached]).finally(limit.end);
      const reply = isQuery(route) ? asRest(raw) : raw;
      // A body that the limit cut off looks like an empty one.
      if (limit.signal.aborted && (reply.kind === 'unanswered' || reply.data === '')) return LATE;
      if (reply.kind === 'answered' && !isQuery(route))
        remaining = numberIn(reply.headers, 'x-ratelimit-remaining') ?? remaining;
      const pause = pauseAsked(reply, clock.now());
      if (pause !== null)
        for (const api of pause.shared ? BOTH : [apiOf(route)])
          closedUntil[api] = Math.max(closedUntil[api], clock.monotonic() + pause.ms);
      return reply;
    },
    closedFor: (route) => closedUntil[apiOf(route)] - clock.monotonic(),
    usage: () => ({ requests, remaining }),
  };
}

const BOTH = ['rest', 'queries'] as const;

function apiOf(route: string): (typeof BOTH)[number] {
  return isQuery(route) ? 'queries' : 'rest';
}

interface Limit {
  readonly signal: AbortSignal;
  readonly reached: Promise<Reply>;
  readonly end: () => void;
}

/** Held by a timer of its own: a signal made of other signals may be collected before it fires. */
function limitOf(timeout: Milliseconds, parent: AbortSignal): Limit {
  const controller = new AbortController();
  let stop = (): void => undefined;
  const reached = new Promise<Reply>((resolve) => {
    stop = () => {
      controller.abort();
      resolve(LATE);
    };
  });
  const timer = setTimeout(stop, timeout);
  parent.addEventListener('abort', stop, { once: true });
  if (parent.aborted) stop();
  const end = (): void => {
    clearTimeout(timer);
    parent.removeEventListener('abort', stop);
  };
  return { signal: controller.signal, reached, end };
}

const HEADERS = { 'x-github-api-version': '2022-11-28' };
const LATE: Reply = { kind: 'unanswered', why: 'late' };
const nothing = (): void => undefined;
const SILENT = { debug: nothing, info: nothing, warn: nothing, error: nothing };

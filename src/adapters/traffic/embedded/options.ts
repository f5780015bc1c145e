import type { Slot } from '../../../core/rollout/record.ts';
import type { Milliseconds } from '../../../core/units.ts';
import { AdapterError } from '../../../ports/adapter-error.ts';
import type { Shares } from '../../../ports/traffic-router.ts';
import { sharesSchema } from './wire.ts';

export const PROVIDER = 'embedded-router';

export interface ListenOn {
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
}

/**
 * Keeps a client on one slot. Its place is a stable hash in [0, 100) compared with the share of slot b, so a
 * higher canary share only moves clients from stable to canary, and a share of 0 moves everybody home at once.
 */
export type Sticky =
  /** The router gives each new client a random id in a cookie. */
  | {
      readonly by: 'cookie';
      /** Default `deploy-canary`. */
      readonly name?: string;
      /** How long the client keeps it; default one day. */
      readonly maxAge?: Milliseconds;
      /** Whether the cookie travels over HTTPS only; default false. */
      readonly secure?: boolean;
    }
  /** A header that names the client, such as `x-user-id`. A request without it is split by weight. */
  | { readonly by: 'header'; readonly name: string };

/** A bounded name for a part of the API, so that a KPI can be about it. The first that matches counts. */
export interface Route {
  /** Value of the `route` label. */
  readonly name: string;
  /** Path prefix: `/bookings` matches `/bookings` and `/bookings/7`, not `/bookings-old`. */
  readonly match: string;
  /** Only this method; default any. */
  readonly method?: string;
}

export type Report = (line: { readonly level: 'info' | 'warning'; readonly message: string }) => void;

export interface ProxyOptions {
  /** Where each slot is, such as `http://127.0.0.1:3001`. A path in it goes before the path of each request. */
  readonly slots: Readonly<Record<Slot, string>>;
  /** Bearer token of the admin API. The router does not start without one. */
  readonly token: string;
  /** Where users come in. */
  readonly traffic?: ListenOn;
  /** Where the admin API and `/metrics` are. */
  readonly admin?: ListenOn;
  /** Shares when no state is kept yet; default all on `a`. */
  readonly initialShares?: Shares;
  /** Keeps shares, lease and token over a restart; default none. */
  readonly stateFile?: string;
  readonly sticky?: Sticky;
  /** Obey `x-deploy-canary-slot: a` or `b` of a request, for smoke tests; default false. */
  readonly forceHeader?: boolean;
  readonly routes?: readonly Route[];
  /** Ask for the token at `/metrics` from this machine too; other machines always need it. Default false. */
  readonly metricsNeedToken?: boolean;
  /** A slot that says nothing for this long has failed (code 504); 0 waits for ever. Default 60 s. */
  readonly upstreamTimeout?: Milliseconds;
  /** How long an unused connection to a slot is kept. Must be shorter than the slots keep theirs. Default 1.5 s. */
  readonly upstreamIdle?: Milliseconds;
  /** Send the slot's own address as `Host` instead of what the client asked for; default false. */
  readonly rewriteHost?: boolean;
  /** Hears of lapses and of state that could not be written. */
  readonly report?: Report;
}

export const MAX_ROUTES = 20;

/** Says no, before anything listens, to options that cannot work. Throws an AdapterError. */
export function checkOptions(options: ProxyOptions): void {
  if (options.token.trim() === '') {
    throw new AdapterError(
      PROVIDER,
      'unauthorized',
      'expected a token for the admin API, got none: anybody could move traffic. Set one in the environment',
      { retryable: false },
    );
  }
  slotUrl(options.slots.a);
  slotUrl(options.slots.b);
  const shares = sharesSchema.safeParse(options.initialShares ?? { a: 100, b: 0 });
  if (!shares.success)
    throw unusable(`expected initial shares of 0 to 100 that add up to 100, got ${given(options)}`);
  checkRoutes(options.routes ?? []);
}

function given(options: ProxyOptions): string {
  return `${JSON.stringify(options.initialShares)}. Give both slots a share`;
}

function checkRoutes(routes: readonly Route[]): void {
  if (routes.length > MAX_ROUTES) {
    throw unusable(`expected at most ${MAX_ROUTES} routes, got ${routes.length}. Join some of them`);
  }
  for (const { name, match } of routes) {
    if (/^[a-z][a-z0-9_-]{0,39}$/.test(name) && match.startsWith('/')) continue;
    throw unusable(
      `expected a route with a short lower-case name and a path that begins with "/", got "${name}": "${match}". Rename it`,
    );
  }
}

/** Throws an AdapterError when the text is not the address of an HTTP server. */
export function slotUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '') return url;
  throw unusable(
    `expected the address of a slot like http://127.0.0.1:3001, got "${text}". Give http:// or https:// with host and port`,
  );
}

function unusable(message: string): AdapterError {
  return new AdapterError(PROVIDER, 'refused', message, { retryable: false });
}

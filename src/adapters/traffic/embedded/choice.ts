import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Slot } from '../../../core/rollout/record.ts';
import type { Shares } from '../../../ports/traffic-router.ts';
import type { ProxyOptions, Route, Sticky } from './options.ts';
import { createSplit, placeOf, slotAt } from './split.ts';

export const FORCE_HEADER = 'x-deploy-canary-slot';

export interface Choice {
  readonly slot: Slot;
  /** The client asked for this slot: such a request says nothing about the split. */
  readonly forced: boolean;
  /** A `Set-Cookie` value for a client seen for the first time. */
  readonly cookie: string | null;
}

export type Chooser = (request: IncomingMessage, shares: Shares) => Choice;

export function createChooser({
  sticky,
  forceHeader,
}: Pick<ProxyOptions, 'sticky' | 'forceHeader'>): Chooser {
  const split = createSplit(Math.random);
  return (request, shares) => {
    const wanted = forceHeader === true ? request.headers[FORCE_HEADER] : undefined;
    if (wanted === 'a' || wanted === 'b') return { slot: wanted, forced: true, cookie: null };
    if (sticky?.by === 'cookie') return byCookie(request, shares, sticky);
    const id = sticky === undefined ? undefined : request.headers[sticky.name.toLowerCase()];
    const slot = id === undefined ? split(shares) : slotAt(placeOf(String(id)), shares);
    return { slot, forced: false, cookie: null };
  };
}

const DAY = 86_400_000;

function byCookie(
  request: IncomingMessage,
  shares: Shares,
  { name = 'deploy-canary', maxAge = DAY, secure = false }: Extract<Sticky, { by: 'cookie' }>,
): Choice {
  const known = cookieOf(request, name);
  const id = known ?? randomBytes(16).toString('hex');
  const slot = slotAt(placeOf(id), shares);
  if (known !== null) return { slot, forced: false, cookie: null };
  const age = Math.round(maxAge / 1_000);
  const cookie = `${name}=${id}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
  return { slot, forced: false, cookie };
}

function cookieOf(request: IncomingMessage, name: string): string | null {
  for (const pair of request.headers.cookie?.split(';') ?? []) {
    const [key, value] = pair.trim().split('=');
    if (key === name && value !== undefined && /^[0-9a-f]{32}$/.test(value)) return value;
  }
  return null;
}

export const OTHER_ROUTE = 'other';

/** The name of the first route that matches. */
export function routeOf(routes: readonly Route[], method: string, url: string): string {
  const [path = ''] = url.split('?', 1);
  const route = routes.find(
    (one) => (one.method === undefined || one.method.toUpperCase() === method) && isUnder(path, one.match),
  );
  return route?.name ?? OTHER_ROUTE;
}

function isUnder(path: string, prefix: string): boolean {
  if (!path.startsWith(prefix)) return false;
  return prefix.endsWith('/') || path.length === prefix.length || path[prefix.length] === '/';
}

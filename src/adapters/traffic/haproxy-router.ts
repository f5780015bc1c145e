import { z } from 'zod';
import { otherSlot, type Slot } from '../../core/rollout/record.ts';
import type { Milliseconds } from '../../core/units.ts';
import type { Registered } from '../../ports/adapter-context.ts';
import { AdapterError } from '../../ports/adapter-error.ts';
import type { Shares, TrafficRouter } from '../../ports/traffic-router.ts';
import { type Log, type Row, tellOpenSessions } from './haproxy/open-sessions.ts';
import { createRuntimeApi, PROVIDER } from './haproxy/runtime-api.ts';
import { parseServersState, type ServerState } from './haproxy/servers-state.ts';
import { weightsFor } from './haproxy/weights.ts';
import { checkShares } from './shares.ts';
import { timeoutSchema } from './timeout.ts';

export interface HaproxyRouterOptions {
  /** Path of the UNIX socket, or `host:port`. */
  readonly socket: string;
  readonly backend: string;
  /** The names of each slot's servers in the backend. */
  readonly servers: Readonly<Record<Slot, readonly string[]>>;
  /** What a slot without a share is put into. */
  readonly idle: 'weight' | 'maintenance';
  readonly timeout: Milliseconds;
}

const SLOTS: readonly Slot[] = ['a', 'b'];

/**
 * Sets the weights of a running HAProxy over its Runtime API. It holds no lease and no fencing token, and
 * forgets its weights in a reload unless it keeps its server state: then the rollout sees other weights than
 * it asked for and goes home.
 */
export function createHaproxyRouter(options: HaproxyRouterOptions, log?: Log): TrafficRouter {
  const { backend, servers, idle } = options;
  const api = createRuntimeApi(options.socket, options.timeout);
  const show = `show servers state ${backend}`;

  return {
    name: PROVIDER,
    timeout: options.timeout,
    capabilities: { lease: false, fencing: false },
    async read(signal) {
      const states = parseServersState(await api.say([show], signal));
      return { shares: sharesOf(states, options), lease: null, lapsed: null, token: 0 };
    },
    async shift({ shares }, signal) {
      checkShares(PROVIDER, shares);
      const weights = weightsFor(shares, { a: servers.a.length, b: servers.b.length });
      const before = parseServersState(await api.say([show], signal));
      const commands = growingFirst(shares, before, options).flatMap((slot) =>
        servers[slot].flatMap((server) => commandsFor(`${backend}/${server}`, weights[slot], idle)),
      );
      sharesOf(parseServersState(await api.say([...commands, show], signal)), options);
      const idles = SLOTS.filter((slot) => shares[slot] === 0);
      const isIts = (slot: Slot, { proxy, name }: Row): boolean =>
        proxy === backend && servers[slot].includes(name);
      await tellOpenSessions(api, idles, isIts, log, signal);
    },
    renew: async () => undefined,
  };
}

/**
 * The slot that is to gain is made ready before the other one loses anything. The other way about, HAProxy may give a
 * server that comes back from weight 0 every request for a while, hundreds in a row, until it has caught up with its round.
 */
function growingFirst(
  shares: Shares,
  before: readonly ServerState[],
  { servers }: HaproxyRouterOptions,
): readonly Slot[] {
  const weightOf = (slot: Slot): number =>
    before.reduce((sum, { name, weight }) => sum + (servers[slot].includes(name) ? weight : 0), 0);
  const [a, b] = [weightOf('a'), weightOf('b')];
  const first: Slot = shares.a * (a + b) >= 100 * a ? 'a' : 'b';
  return [first, otherSlot(first)];
}

function commandsFor(server: string, weight: number, idle: HaproxyRouterOptions['idle']): readonly string[] {
  const state = weight === 0 ? 'maint' : 'ready';
  const set = `set weight ${server} ${weight}`;
  return idle === 'maintenance' ? [set, `set server ${server} state ${state}`] : [set];
}

function sharesOf(states: readonly ServerState[], { backend, servers }: HaproxyRouterOptions): Shares {
  const weightOf = (name: string): number => {
    const found = states.find((state) => state.name === name);
    if (found !== undefined) return found.weight;
    const known = states.map((state) => state.name).join(', ');
    throw refused(
      `expected a server ${name} in the backend ${backend}, which has ${known}; name one of these`,
    );
  };
  const [a = 0, b = 0] = SLOTS.map((slot) => servers[slot].reduce((sum, name) => sum + weightOf(name), 0));
  if (a + b === 0) throw refused(`no server of ${backend} has any weight, so nobody is served`);
  const share = withoutDust((100 * b) / (a + b));
  return { a: withoutDust(100 - share), b: share };
}

function withoutDust(percent: number): number {
  return Math.round(percent * 1e6) / 1e6;
}

function refused(message: string): AdapterError {
  return new AdapterError(PROVIDER, 'refused', message, { retryable: false });
}

/** Everything that ends up in a command: HAProxy's own alphabet of names, so that no name is two commands. */
export const word = z.string().regex(/^[A-Za-z0-9._:-]+$/);
const serversOf = z
  .union([word.transform((one) => [one]), z.array(word).min(1).max(100)])
  .describe("Names of the slot's servers in the backend: one, or a list.");

export const socketSchema = z
  .string()
  .regex(/^(\/[^\0\n]+|\[?[^\s/]+\]?:\d{1,5})$/)
  .meta({ examples: ['/run/haproxy/admin.sock', '127.0.0.1:9999'] })
  .describe('Its `stats socket ... level admin`: an absolute path, or `host:port`.');

/** `router: {type: haproxy, ...}` of the config. */
export const haproxyRouterSchema = z
  .strictObject({
    type: z.literal('haproxy').describe('A HAProxy that runs already, over its Runtime API.'),
    socket: socketSchema,
    backend: word
      .meta({ examples: ['booking'] })
      .describe('The backend that holds the servers of both slots.'),
    servers: z
      .strictObject({ a: serversOf, b: serversOf })
      .meta({ examples: [{ a: 'blue', b: 'green' }] })
      .describe('Which servers belong to which slot.'),
    idle: z
      .enum(['weight', 'maintenance'])
      .describe(
        'What a slot without a share is put into. `weight`: weight 0, where HAProxy keeps clients that a cookie or a stick table ties to it. `maintenance`: these are sent on, too.',
      )
      .prefault('weight'),
    timeout: timeoutSchema,
  })
  .transform(
    ({ type, ...options }): Registered<TrafficRouter> => ({
      type,
      create: ({ log }) => createHaproxyRouter(options, log),
    }),
  );

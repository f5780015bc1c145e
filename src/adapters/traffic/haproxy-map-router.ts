import { z } from 'zod';
import type { Slot } from '../../core/rollout/record.ts';
import type { Milliseconds } from '../../core/units.ts';
import type { Registered } from '../../ports/adapter-context.ts';
import { AdapterError, type AdapterErrorCode } from '../../ports/adapter-error.ts';
import type { Shares, TrafficRouter } from '../../ports/traffic-router.ts';
import { type Log, type Row, tellOpenSessions } from './haproxy/open-sessions.ts';
import { createRuntimeApi, PROVIDER } from './haproxy/runtime-api.ts';
import { socketSchema, word } from './haproxy-router.ts';
import { checkShares, toHundredths } from './shares.ts';
import { timeoutSchema } from './timeout.ts';

export interface HaproxyMapRouterOptions {
  /** Path of the UNIX socket, or `host:port`. */
  readonly socket: string;
  /** The map, by the name that it has in haproxy.cfg. */
  readonly map: string;
  /** Its entry that holds the share of slot b, in hundredths of a per cent: 0 to 10,000. */
  readonly key: string;
  /** The backend of each slot. */
  readonly backends: Readonly<Record<Slot, string>>;
  readonly timeout: Milliseconds;
}

const SLOTS: readonly Slot[] = ['a', 'b'];
const WHOLE = 10_000;

/**
 * Sets one value of a map of a running HAProxy, by which its frontend throws dice: both shares change in one step, and a
 * hundredth of a per cent is a share. It holds no lease and no fencing token, and forgets its value in a reload.
 */
export function createHaproxyMapRouter(options: HaproxyMapRouterOptions, log?: Log): TrafficRouter {
  const { map, key, backends } = options;
  const api = createRuntimeApi(options.socket, options.timeout);
  const show = `show map ${map}`;
  return {
    name: PROVIDER,
    timeout: options.timeout,
    capabilities: { lease: false, fencing: false },
    async read(signal) {
      const shares = sharesIn(await api.say([show], signal), options);
      return { shares, lease: null, lapsed: null, token: 0 };
    },
    async shift({ shares }, signal) {
      checkShares(PROVIDER, shares);
      const value = Math.round(toHundredths(shares).b * 100);
      sharesIn(await api.say([`set map ${map} ${key} ${value}`, show], signal), options);
      const idle = SLOTS.filter((slot) => shares[slot] === 0);
      const isIts = (slot: Slot, { proxy, name }: Row): boolean =>
        proxy === backends[slot] && name === 'BACKEND';
      await tellOpenSessions(api, idle, isIts, log, signal);
    },
    renew: async () => undefined,
  };
}

/** `show map`: a line for each entry, of its address, its key and its value. Anything else was said by a command. */
function sharesIn(answer: string, { map, key }: HaproxyMapRouterOptions): Shares {
  const lines = answer
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const entries = lines.map((line) => /^0x[0-9a-f]+ (\S+) (\S*)$/.exec(line));
  const said = lines.find((_, index) => entries[index] === null);
  if (said !== undefined) throw refusalOf(said, map, key);
  const value = entries.find((entry) => entry?.[1] === key)?.[2];
  if (value === undefined) {
    const fix = `write the line \`${key} 0\` into that file, or add it with \`add map\``;
    throw failed('refused', `expected an entry ${key} in the map ${map}, saw none; ${fix}`);
  }
  const share = Number(value);
  if (!/^\d+$/.test(value) || share > WHOLE) {
    throw failed('invalid-answer', `expected ${key} in ${map} to be from 0 to ${WHOLE}, saw "${value}"`);
  }
  return { a: (WHOLE - share) / 100, b: share / 100 };
}

function refusalOf(line: string, map: string, key: string): AdapterError {
  const said = line.slice(0, 200);
  if (/permission denied/i.test(said)) {
    const message = `expected leave to set a map, saw "${said}"; add \`level admin\` to the \`stats socket\` line`;
    return failed('unauthorized', message);
  }
  if (/unknown map|not found|unknown command|require|invalid|expected|missing/i.test(said)) {
    return failed(
      'refused',
      `HAProxy refused: "${said}"; compare ${map} and its entry ${key} with haproxy.cfg`,
    );
  }
  const fix = "check that `socket` is HAProxy's Runtime API";
  return failed('invalid-answer', `expected the entries of ${map}, saw "${said}"; ${fix}`);
}

function failed(code: AdapterErrorCode, message: string): AdapterError {
  return new AdapterError(PROVIDER, code, message, { retryable: false });
}

/** `router: {type: haproxy-map, ...}` of the config. */
export const haproxyMapRouterSchema = z
  .strictObject({
    type: z
      .literal('haproxy-map')
      .describe('A HAProxy that runs already, whose frontend throws dice against a value of a map.'),
    socket: socketSchema,
    map: z
      .string()
      .regex(/^[A-Za-z0-9._/@-]+$/)
      .meta({ examples: ['/etc/haproxy/weights.map'] })
      .describe('The map, by the name that it has in haproxy.cfg.'),
    key: word
      .meta({ examples: ['booking'] })
      .describe('Its entry that holds the share of slot b, from 0 to 10000 hundredths of a per cent.'),
    backends: z
      .strictObject({ a: word, b: word })
      .meta({ examples: [{ a: 'blue', b: 'green' }] })
      .describe('The backend of each slot; what is still open on one of them is told.'),
    timeout: timeoutSchema,
  })
  .transform(
    ({ type, ...options }): Registered<TrafficRouter> => ({
      type,
      create: ({ log }) => createHaproxyMapRouter(options, log),
    }),
  );

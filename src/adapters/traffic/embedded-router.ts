import { z } from 'zod';
import type { Slot } from '../../core/rollout/record.ts';
import type { Milliseconds } from '../../core/units.ts';
import type { AdapterContext, Registered } from '../../ports/adapter-context.ts';
import { AdapterError } from '../../ports/adapter-error.ts';
import type { Lease, Shift, TrafficReading, TrafficRouter } from '../../ports/traffic-router.ts';
import { type AdminApi, createAdminApi } from './embedded/admin-client.ts';
import { PROVIDER } from './embedded/options.ts';
import { timeoutSchema } from './timeout.ts';

export interface EmbeddedRouterOptions {
  /** Where the router's admin API is: `http://127.0.0.1:9901`. */
  readonly admin: string;
  readonly token: string;
  /** How long one call may take. */
  readonly timeout: Milliseconds;
}

/** Speaks to a router that `deploy-canary router` has started. */
export function createEmbeddedRouter(options: EmbeddedRouterOptions): TrafficRouter {
  const api: AdminApi = createAdminApi(options);
  return {
    name: PROVIDER,
    timeout: options.timeout,
    capabilities: { lease: true, fencing: true },
    read: (signal): Promise<TrafficReading> => api.call('GET', '/v1/traffic', undefined, signal),
    async shift({ shares, lease, token }: Shift, signal) {
      await api.call(
        'PUT',
        '/v1/traffic',
        { shares: sharesOf(shares), lease: leaseOf(lease), token },
        signal,
      );
    },
    async renew({ holder, ttl }: Lease, signal) {
      await api.call('POST', '/v1/lease', { holder, ttl }, signal);
    },
  };
}

/** The API takes nothing that it does not know; these two leave anything else behind. */
function sharesOf({ a, b }: Shift['shares']): Record<Slot, number> {
  return { a, b };
}

function leaseOf(lease: Lease | null): Lease | null {
  return lease === null ? null : { holder: lease.holder, ttl: lease.ttl, fallback: lease.fallback };
}

/** `router: {type: embedded, ...}` of the config. */
export const embeddedRouterSchema = z
  .strictObject({
    type: z.literal('embedded').describe('The router that `deploy-canary router` starts.'),
    admin: z
      .url({ protocol: /^https?$/ })
      .meta({ examples: ['http://127.0.0.1:9901'] })
      .describe('Address of its admin API. The token travels with each call: use https:// across machines.'),
    'token-env': z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
      .default('DEPLOY_CANARY_ROUTER_TOKEN')
      .describe('Name of the environment variable that holds the token of the admin API.'),
    timeout: timeoutSchema,
  })
  .transform(
    ({ type, admin, timeout, 'token-env': name }): Registered<TrafficRouter> => ({
      type,
      create: (context) => createEmbeddedRouter({ admin, timeout, token: tokenFrom(context, name) }),
    }),
  );

function tokenFrom({ env, mask }: AdapterContext, name: string): string {
  const token = env[name]?.trim() ?? '';
  if (token === '') {
    throw new AdapterError(
      PROVIDER,
      'unauthorized',
      `expected the token of the router's admin API in the environment variable ${name}, which is not set. ` +
        'Set it to the token the router was started with, or name another variable in `token-env`',
      { retryable: false },
    );
  }
  mask(token);
  return token;
}

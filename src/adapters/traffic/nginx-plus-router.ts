import { z } from 'zod';
import type { Milliseconds } from '../../core/units.ts';
import type { AdapterContext, Registered } from '../../ports/adapter-context.ts';
import { deadline } from '../../ports/deadline.ts';
import type { TrafficRouter } from '../../ports/traffic-router.ts';
import { createKeyvalApi } from './nginx-plus/api.ts';
import { accessOf, type Credentials } from './nginx-plus/credentials.ts';
import { type Fleet, readAll, renewAll, shiftAll } from './nginx-plus/fleet.ts';
import { createInstance, type Zones } from './nginx-plus/instance.ts';
import type { Call } from './nginx-plus/request.ts';
import { PROVIDER } from './nginx-plus/values.ts';
import { checkShares } from './shares.ts';
import { timeoutSchema } from './timeout.ts';

export interface NginxPlusRouterOptions extends Zones, Credentials {
  /** The API of each nginx that splits this traffic: `http://127.0.0.1:8080/api`. */
  readonly api: readonly string[];
  readonly timeout: Milliseconds;
}

/**
 * Splits traffic on NGINX Plus by one key in two key-value zones, without a reload. The lease is a key that nginx itself
 * takes away; writers take turns by a key that only one of them can add.
 */
export function createNginxPlusRouter(
  options: NginxPlusRouterOptions,
  context: AdapterContext,
): TrafficRouter {
  const access = accessOf(options, context);
  const instances = options.api.map((url) => createInstance(createKeyvalApi(url, access), options));
  const fleet: Fleet = { instances, clock: context.clock, log: context.log };
  const callOf = (signal: AbortSignal): Call => {
    const { timeout } = options;
    return { signal, until: deadline(timeout, signal), timeout };
  };
  return {
    name: PROVIDER,
    timeout: options.timeout,
    capabilities: { lease: true, fencing: true },
    read: (signal) => readAll(fleet, callOf(signal)),
    async shift(shift, signal) {
      checkShares(PROVIDER, shift.shares);
      await shiftAll(fleet, shift, callOf(signal));
    },
    renew: (lease, signal) => renewAll(fleet, lease, callOf(signal)),
  };
}

const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/);
const zoneName = z.string().regex(/^[A-Za-z0-9_]+$/);
const address = z.url({ protocol: /^https?$/ }).refine((text) => new URL(text).username === '', {
  message: 'expected a URL without credentials; use `basic` or `token-env`',
});

const basicSchema = z
  .strictObject({
    user: z.string().min(1).describe('Name of the user.'),
    'password-env': variable.describe('Name of the environment variable that holds the password.'),
  })
  .optional()
  .describe('Basic authentication, where the location of the API asks for it.');

const certSchema = z
  .strictObject({
    cert: z.string().min(1).describe('PEM file of the certificate.'),
    key: z.string().min(1).describe('PEM file of its key.'),
  })
  .optional()
  .describe('The certificate that this client shows, where the API asks for one.');

/** `router: {type: nginx-plus, ...}` of the config. */
export const nginxPlusRouterSchema = z
  .strictObject({
    type: z
      .literal('nginx-plus')
      .describe(
        'One or more NGINX Plus that run already, by their API and two key-value zones, without a reload.',
      ),
    api: z
      .array(address)
      .min(1)
      .max(50)
      .meta({ examples: [['http://10.0.0.5:8080/api', 'http://10.0.0.6:8080/api']] })
      .describe(
        'The API of every nginx that splits this traffic: the location with `api write=on`. All are written and read back.',
      ),
    zone: zoneName
      .prefault('deploy_canary')
      .describe('The `keyval_zone` that holds the settled weight. It has a `state` file and no `timeout`.'),
    'lease-zone': zoneName
      .prefault('deploy_canary_lease')
      .describe(
        'The `keyval_zone` that holds the weight of a canary for as long as its lease. It has a `timeout`.',
      ),
    key: z
      .string()
      .regex(/^[A-Za-z0-9_-]+$/)
      .meta({ examples: ['booking'] })
      .describe('The key in both, one for each service.'),
    'token-env': variable
      .optional()
      .describe('Name of the environment variable with a bearer token, where the API asks for one.'),
    basic: basicSchema,
    'ca-file': z
      .string()
      .min(1)
      .optional()
      .describe(
        'PEM file of the certificate authorities to trust, for an API with a certificate of your own.',
      ),
    'client-cert': certSchema,
    timeout: timeoutSchema,
  })
  .refine((settings) => settings['token-env'] === undefined || settings.basic === undefined, {
    path: ['basic'],
    message: 'expected token-env or basic, saw both; remove one',
  })
  .refine(({ zone, 'lease-zone': leases }) => zone !== leases, {
    path: ['lease-zone'],
    message: 'expected two zones, saw one for both; what is settled must not run out with a lease',
  })
  .refine(({ api }) => new Set(api.map((url) => url.replace(/\/+$/, ''))).size === api.length, {
    path: ['api'],
    message: 'expected each nginx once, saw one of them twice; remove it',
  })
  .transform(
    ({ type, ...options }): Registered<TrafficRouter> => ({
      type,
      create: (context) => createNginxPlusRouter(options, context),
    }),
  );

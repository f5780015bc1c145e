import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { z } from 'zod';
import type { AdapterContext, Registered } from '../../ports/adapter-context.ts';
import { AdapterError } from '../../ports/adapter-error.ts';
import { deadline } from '../../ports/deadline.ts';
import type { Shift, TrafficReading, TrafficRouter } from '../../ports/traffic-router.ts';
import { decideShift } from './embedded/traffic-state.ts';
import { type NginxPrograms, putInForce, type Tools } from './nginx/change.ts';
import { countOldWorkers } from './nginx/old-workers.ts';
import { type Held, PROVIDER, parseSnippet, renderSnippet, type SnippetSettings } from './nginx/snippet.ts';
import { snippetFile } from './nginx/snippet-file.ts';
import { type Call, createStatus, type Told } from './nginx/status.ts';
import { canTakeTurns, takeTurn } from './nginx/turn.ts';
import { argvSchema, maskEnvFrom, programFields } from './program.ts';
import { checkShares, toHundredths } from './shares.ts';
import { routerTimeout } from './timeout.ts';

export interface NginxRouterOptions
  extends Omit<NginxPrograms, 'provider'>,
    Omit<SnippetSettings, 'listen' | 'path'> {
  /** Path of the file that is ours alone. */
  readonly snippet: string;
  /** Where its workers are asked for their weights: `http://127.0.0.1:8181/`. */
  readonly status: string;
  /** The `listen` line of that address where it is not the URL's own host and port. */
  readonly listen?: string | undefined;
}

/**
 * Splits traffic on an nginx that runs already, by a `split_clients` file and a reload. It holds no lease. It refuses a
 * stale owner by the token that its workers tell and that the file holds; writers on one machine take turns.
 */
export function createNginxRouter(options: NginxRouterOptions, context: AdapterContext): TrafficRouter {
  const programs = { ...options, provider: PROVIDER };
  maskEnvFrom(programs, context);
  const file = snippetFile(resolve(context.baseDir, options.snippet));
  const status = createStatus(options.status, `have nginx.conf include ${file.path} in its http block`);
  const tools: Tools = { programs, context, file, status };
  const settings = settingsOf(options);
  const callOf = (signal: AbortSignal): Call => {
    const { timeout } = options;
    return { signal, until: deadline(timeout, signal), timeout };
  };
  return {
    name: PROVIDER,
    timeout: options.timeout,
    capabilities: { lease: false, fencing: canTakeTurns },
    read: async (signal) => readingOf(await status.ask(callOf(signal))),
    async shift(shift, signal) {
      checkShares(PROVIDER, shift.shares);
      const call = callOf(signal);
      // Whoever cannot be asked cannot be shifted, and need not be waited for.
      await status.ask(call);
      const giveBack = await takeTurn(file.path, call.until);
      try {
        await change(tools, settings, shift, call);
      } finally {
        giveBack();
      }
    },
    renew: async () => undefined,
  };
}

async function change(tools: Tools, settings: SnippetSettings, shift: Shift, call: Call): Promise<void> {
  const told = await tools.status.ask(call);
  const before = await tools.file.read();
  const wanted = decide(told, before, shift);
  const isInForce = JSON.stringify(wanted) === JSON.stringify({ ...heldOf(told), generation: '' });
  if (isInForce && before === renderSnippet(settings, heldOf(told))) return;
  const next = { ...wanted, generation: randomUUID() };
  const text = renderSnippet(settings, next);
  const { worker } = await putInForce(tools, { text, generation: next.generation }, before, call);
  const old = await countOldWorkers(worker);
  if (old !== null && old > 0) {
    const workers = `${old} old worker${old === 1 ? '' : 's'} of nginx`;
    tools.context.log?.(`${workers} still serve by the old weights what was open before the shift`);
  }
}

/** What the weights shall be, without a generation yet; a stale owner is refused as it is by the embedded router. */
function decide(told: Told, before: string | null, shift: Shift): Held {
  const token = Math.max(told.token, before === null ? 0 : (parseSnippet(before)?.token ?? 0));
  const lease = told.home === null ? null : { holder: '', ttl: 0, fallback: told.home, deadline: 0 };
  const state = { shares: { a: told.a, b: told.b }, lease, lapsed: null, token };
  const decision = decideShift(state, shift, 0);
  if (decision.kind === 'fenced') {
    throw new AdapterError(PROVIDER, 'fenced', decision.message, { retryable: false });
  }
  const home = decision.state.lease?.fallback ?? null;
  return { generation: '', ...toHundredths(shift.shares), token: decision.state.token, home };
}

function heldOf({ generation, a, b, token, home }: Held): Held {
  return { generation, a, b, token, home };
}

function readingOf({ a, b, token }: Held): TrafficReading {
  return { shares: { a, b }, lease: null, lapsed: null, token };
}

function settingsOf({ variable, upstreams, status, listen, ...rest }: NginxRouterOptions): SnippetSettings {
  const { host, pathname } = new URL(status);
  const address = /:\d+$/.test(host) ? host : `${host}:80`;
  return { variable, upstreams, 'split-by': rest['split-by'], listen: listen ?? address, path: pathname };
}

/** Everything that ends up in the file, in an alphabet in which nothing can be two directives. */
const upstream = z.string().regex(/^[A-Za-z0-9._-]+$/);

/** `router: {type: nginx, ...}` of the config. */
export const nginxRouterSchema = z
  .strictObject({
    type: z
      .literal('nginx')
      .describe('An open-source nginx that runs already, by a `split_clients` file and a tested reload.'),
    snippet: z
      .string()
      .min(1)
      .meta({ examples: ['/etc/nginx/deploy-canary.conf'] })
      .describe(
        'Path of the file that this router writes and nginx.conf includes in its http block. It is ours alone.',
      ),
    upstreams: z
      .strictObject({ a: upstream, b: upstream })
      .meta({ examples: [{ a: 'booking_a', b: 'booking_b' }] })
      .describe('The `upstream` block of each slot.'),
    variable: z
      .string()
      .regex(/^[a-z_][a-z0-9_]*$/)
      .describe(
        'The variable that the snippet sets, without `$`: nginx.conf has `proxy_pass http://$<variable>`.',
      )
      .prefault('deploy_canary_upstream'),
    'split-by': z
      .string()
      .regex(/^[A-Za-z0-9_${}.:|-]*\$[A-Za-z0-9_${}.:|-]+$/)
      .meta({ examples: ['$remote_addr$http_user_agent'] })
      .describe(
        'What decides where a request goes. By default chance; a variable of the user keeps him on one version.',
      )
      .prefault('$request_id'),
    status: z
      .string()
      .regex(/^http:\/\/[A-Za-z0-9.:[\]-]+\/[A-Za-z0-9._~/-]*$/)
      .refine((text) => URL.canParse(text), { message: 'expected a URL such as http://127.0.0.1:8181/' })
      .meta({ examples: ['http://127.0.0.1:8181/'] })
      .describe(
        'Where the workers tell the weights that they really serve. The snippet makes it; nothing else may listen there.',
      ),
    listen: z
      .string()
      .regex(/^[A-Za-z0-9.:[\]*-]+$/)
      .meta({ examples: ['8181'] })
      .describe('Its `listen` line, where that is not host and port of `status`: nginx in a container.')
      .optional(),
    test: argvSchema
      .describe('Program and arguments that test the configuration of nginx.')
      .prefault(['nginx', '-t']),
    reload: argvSchema
      .describe('Program and arguments that have nginx reload it.')
      .prefault(['nginx', '-s', 'reload']),
    ...programFields,
    timeout: routerTimeout('5s'),
  })
  .transform(
    ({ type, ...options }): Registered<TrafficRouter> => ({
      type,
      create: (context) => createNginxRouter(options, context),
    }),
  );

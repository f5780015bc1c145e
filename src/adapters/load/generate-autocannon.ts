import { z } from 'zod';
import type { LoadRun } from '../../core/load/load-run.ts';
import { formatDuration, type Milliseconds } from '../../core/units.ts';
import type { AdapterContext } from '../../ports/adapter-context.ts';
import type { Generated, LoadGenerator, RegisteredGenerator } from '../../ports/load-generator.ts';
import { type Cannon, fire } from './autocannon-shots.ts';
import { secretOf, span, url, variable } from './load-fields.ts';

/** Above what must be borne, so that the ends of seconds do not decide. */
const MARGIN = 1.05;
/** So many requests one connection sends in a second, one after the other: answers may take 100 ms on average. */
const PER_CONNECTION = 10;
const LEAST_CONNECTIONS = 10;

const written = z
  .strictObject({
    type: z.literal('autocannon').describe('Made by this action itself, with the library of that name.'),
    url: url.describe('What is asked, again and again.'),
    method: z
      .enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])
      .prefault('GET')
      .describe('The HTTP method.'),
    headers: z
      .record(z.string(), z.string())
      .prefault({})
      .describe('Headers of each request. No secrets here.'),
    'headers-env': z
      .record(z.string(), variable)
      .prefault({})
      .describe('Headers whose value is a secret: each names the environment variable that holds it.'),
    body: z.string().optional().describe('Body of each request.'),
    rate: z
      .int()
      .min(1)
      .max(100_000)
      .optional()
      .meta({ examples: [441] })
      .describe(
        'Requests a second that are sent, whether answers come or not. Default: 5 % above what must be borne.',
      ),
    connections: z
      .int()
      .min(1)
      .max(10_000)
      .optional()
      .meta({ examples: [50] })
      .describe(
        'Connections that are kept open. Default: one for each 10 requests a second, and at least 10.',
      ),
    loop: z
      .enum(['open', 'closed'])
      .prefault('open')
      .describe(
        '`closed` sends without a rate, each connection as fast as it gets answers. A slow service then gets less load.',
      ),
    duration: span('6m', 1_000).describe('How long the load lasts that counts.'),
    'warm-up': span('30s', 0).prefault('0s').describe('How long the same load goes on before it counts.'),
    timeout: span('10s', 1_000).prefault('10s').describe('An answer that takes longer is an error.'),
    'failed-from': z
      .int()
      .min(300)
      .max(600)
      .prefault(400)
      .describe('HTTP statuses from this one on are errors.'),
  })
  .describe('Load by the embedded generator.');

type Written = z.output<typeof written>;

export const autocannonSchema = written.transform(
  (settings): RegisteredGenerator => ({
    type: settings.type,
    duration: settings.duration,
    create: (context) => autocannonGenerator(settings, context),
  }),
);

function autocannonGenerator(settings: Written, context: AdapterContext): LoadGenerator {
  return {
    name: 'autocannon',
    run: async ({ required }, signal) => {
      const rate = settings.loop === 'closed' ? null : (settings.rate ?? toOffer(required));
      if (settings.loop === 'open' && rate === null) return UNKNOWN_RATE;
      const cannon = cannonOf(settings, rate, context);
      context.log?.(`autocannon: ${wordsOf(cannon)}`);
      return endOf(cannon, context, signal);
    },
  };
}

const UNKNOWN_RATE: Generated = {
  kind: 'unable',
  why: 'no load was made: normal traffic is not known, and so not how much load to make',
  fix: 'see what `normal` asks for, or write a `rate`',
};

function toOffer(required: number | null): number | null {
  return required === null || !(required > 0) ? null : Math.ceil(required * MARGIN);
}

function cannonOf(settings: Written, rate: number | null, context: AdapterContext): Cannon {
  const secrets = Object.entries(settings['headers-env']).map(([name, key]) => [
    name,
    secretOf(context, key),
  ]);
  const forRate = rate === null ? LEAST_CONNECTIONS : Math.ceil(rate / PER_CONNECTION);
  const connections = settings.connections ?? Math.max(LEAST_CONNECTIONS, forRate);
  return {
    url: settings.url,
    method: settings.method,
    headers: { ...settings.headers, ...Object.fromEntries(secrets) },
    body: settings.body ?? null,
    rate,
    connections: rate === null ? connections : Math.max(1, Math.min(connections, Math.floor(rate))),
    seconds: seconds(settings.duration),
    warmUp: seconds(settings['warm-up']),
    timeout: seconds(settings.timeout),
    failedFrom: settings['failed-from'],
  };
}

/** Its rate is kept by the second, so that it runs for whole ones. */
function seconds(ms: Milliseconds): number {
  return Math.ceil(ms / 1_000);
}

function wordsOf({ rate, connections, seconds: count, warmUp }: Cannon): string {
  const load = rate === null ? 'a closed loop' : `${rate} requests/s`;
  const warm = warmUp === 0 ? '' : ` after ${formatDuration(warmUp * 1_000)} to warm up`;
  return `${load} over ${connections} connections for ${formatDuration(count * 1_000)}${warm}`;
}

async function endOf(cannon: Cannon, context: AdapterContext, signal: AbortSignal): Promise<Generated> {
  const startedAt = context.clock.now();
  const shots = await fire(cannon, signal);
  if (signal.aborted) {
    return { kind: 'failed', why: 'the load was stopped when the run was cancelled', fix: 'run it again' };
  }
  if (shots.answers === 0) {
    const why = `no answer at all from ${new URL(cannon.url).origin}: ${shots.lastError ?? 'silence'}`;
    return { kind: 'failed', why, fix: 'see whether the target is up, and reachable from the runner' };
  }
  const run: LoadRun = { ...shots.run, startedAt: startedAt + cannon.warmUp * 1_000 };
  return { kind: 'done', startedAt, runs: [run] };
}

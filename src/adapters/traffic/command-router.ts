import { resolve } from 'node:path';
import { z } from 'zod';
import { formatDuration, type Milliseconds } from '../../core/units.ts';
import type { AdapterContext, Registered } from '../../ports/adapter-context.ts';
import { AdapterError, type AdapterErrorCode } from '../../ports/adapter-error.ts';
import type { CommandOutcome } from '../../ports/command-runner.ts';
import type { Shares, Shift, TrafficRouter } from '../../ports/traffic-router.ts';
import { checkShares } from './shares.ts';
import { timeoutSchema } from './timeout.ts';

const PROVIDER = 'command-router';
const SHOWN = 500;
/** A shorter value is no secret, and masking it would tear every log apart. */
const SHORTEST_SECRET = 4;

export interface CommandRouterOptions {
  /** Prints the weights as one JSON object: `{"a": 90, "b": 10}`. */
  readonly read: readonly string[];
  /** Sets them; `{a}`, `{b}` and `{token}` are put in. */
  readonly write: readonly string[];
  readonly 'working-directory': string;
  readonly 'env-from': readonly string[];
  readonly timeout: Milliseconds;
}

/** Whatever splits the traffic, spoken to by the user's own two programs. It holds no lease and no fencing token. */
export function createCommandRouter(options: CommandRouterOptions, context: AdapterContext): TrafficRouter {
  for (const name of options['env-from']) {
    const value = context.env[name] ?? '';
    if (value.length >= SHORTEST_SECRET) context.mask(value);
  }
  return {
    name: PROVIDER,
    timeout: options.timeout,
    capabilities: { lease: false, fencing: false },
    async read(signal) {
      const shares = parseShares(await run('read', options.read, options, context, signal));
      return { shares, lease: null, lapsed: null, token: 0 };
    },
    async shift(shift, signal) {
      checkShares(PROVIDER, shift.shares);
      const argv = options.write.map((part) => filled(part, shift));
      await run('write', argv, options, context, signal);
    },
    renew: async () => undefined,
  };
}

function filled(part: string, { shares, token }: Shift): string {
  const values: Readonly<Record<string, number>> = { ...shares, token };
  return part.replace(/\{(a|b|token)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** What the program wrote on stdout; its stderr goes to the log. */
async function run(
  what: 'read' | 'write',
  argv: readonly string[],
  options: CommandRouterOptions,
  context: AdapterContext,
  signal: AbortSignal,
): Promise<string> {
  const lines: string[] = [];
  const outcome = await context.commands({
    argv,
    cwd: resolve(context.baseDir, options['working-directory']),
    env: environmentFor(options, context),
    timeout: options.timeout,
    signal,
    onLine: (line, stream) => (stream === 'stdout' ? lines.push(line) : context.log?.(line)),
  });
  if (outcome.kind === 'exited' && outcome.code === 0) return lines.join('\n');
  throw failureOf(`the ${what} command ${argv[0] ?? ''}`, outcome, options.timeout);
}

function environmentFor(
  { 'env-from': names }: CommandRouterOptions,
  { env, service, environment }: AdapterContext,
): Record<string, string> {
  const handed = ['PATH', 'HOME', ...names].flatMap((name) => {
    const value = env[name];
    if (value !== undefined) return [[name, value] as const];
    if (!names.includes(name)) return [];
    const message = `expected the variable ${name} that env-from lists, saw none; set it in the job's env`;
    throw failed('refused', false, message);
  });
  return {
    ...Object.fromEntries(handed),
    DEPLOY_CANARY_SERVICE: service,
    DEPLOY_CANARY_ENVIRONMENT: environment,
  };
}

function failureOf(name: string, outcome: CommandOutcome, timeout: Milliseconds): AdapterError {
  const told = 'output' in outcome ? outcome.output.trim().slice(-SHOWN) : '';
  const said = told === '' ? ' (it printed nothing)' : `: ${told}`;
  switch (outcome.kind) {
    case 'exited':
      return failed('exit-code', true, `expected ${name} to exit with 0, saw ${outcome.code}${said}`);
    case 'killed':
      return failed('exit-code', true, `expected ${name} to exit with 0, saw ${outcome.signal}${said}`);
    case 'timed-out': {
      const limit = formatDuration(timeout);
      return failed('timeout', true, `expected ${name} to end within ${limit}; raise \`timeout\`${said}`);
    }
    case 'aborted':
      return failed('timeout', false, `${name} was stopped before it had ended${said}`);
    case 'not-found':
      return failed('refused', false, `expected ${name} to start, saw that ${outcome.why}; check its path`);
  }
}

const sharesSchema = z
  .object({ a: z.number().min(0).max(100), b: z.number().min(0).max(100) })
  .refine(({ a, b }) => Math.abs(a + b - 100) < 0.01);

function parseShares(text: string): Shares {
  const parsed = sharesSchema.safeParse(jsonOf(text));
  if (parsed.success) return { a: parsed.data.a, b: parsed.data.b };
  const seen = JSON.stringify(text.trim().slice(0, SHOWN));
  const message = `expected the read command to print {"a": 90, "b": 10}, two numbers that add up to 100, saw ${seen}`;
  throw failed('invalid-answer', false, message);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function failed(code: AdapterErrorCode, retryable: boolean, message: string): AdapterError {
  return new AdapterError(PROVIDER, code, message, { retryable });
}

const argv = z.array(z.string()).min(1);

/** `router: {type: command, ...}` of the config. */
export const commandRouterSchema = z
  .strictObject({
    type: z.literal('command').describe('Any router, by two programs of your own.'),
    read: argv
      .meta({ examples: [['./weights.sh', 'get']] })
      .describe('Program and arguments that print what the weights are now: `{"a": 90, "b": 10}` on stdout.'),
    write: argv
      .refine((parts) => ['{a}', '{b}'].some((name) => parts.join(' ').includes(name)), {
        message: 'expected {a} or {b} among the arguments; without them it cannot know the weights',
      })
      .meta({ examples: [['./weights.sh', 'set', '{a}', '{b}']] })
      .describe(
        'Program and arguments that set the weights: `{a}` and `{b}` become per cents, `{token}` the revision of the ledger. Must do the same when called twice.',
      ),
    'working-directory': z.string().min(1).describe('Where they run, from the config file.').prefault('.'),
    'env-from': z
      .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/))
      .max(50)
      .describe('Variables of the job that they get, besides PATH and HOME.')
      .prefault([]),
    timeout: timeoutSchema,
  })
  .transform(
    ({ type, ...options }): Registered<TrafficRouter> => ({
      type,
      create: (context) => createCommandRouter(options, context),
    }),
  );

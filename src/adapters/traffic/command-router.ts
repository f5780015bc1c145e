import { z } from 'zod';
import type { AdapterContext, Registered } from '../../ports/adapter-context.ts';
import { AdapterError } from '../../ports/adapter-error.ts';
import type { Shares, Shift, TrafficRouter } from '../../ports/traffic-router.ts';
import { argvSchema, maskEnvFrom, type ProgramOptions, programFields, runProgram } from './program.ts';
import { checkShares } from './shares.ts';
import { timeoutSchema } from './timeout.ts';

const PROVIDER = 'command-router';
const SHOWN = 500;

export interface CommandRouterOptions extends Omit<ProgramOptions, 'provider'> {
  /** Prints the weights as one JSON object: `{"a": 90, "b": 10}`. */
  readonly read: readonly string[];
  /** Sets them; `{a}`, `{b}` and `{token}` are put in. */
  readonly write: readonly string[];
}

/** Whatever splits the traffic, spoken to by the user's own two programs. It holds no lease and no fencing token. */
export function createCommandRouter(options: CommandRouterOptions, context: AdapterContext): TrafficRouter {
  const programs = { ...options, provider: PROVIDER };
  maskEnvFrom(programs, context);
  const run = (what: 'read' | 'write', argv: readonly string[], signal: AbortSignal): Promise<string> =>
    runProgram(`the ${what} command ${argv[0] ?? ''}`, argv, programs, context, signal);
  return {
    name: PROVIDER,
    timeout: options.timeout,
    capabilities: { lease: false, fencing: false },
    async read(signal) {
      const shares = parseShares(await run('read', options.read, signal));
      return { shares, lease: null, lapsed: null, token: 0 };
    },
    async shift(shift, signal) {
      checkShares(PROVIDER, shift.shares);
      const argv = options.write.map((part) => filled(part, shift));
      await run('write', argv, signal);
    },
    renew: async () => undefined,
  };
}

function filled(part: string, { shares, token }: Shift): string {
  const values: Readonly<Record<string, number>> = { ...shares, token };
  return part.replace(/\{(a|b|token)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

const sharesSchema = z
  .object({ a: z.number().min(0).max(100), b: z.number().min(0).max(100) })
  .refine(({ a, b }) => Math.abs(a + b - 100) < 0.01);

function parseShares(text: string): Shares {
  const parsed = sharesSchema.safeParse(jsonOf(text));
  if (parsed.success) return { a: parsed.data.a, b: parsed.data.b };
  const seen = JSON.stringify(text.trim().slice(0, SHOWN));
  const message = `expected the read command to print {"a": 90, "b": 10}, two numbers that add up to 100, saw ${seen}`;
  throw new AdapterError(PROVIDER, 'invalid-answer', message, { retryable: false });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `router: {type: command, ...}` of the config. */
export const commandRouterSchema = z
  .strictObject({
    type: z.literal('command').describe('Any router, by two programs of your own.'),
    read: argvSchema
      .meta({ examples: [['./weights.sh', 'get']] })
      .describe('Program and arguments that print what the weights are now: `{"a": 90, "b": 10}` on stdout.'),
    write: argvSchema
      .refine((parts) => ['{a}', '{b}'].some((name) => parts.join(' ').includes(name)), {
        message: 'expected {a} or {b} among the arguments; without them it cannot know the weights',
      })
      .meta({ examples: [['./weights.sh', 'set', '{a}', '{b}']] })
      .describe(
        'Program and arguments that set the weights: `{a}` and `{b}` become per cents, `{token}` the revision of the ledger. Must do the same when called twice.',
      ),
    ...programFields,
    timeout: timeoutSchema,
  })
  .transform(
    ({ type, ...options }): Registered<TrafficRouter> => ({
      type,
      create: (context) => createCommandRouter(options, context),
    }),
  );

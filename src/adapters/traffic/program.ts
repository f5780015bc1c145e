import { resolve } from 'node:path';
import { z } from 'zod';
import { formatDuration, type Milliseconds } from '../../core/units.ts';
import type { AdapterContext } from '../../ports/adapter-context.ts';
import { AdapterError, type AdapterErrorCode } from '../../ports/adapter-error.ts';
import type { CommandOutcome } from '../../ports/command-runner.ts';
import { handedOn, maskListed } from '../../ports/handed-on.ts';

const SHOWN = 500;

/** How the user's own programs are run. */
export interface ProgramOptions {
  readonly provider: string;
  readonly 'working-directory': string;
  readonly 'env-from': readonly string[];
  readonly timeout: Milliseconds;
}

export function maskEnvFrom({ 'env-from': names }: ProgramOptions, context: AdapterContext): void {
  maskListed(names, context);
}

/** What the program wrote on stdout; its stderr goes to the log. Anything but exit code 0 is an AdapterError. */
export async function runProgram(
  name: string,
  argv: readonly string[],
  options: ProgramOptions,
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
  throw failureOf(name, outcome, options);
}

function environmentFor(
  { provider, 'env-from': names }: ProgramOptions,
  context: AdapterContext,
): Record<string, string> {
  const missing = (message: string): AdapterError =>
    new AdapterError(provider, 'refused', message, { retryable: false });
  return {
    ...handedOn(names, context, missing),
    DEPLOY_CANARY_SERVICE: context.service,
    DEPLOY_CANARY_ENVIRONMENT: context.environment,
  };
}

function failureOf(
  name: string,
  outcome: CommandOutcome,
  { provider, timeout }: ProgramOptions,
): AdapterError {
  const told = 'output' in outcome ? outcome.output.trim().slice(-SHOWN) : '';
  const said = told === '' ? ' (it printed nothing)' : `: ${told}`;
  const failed = (code: AdapterErrorCode, retryable: boolean, message: string): AdapterError =>
    new AdapterError(provider, code, message, { retryable });
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

export const argvSchema = z.array(z.string()).min(1);

/** What the config says of programs, besides their arguments. */
export const programFields = {
  'working-directory': z.string().min(1).describe('Where they run, from the config file.').prefault('.'),
  'env-from': z
    .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/))
    .max(50)
    .describe('Variables of the job that they get, besides PATH and HOME.')
    .prefault([]),
};

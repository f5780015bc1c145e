import { resolve } from 'node:path';
import { z } from 'zod';
import { decideCommand, endOf } from '../../core/checks/command.ts';
import type { Subject } from '../../core/checks/gate-result.ts';
import type { CheckContext } from '../../ports/check.ts';
import type { CommandOutcome } from '../../ports/command-runner.ts';
import { envName, frame, refuse, registered } from './frame.ts';

/** Longer than any check may take; the check's own timeout comes first. */
const NEVER = 2 ** 31 - 1;

export interface Program {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Runs a program that sees its own variables, the facts of the run, and nothing else. */
export function runProgram(
  { argv, cwd, env }: Program,
  context: CheckContext,
  subject: Subject,
  signal: AbortSignal,
): Promise<CommandOutcome> {
  const facts = {
    DEPLOY_CANARY_SERVICE: context.service,
    DEPLOY_CANARY_ENVIRONMENT: subject.environment,
    DEPLOY_CANARY_VERSION: subject.version,
    DEPLOY_CANARY_SHA: subject.sha,
  };
  const all = { ...fromEnv(context, ['PATH', 'HOME']), ...facts, ...env };
  const onLine = (line: string): void => context.log?.(line);
  return context.commands({
    argv,
    cwd: resolve(context.baseDir, cwd),
    env: all,
    timeout: NEVER,
    signal,
    onLine,
  });
}

export function fromEnv({ env }: CheckContext, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

export const argv = z
  .array(z.string())
  .min(1)
  .superRefine(([program], context) => {
    if (program === '') refuse(context, 'a program', 'write its name or path', [0]);
  });

export const commandCheckSchema = z
  .strictObject({
    check: z.literal('command').describe('A program of your own says yes with exit code 0.'),
    ...frame({ title: 'Command', timeout: '5m' }),
    run: argv.describe(
      'Program and arguments. No shell reads them. DEPLOY_CANARY_SHA, DEPLOY_CANARY_VERSION, DEPLOY_CANARY_ENVIRONMENT and DEPLOY_CANARY_SERVICE tell it what it is about.',
    ),
    env: z
      .record(envName, z.string())
      .prefault({})
      .describe('Environment of the program. PATH and HOME are always there.'),
    'env-from': z
      .array(envName)
      .prefault([])
      .describe('Names of variables to hand on from the environment of this run, secrets for example.'),
    'working-directory': z.string().min(1).prefault('.').describe('Where the program runs.'),
  })
  .describe('Runs a program.')
  .transform((config) =>
    registered(config, async (context, subject, signal) => {
      const env = { ...config.env, ...fromEnv(context, config['env-from']) };
      const program = { argv: config.run, cwd: config['working-directory'], env };
      const outcome = await runProgram(program, context, subject, signal);
      return decideCommand(config.run, endOf(outcome), 'output' in outcome ? outcome.output : '');
    }),
  );

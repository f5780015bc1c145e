import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { endOf } from '../../core/checks/command.ts';
import type { Subject } from '../../core/checks/gate-result.ts';
import { AdapterError, messageOf } from '../../ports/adapter-error.ts';
import type { CheckContext } from '../../ports/check.ts';
import { argv, fromEnv, runProgram } from './command.ts';
import { envName } from './frame.ts';

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** How the artefact of a version is named: one of these. */
export const artefact = z.union([
  z.strictObject({
    digest: z
      .string()
      .meta({ pattern: DIGEST.source })
      .refine((text) => DIGEST.test(text), {
        params: {
          expected: 'a digest such as sha256:9f86d0…',
          fix: 'write `sha256:` and 64 hexadecimal digits',
        },
      })
      .describe('The digest itself.'),
  }),
  z.strictObject({ file: z.string().min(1).describe('A file, whose digest is worked out.') }),
  z.strictObject({
    run: argv.describe('A program whose last line is the digest: `sha256:` and 64 hexadecimal digits.'),
    'env-from': z.array(envName).prefault([]).describe('Names of variables to hand on.'),
  }),
]);

type Artefact = z.output<typeof artefact>;

export async function digestOf(
  named: Artefact,
  context: CheckContext,
  subject: Subject,
  signal: AbortSignal,
): Promise<string> {
  if ('digest' in named) return named.digest;
  if ('file' in named) return digestOfFile(named.file, context, signal);
  const env = fromEnv(context, named['env-from']);
  const outcome = await runProgram({ argv: named.run, cwd: '.', env }, context, subject, signal);
  const end = endOf(outcome);
  const last = 'output' in outcome ? (outcome.output.trim().split('\n').at(-1)?.trim() ?? '') : '';
  const program = named.run[0] ?? '';
  if (end.kind !== 'exited' || end.code !== 0)
    throw unknown(`expected ${program} to tell the digest, saw it fail; see what it printed`);
  if (DIGEST.test(last)) return last;
  throw unknown(`expected ${program} to end with a line such as sha256:9f86d0…, saw another; correct it`);
}

async function digestOfFile(path: string, { baseDir }: CheckContext, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(resolve(baseDir, path)), hash, { signal });
  } catch (error) {
    if (signal.aborted) throw error;
    throw unknown(
      `expected an artefact at ${path}, saw none (${messageOf(error)}); build or download it first`,
    );
  }
  return `sha256:${hash.digest('hex')}`;
}

function unknown(message: string): AdapterError {
  return new AdapterError('preflight', 'io', message, { retryable: false });
}

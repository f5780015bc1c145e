import { parse } from 'yaml';
import { z } from 'zod';
import type { Subject } from '../../../core/checks/gate-result.ts';
import { valueAtPath } from '../../../core/checks/json-path.ts';
import type { CheckContext } from '../../../ports/check.ts';
import { fileAtCommit } from '../committed-file.ts';
import { unreadable } from '../web.ts';
import type { FlagSource } from './source.ts';

export const flagFile = z
  .strictObject({
    type: z.literal('file').describe('A JSON or YAML file in the repository.'),
    path: z.string().min(1).describe('Path of the file. It is read as it is in the commit that goes out.'),
    at: z
      .string()
      .min(1)
      .meta({ examples: ['production.flags'] })
      .optional()
      .describe(
        'Where in the file the flags are: `production.flags`, or a JSON pointer. Default: at the top.',
      ),
  })
  .describe('A file in the repository, flags by name.');

export async function flagsInFile(
  { path, at }: z.output<typeof flagFile>,
  context: CheckContext,
  subject: Subject,
  signal: AbortSignal,
): Promise<FlagSource> {
  const text = await fileAtCommit(path, context, subject, signal);
  const data = readFlags(text, path);
  const flags = at === undefined ? data : valueAtPath(data, at);
  if (typeof flags !== 'object' || flags === null)
    throw unreadable(
      `expected flags by name in ${path}${at === undefined ? '' : ` at ${at}`}, saw none; correct it`,
    );
  const read: FlagSource['read'] = async (name) => {
    const value: unknown = Object.hasOwn(flags, name) ? Reflect.get(flags, name) : undefined;
    return value === undefined ? { kind: 'unknown' } : { kind: 'value', value };
  };
  return { place: path, read };
}

/** JSON is YAML, too. */
function readFlags(text: string, path: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw unreadable(`expected JSON or YAML in ${path}, saw something else (${why}); correct it`);
  }
}

import type { z } from 'zod';
import { checkFile } from './checked-file.ts';
import type { Config } from './config.ts';
import { toJsonSchema } from './json-schema.ts';
import { checkJudges, type NamedFiles, withJudges } from './judge-files.ts';
import type { JudgeShape } from './judge-shape.ts';
import { formatProblemLine, type Problem } from './problem.ts';
import { cautions } from './warnings.ts';

export { formatProblems, type Problem } from './problem.ts';

export type ParsedConfig =
  | {
      readonly ok: true;
      readonly config: Config;
      /** Things that are allowed and probably not meant, one line each with its place. */
      readonly warnings: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Reads a config file. Reports every problem that can be told in one run, in the order of the file, then those of
 * the files that it names; never throws for anything that a file can hold. `fileName` is only used to say where a
 * problem is. `files` holds what `namedFiles` asked for.
 */
export function parseConfig(
  text: string,
  fileName: string,
  schema: z.ZodType<Config<JudgeShape>>,
  files: NamedFiles = new Map(),
): ParsedConfig {
  const jsonSchema = () => toJsonSchema(schema);
  const file = checkFile(text, fileName, { schema, jsonSchema, view: withoutExtensions });
  const judges = checkJudges(file, files);
  const problems = [...file.problems, ...judges.problems];
  if (file.value === null || problems.length > 0) return { ok: false, problems };
  const config = withJudges(file.value, judges.judges);
  const lines = cautions(config).map((told) => formatProblemLine(file.placed(told)));
  return { ok: true, config, warnings: [...new Set(lines)] };
}

/** Top-level `x-…` keys are the user's own, for anchors. */
function withoutExtensions(data: unknown): unknown {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return data;
  return Object.fromEntries(Object.entries(data).filter(([key]) => !key.startsWith('x-')));
}

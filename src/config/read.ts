import type { z } from 'zod';
import type { Config } from './config.ts';
import { explain, type Told } from './explain.ts';
import { toJsonSchema } from './json-schema.ts';
import { offsetInText, type Span, spanOf } from './locate.ts';
import { formatProblemLine, type Problem } from './problem.ts';
import { hideSecrets } from './secrets.ts';
import { cautions } from './warnings.ts';
import { readYaml, type YamlFile } from './yaml-file.ts';

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
 * Reads a config file. Reports every problem that can be told in one run, in the order of the file; never throws
 * for anything that a file can hold. `fileName` is only used to say where a problem is.
 */
export function parseConfig(text: string, fileName: string, schema: z.ZodType<Config>): ParsedConfig {
  const yaml = readYaml(text);
  const place = placer(text, yaml.text, fileName);
  const spoilt = firstSpoilt(yaml);
  const said = yaml.flaws.map((flaw) => ({ ...flaw, path: '' }));
  const parsed = yaml.document === null ? null : schema.safeParse(withoutExtensions(yaml.data));
  if (said.length === 0 && parsed?.success === true) {
    const lines = cautions(parsed.data).map((told) => formatProblemLine(place(located(told, yaml))));
    return { ok: true, config: parsed.data, warnings: [...new Set(lines)] };
  }
  const told = parsed?.success === false ? tell(parsed.error, schema, yaml) : [];
  const believed = told.filter(
    ({ missing, from }) => from < spoilt && !(missing && spoilt < Number.MAX_VALUE),
  );
  return { ok: false, problems: inOrder(said.map(place), believed.map(place)) };
}

type Located = Span & {
  readonly path: string;
  readonly expected: string;
  readonly seen: string;
  readonly fix: string;
  readonly missing?: boolean;
};

function tell(
  error: z.core.$ZodError,
  schema: z.ZodType,
  yaml: YamlFile,
): (Located & { missing: boolean })[] {
  const about = { data: withoutExtensions(yaml.data), schema: toJsonSchema(schema) };
  return explain(error.issues, about).map((told) => ({
    ...located(told, yaml),
    missing: told.missing === true,
  }));
}

/** From there on the file was perhaps not read as it was meant, so complaints would be guesses. */
function firstSpoilt(yaml: YamlFile): number {
  const starts = yaml.flaws.filter((flaw) => flaw.spoilsRest).map((flaw) => flaw.from);
  if (starts.length === 0) return Number.MAX_VALUE;
  return yaml.text.lastIndexOf('\n', Math.min(...starts) - 1) + 1;
}

/** Top-level `x-…` keys are the user's own, for anchors. */
function withoutExtensions(data: unknown): unknown {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return data;
  return Object.fromEntries(Object.entries(data).filter(([key]) => !key.startsWith('x-')));
}

function located(told: Told, yaml: YamlFile): Located {
  const { expected, seen, fix } = told;
  const said = { path: writePath(told.path), expected, seen, fix };
  if (yaml.document === null) return { ...said, from: 0, to: 1 };
  const span = spanOf(yaml.document, told.path, told.at);
  if (told.offset === undefined) return { ...said, ...span };
  const start = offsetInText(yaml.document, told.path, yaml.text);
  if (start === null) return { ...said, ...span };
  const from = Math.min(start + told.offset, Math.max(span.from, span.to - 1));
  return { ...said, from, to: span.to };
}

/** `kpis[0].alert` */
function writePath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((written, part) => {
    if (typeof part === 'number') return `${written}[${part}]`;
    return written === '' ? String(part) : `${written}.${String(part)}`;
  }, '');
}

/** Turns offsets of the parsed text into lines and columns of the file, always inside it. */
function placer(text: string, parsedText: string, file: string): (located: Located) => Problem {
  const lines = text.split('\n');
  return ({ path, expected, seen, fix, from, to }) => {
    const before = parsedText.slice(0, from);
    const line = Math.min(before.split('\n').length, lines.length);
    const source = (lines[line - 1] ?? '').replace(/\r$/, '');
    const column = Math.min(from - before.lastIndexOf('\n'), source.length + 1);
    const length = Math.max(1, Math.min(to - from, source.length + 1 - column));
    const shown = hideSecrets({ source, seen });
    const message = `expected ${expected}, saw ${shown.seen}; ${fix}`;
    return { file, line, column, length, path, message, expected, fix, ...shown };
  };
}

/** In the order of the file, each once; where the text itself is at fault, what follows from it is left out. */
function inOrder(said: readonly Problem[], told: readonly Problem[]): Problem[] {
  const places = new Set(said.map(({ line, column }) => `${line}:${column}`));
  const kept = told.filter(({ line, column }) => !places.has(`${line}:${column}`));
  const byText = new Map([...said, ...kept].map((problem) => [formatProblemLine(problem), problem]));
  return [...byText.values()].sort((one, other) => one.line - other.line || one.column - other.column);
}

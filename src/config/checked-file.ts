import type { z } from 'zod';
import { explain, type Told } from './explain.ts';
import type { JsonSchema } from './json-schema.ts';
import { offsetInText, type Span, spanOf } from './locate.ts';
import { formatProblemLine, type Problem } from './problem.ts';
import { hideSecrets } from './secrets.ts';
import { readYaml, type YamlFile } from './yaml-file.ts';

/** A file that was held against its schema. */
export interface CheckedFile<T> {
  /** Null when there are problems. */
  readonly value: T | null;
  /** What the file says, as far as it could be read. */
  readonly data: unknown;
  /** In the order of the file. */
  readonly problems: readonly Problem[];
  /** Where in the file something else that is wrong with it stands. */
  readonly placed: (told: Told) => Problem;
}

export interface FileKind<T> {
  readonly schema: z.ZodType<T>;
  /** The same for people: what its keys are, with examples. Asked for only when something is wrong. */
  readonly jsonSchema: () => JsonSchema;
  /** What of the data the schema is to see. */
  readonly view: (data: unknown) => unknown;
}

/** Reads YAML or JSON and checks it; never throws for anything that a file can hold. */
export function checkFile<T>(text: string, fileName: string, kind: FileKind<T>): CheckedFile<T> {
  const yaml = readYaml(text);
  const place = placer(text, yaml.text, fileName);
  const placed = (told: Told): Problem => place(located(told, yaml));
  const data = kind.view(yaml.data);
  const said = yaml.flaws.map((flaw) => ({ ...flaw, path: '' }));
  const parsed = yaml.document === null ? null : kind.schema.safeParse(data);
  if (said.length === 0 && parsed?.success === true) {
    return { value: parsed.data, data, problems: [], placed };
  }
  const spoilt = firstSpoilt(yaml);
  const issues = parsed?.success === false ? parsed.error.issues : [];
  const about = { data, schema: issues.length === 0 ? {} : kind.jsonSchema() };
  const believed = explain(issues, about)
    .map((told) => ({ ...located(told, yaml), missing: told.missing === true }))
    .filter(({ missing, from }) => from < spoilt && !(missing && spoilt < Number.MAX_VALUE));
  return { value: null, data, problems: inOrder(said.map(place), believed.map(place)), placed };
}

type Located = Span & {
  readonly path: string;
  readonly expected: string;
  readonly seen: string;
  readonly fix: string;
};

/** From there on the file was perhaps not read as it was meant, so complaints would be guesses. */
function firstSpoilt(yaml: YamlFile): number {
  const starts = yaml.flaws.filter((flaw) => flaw.spoilsRest).map((flaw) => flaw.from);
  if (starts.length === 0) return Number.MAX_VALUE;
  return yaml.text.lastIndexOf('\n', Math.min(...starts) - 1) + 1;
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

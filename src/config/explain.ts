import { z } from 'zod';
import {
  chooseVariant,
  type JsonSchema,
  keysOf,
  kindsOf,
  placesOf,
  schemaAt,
  valueAt,
  variantsOf,
} from './json-schema.ts';
import { nearest } from './nearest.ts';
import { fixValue } from './repair.ts';
import { splitMessage, type Telling } from './telling.ts';
import { describeValue, exampleOf, line, typeWords } from './words.ts';

export type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** A complaint about the data, by path. */
export interface Told {
  readonly path: Path;
  readonly at: 'key' | 'value';
  readonly expected: string;
  readonly seen: string;
  readonly fix: string;
  /** Where in the value's text, counted from 0. */
  readonly offset?: number | undefined;
  /** For a key that nobody knows: the key that was probably meant. */
  readonly meant?: string | null;
  /** True when the complaint is that something is not there. */
  readonly missing?: boolean;
}

export interface About {
  readonly data: unknown;
  readonly schema: JsonSchema;
}

/** Nobody reads more, and a file of nonsense must not take minutes. */
const MOST_TOLD = 100;

/** All that the issues say, in the words of the config. A key that is missing only because it is misspelt is told once. */
export function explain(issues: readonly Issue[], about: About): Told[] {
  const told = issues.slice(0, MOST_TOLD).flatMap((issue) => explainIssue(issue, [], about));
  const meant = told.flatMap(({ path, meant: key }) => (key ? [[...path.slice(0, -1), key].join('\0')] : []));
  return told.filter(({ path, missing }) => missing !== true || !meant.includes(path.join('\0')));
}

function explainIssue(issue: Issue, base: Path, about: About): Told[] {
  const path = [...base, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, MOST_TOLD).map((key) => explainUnknownKey([...path, key], about));
  }
  if (issue.code === 'invalid_union') return explainUnion(issue, path, about);
  if (issue.code === 'invalid_key') return [explainKey(issue, path)];
  if (valueAt(about.data, path) === undefined) return [explainMissing(issue, path, about)];
  return [explainValue(issue, path, about)];
}

function explainUnknownKey(path: Path, { data, schema }: About): Told {
  const parent = path.slice(0, -1);
  const key = String(path.at(-1));
  const object = valueAt(data, parent);
  const node = schemaAt(schema, parent, data);
  const known = node === null ? [] : keysOf(chooseVariant(node, object));
  const types = node === null ? [] : typesWith(node, key);
  const free = known.filter((name) => valueAt(object, [name]) === undefined);
  const meant = nearest(key, free) ?? nearest(key, known);
  const expected = meant === null ? `one of the keys ${known.join(', ')}` : 'a key that is known here';
  return {
    path,
    at: 'key',
    expected,
    seen: `\`${key}\``,
    fix: unknownKeyFix(key, meant, types, schema),
    meant,
  };
}

/** The types beside this one that know the key. */
function typesWith(node: JsonSchema, key: string): string[] {
  const variants = variantsOf(node).filter((variant) => keysOf(variant).includes(key));
  const kinds = kindsOf(variants);
  return kinds === null ? [] : kinds.kinds.map((kind) => `${kinds.key}: ${kind}`);
}

function unknownKeyFix(
  key: string,
  meant: string | null,
  types: readonly string[],
  schema: JsonSchema,
): string {
  if (types.length > 0) return `remove it: only \`${types.join('`, `')}\` has it`;
  if (meant !== null) return `did you mean \`${meant}\`?`;
  const [place] = placesOf(schema, key);
  return place === undefined ? 'remove it' : `it belongs at \`${place}\``;
}

type UnionIssue = Extract<Issue, { code: 'invalid_union' }>;

function explainUnion(issue: UnionIssue, path: Path, about: About): Told[] {
  if (issue.discriminator !== undefined) return [explainType(issue, path, about)];
  const meant = branchMeant(issue.errors.filter((errors) => !errors.some(refusesAtOnce)));
  if (meant !== null) return meant.flatMap((inner) => explainIssue(inner, path, about));
  return [
    valueAt(about.data, path) === undefined
      ? explainMissing(issue, path, about)
      : explainValue(issue, path, about),
  ];
}

/** The one branch that is left, or the only one in which everything is of the right kind. */
function branchMeant(branches: readonly (readonly Issue[])[]): readonly Issue[] | null {
  const fitting = branches.length === 1 ? branches : branches.filter((errors) => !errors.some(isOfOtherKind));
  return fitting.length === 1 ? (fitting[0] ?? null) : null;
}

function isOfOtherKind({ code }: Issue): boolean {
  return code === 'invalid_type' || code === 'invalid_value';
}

/** The branch was not meant: the value is of another kind altogether. */
function refusesAtOnce(issue: Issue): boolean {
  return isOfOtherKind(issue) && issue.path.length === 0;
}

/** A `type:` that is missing, misspelt or unknown. */
function explainType(issue: UnionIssue, path: Path, { data }: About): Told {
  const options = issue.code === 'invalid_union' && 'options' in issue ? (issue.options ?? []) : [];
  const known = options.map(String);
  const key = String(path.at(-1));
  const parent = path.slice(0, -1);
  const expected = known.length === 1 ? `the ${key} ${known[0]}` : `one of the ${key}s ${known.join(', ')}`;
  const written = valueAt(data, path);
  if (written !== undefined) {
    const near = typeof written === 'string' ? nearest(written, known) : null;
    const fix = near === null ? 'choose one of them' : `did you mean \`${near}\`?`;
    return { path, at: 'value', expected, seen: describeValue(written), fix };
  }
  const object = valueAt(data, parent);
  const misspelt = nearest(key, typeof object === 'object' && object !== null ? Object.keys(object) : []);
  if (misspelt !== null) {
    const fix = `did you mean \`${key}\`?`;
    return { path: [...parent, misspelt], at: 'key', expected: `\`${key}:\``, seen: `\`${misspelt}\``, fix };
  }
  const fix = `add \`${key}: ${known[0] ?? '…'}\``;
  return { path, at: 'value', expected, seen: `no \`${key}\``, fix, missing: true };
}

function explainKey(issue: Extract<Issue, { code: 'invalid_key' }>, path: Path): Told {
  const [inner] = issue.issues;
  const { expected, fix } = inner === undefined ? {} : tellingOf(inner);
  const seen = describeValue(path.at(-1));
  return { path, at: 'key', expected: expected ?? 'another key', seen, fix: fix ?? 'rename it' };
}

function explainMissing(issue: Issue, path: Path, { data, schema }: About): Told {
  const key = String(path.at(-1) ?? '');
  const node = schemaAt(schema, path, data);
  const { expected, fix, seen } = tellingOf(issue);
  if (path.length === 0 || node === null) {
    return {
      path,
      at: 'value',
      expected: expected ?? 'a value',
      seen: seen ?? 'nothing',
      fix: fix ?? 'add it',
    };
  }
  return {
    path,
    at: 'value',
    expected: expected ?? `\`${key}\`: ${typeWords(node)}`,
    seen: seen === undefined ? 'no such key' : seenOrDefault(seen, node),
    fix: fix ?? `add ${line(key, exampleOf(node))}`,
    missing: true,
  };
}

/** A rule may speak of a value that nobody wrote. */
function seenOrDefault(seen: string, node: JsonSchema): string {
  return node.default === undefined ? seen : `${seen} (the default)`;
}

function explainValue(issue: Issue, path: Path, { data, schema }: About): Told {
  const value = valueAt(data, path);
  const node = schemaAt(schema, path, data);
  const key = path.at(-1);
  const { expected, fix, seen, offset } = tellingOf(issue);
  return {
    path,
    at: 'value',
    expected: expected ?? boundsOf(issue) ?? (node === null ? issue.message : typeWords(node)),
    seen: seen ?? (issue.code === 'invalid_type' ? describeKind(value) : describeValue(value)),
    fix: fix ?? fixValue(value, node, typeof key === 'string' ? key : null),
    offset,
  };
}

/** Where the kind of the value is what is wrong, a number or a boolean says that it is one. */
function describeKind(value: unknown): string {
  const kind = typeof value;
  return kind === 'number' || kind === 'boolean' ? `${String(value)} (a ${kind})` : describeValue(value);
}

const telling = z.object({
  expected: z.string(),
  fix: z.string().optional(),
  seen: z.string().optional(),
  offset: z.number().optional(),
});

/** What a schema says in its own words: as params, or in a sentence `expected …, saw …; fix`. */
function tellingOf(issue: Issue): { readonly [K in keyof Telling]?: Telling[K] | undefined } {
  const params = telling.safeParse(issue.code === 'custom' ? issue.params : undefined);
  if (params.success) return params.data;
  return issue.code === 'custom' || issue.message.startsWith('expected ') ? splitMessage(issue.message) : {};
}

function boundsOf(issue: Issue): string | null {
  if (issue.code === 'invalid_format' && issue.format === 'regex')
    return `text that matches ${issue.pattern}`;
  if (issue.code !== 'too_big' && issue.code !== 'too_small') return null;
  const small = issue.code === 'too_small';
  const bound = String(small ? issue.minimum : issue.maximum);
  const word = small ? 'at least' : 'at most';
  if (issue.origin === 'string') return `${word} ${bound} ${bound === '1' ? 'character' : 'characters'}`;
  if (issue.origin === 'array') return `a list of ${word} ${bound}`;
  if (issue.inclusive === true) return `a number of ${word} ${bound}`;
  return `a number ${small ? 'above' : 'below'} ${bound}`;
}

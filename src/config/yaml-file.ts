import {
  type Document,
  isNode,
  isScalar,
  Lexer,
  type Node,
  type Pair,
  parseDocument,
  Scalar,
  visit,
  type YAMLError,
} from 'yaml';
import { readLimit } from './limit.ts';
import type { Telling } from './telling.ts';

const LARGEST_FILE = 128 * 1_024;
const DEEPEST = 50;
const MOST_ALIASES = 200;

/** A complaint about the text itself, by offset. */
export interface TextFlaw extends Telling {
  readonly seen: string;
  readonly from: number;
  readonly to: number;
  /** What stands after such a flaw was perhaps not read as it was meant. */
  readonly spoilsRest: boolean;
}

export interface YamlFile {
  /** The text that was parsed: lines as in the file, bare limits quoted. */
  readonly text: string;
  /** Null when nothing could be read. */
  readonly document: Document.Parsed | null;
  readonly data: unknown;
  readonly flaws: readonly TextFlaw[];
}

/** Reads YAML as far as it can be read, and says what is wrong with the rest. Never throws. */
export function readYaml(text: string): YamlFile {
  const refused = tooMuch(text);
  if (refused !== null) return { text, document: null, data: null, flaws: [refused] };
  const { patched, flaws } = quoteBareLimits(text);
  const document = parseDocument(patched, { merge: true, uniqueKeys: false, prettyErrors: false });
  const all = [
    ...flaws,
    ...causes([...document.errors, ...document.warnings]).map((error) => syntaxFlaw(error, patched)),
    ...keyFlaws(document),
    ...aliasFlaws(document),
  ];
  try {
    return { text: patched, document, data: document.toJS({ maxAliasCount: MOST_ALIASES }), flaws: all };
  } catch (error) {
    return { text: patched, document: null, data: null, flaws: [...all, unreadable(error, patched)] };
  }
}

function unreadable(error: unknown, text: string): TextFlaw {
  const seen = error instanceof Error ? error.message : String(error);
  const from = Math.max(0, /<<:|\*[\w-]/.exec(text)?.index ?? 0);
  const expected = 'anchors and aliases that can be resolved';
  return { expected, seen, fix: 'write the values out', from, to: from + 1, spoilsRest: true };
}

/** Refuses what only an attack or an accident looks like, before the parser meets it. */
function tooMuch(text: string): TextFlaw | null {
  const at = { from: 0, to: 1, spoilsRest: true };
  if (text.length > LARGEST_FILE) {
    const expected = `a file of at most ${LARGEST_FILE / 1_024} KiB`;
    return { ...at, expected, seen: `${Math.ceil(text.length / 1_024)} KiB`, fix: 'check the path' };
  }
  const offset = tooDeepAt(text);
  if (offset === null) return null;
  const deep = { from: offset, to: offset + 1, spoilsRest: true };
  return { ...deep, expected: `at most ${DEEPEST} levels`, seen: 'more', fix: 'close the brackets' };
}

function tooDeepAt(text: string): number | null {
  let offset = 0;
  let brackets = 0;
  let dashes = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') brackets += 1;
    if (token === ']' || token === '}') brackets -= 1;
    dashes = token === '\n' || token === '\r\n' ? 0 : dashes + (token === '-' || token === '?' ? 1 : 0);
    if (brackets > DEEPEST || dashes > DEEPEST) return offset;
    offset += token.length;
  }
  return null;
}

/**
 * `alert: > 2 %` without quotes is a folded block to YAML, and would hide what follows. It is by far the likeliest
 * slip in this file, so it is reported by name and read as if it were quoted.
 */
function quoteBareLimits(text: string): { readonly patched: string; readonly flaws: readonly TextFlaw[] } {
  const flaws: TextFlaw[] = [];
  const bare =
    /^([ \t]*(?:- +)?(?:alert|target):[ \t]+)(>=?[ \t]{0,5}-?[\d.]{1,20}[ \t]{0,5}[%a-z]{0,2})([ \t]*(?:#.*)?)$/gm;
  const patched = text.replace(bare, (line, key: string, value: string, rest: string, offset: number) => {
    if (readLimit(value) === null) return line;
    // Each line patched before has moved this one by its two quotes.
    const from = offset + key.length + 2 * flaws.length;
    flaws.push({
      expected: 'a limit in quotes, as `>` starts a block of text in YAML',
      seen: value,
      fix: `write '${value}'`,
      from,
      to: from + value.length,
      spoilsRest: false,
    });
    return `${key}'${value}'${rest}`;
  });
  return { patched, flaws };
}

const HARMLESS_TO_THE_REST: readonly string[] = ['TAB_AS_INDENT', 'TAG_RESOLVE_FAILED'];

/** After one slip the parser stumbles over all that follows; those complaints would only hide the first. */
function causes(errors: readonly YAMLError[]): YAMLError[] {
  const spoiling = errors.filter(({ code }) => !HARMLESS_TO_THE_REST.includes(code));
  return errors.filter((error) => !spoiling.includes(error) || error === spoiling[0]);
}

function syntaxFlaw(error: YAMLError, text: string): TextFlaw {
  const [from, to] = error.pos;
  const place = { from, to, spoilsRest: !HARMLESS_TO_THE_REST.includes(error.code) };
  if (error.code === 'TAB_AS_INDENT') {
    return { ...place, expected: 'spaces', seen: 'a tab', fix: 'indent with spaces' };
  }
  if (error.code === 'TAG_RESOLVE_FAILED') {
    return { ...place, expected: 'plain values', seen: text.slice(from, to), fix: 'remove the tag' };
  }
  if (error.code === 'MULTIPLE_DOCS') {
    return { ...place, expected: 'one document', seen: 'a second one', fix: 'remove the `---` line' };
  }
  const seen = error.message.replace(/\s+/g, ' ').slice(0, 120);
  return { ...place, expected: 'valid YAML', seen, fix: 'check the quotes, brackets and indentation here' };
}

/** Keys that are no words are reported and taken out; of a key that is there twice, the last one counts. */
function keyFlaws(document: Document.Parsed): TextFlaw[] {
  const flaws: TextFlaw[] = [];
  visit(document, {
    Map: (_, map) => {
      const known = new Set<string>();
      for (const { key } of map.items) {
        if (!isScalar(key) || key.source === '<<') continue;
        const name = String(key.value);
        if (known.has(name)) flaws.push(repeatedKey(key, name));
        known.add(name);
      }
    },
    Pair: (_, { key }: Pair) => {
      if (isScalar(key) && key.value !== null && key.value !== '__proto__') return undefined;
      flaws.push({
        ...placeOf(isNode(key) ? key : null),
        expected: 'a key that is a plain word',
        seen: isScalar(key) ? `'${String(key.value ?? '')}'` : 'a list, a map or an alias',
        fix: 'rename the key',
      });
      return visit.REMOVE;
    },
  });
  return flaws;
}

function repeatedKey(key: Node, name: string): TextFlaw {
  const fix = 'remove one of the two';
  return { ...placeOf(key), expected: 'each key once', seen: `\`${name}\` again`, fix };
}

/** Aliases without an anchor, or inside their own anchor, are reported and then read as nothing. */
function aliasFlaws(document: Document.Parsed): TextFlaw[] {
  const flaws: TextFlaw[] = [];
  let count = 0;
  visit(document, {
    Alias: (_, alias, ancestors) => {
      count += 1;
      // That many are refused when the data is made.
      if (count > MOST_ALIASES) return visit.BREAK;
      const source = alias.resolve(document);
      const cyclic = source !== undefined && ancestors.some((ancestor) => ancestor === source);
      if (source !== undefined && !cyclic) return undefined;
      flaws.push({
        ...placeOf(alias),
        expected: cyclic ? 'an alias outside its own anchor' : 'an alias of an anchor above it',
        seen: `*${alias.source}`,
        fix: cyclic ? 'write the value out' : `add \`&${alias.source}\` where the value is, or write it out`,
      });
      const nothing = new Scalar(null);
      if (alias.range) nothing.range = alias.range;
      return nothing;
    },
  });
  return flaws;
}

function placeOf(node: Node | null): Pick<TextFlaw, 'from' | 'to' | 'spoilsRest'> {
  const [from, to] = node?.range ?? [0, 1];
  return { from, to: Math.max(to, from + 1), spoilsRest: false };
}

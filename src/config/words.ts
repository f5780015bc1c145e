import { stringify } from 'yaml';
import { DURATION_PATTERN } from './fields.ts';
import { type JsonSchema, kindsOf, variantsOf } from './json-schema.ts';
import { LIMIT_PATTERN, readLimit } from './limit.ts';

/** What a node of the schema wants, in words. */
export function typeWords(node: JsonSchema): string {
  if (node.const !== undefined) return `\`${asWritten(node.const)}\``;
  if (node.enum !== undefined)
    return `one of ${node.enum.map((word) => `\`${asWritten(word)}\``).join(', ')}`;
  const variants = variantsOf(node);
  if (variants[0] !== node) return [...new Set(alternatives(variants))].join(' or ');
  const example = exampleOf(node);
  if (node.pattern === DURATION_PATTERN.source) return `a duration such as ${asWritten(example ?? '30s')}`;
  if (node.pattern === LIMIT_PATTERN.source) return `a limit such as ${asWritten(example ?? '> 2 %')}`;
  if (node.type === 'string') return textWords(node);
  return KINDS[String(node.type)] ?? 'a value';
}

/** Maps that are told apart by their `type:` or `check:` are named by it. */
function alternatives(variants: readonly JsonSchema[]): string[] {
  const kinds = kindsOf(variants);
  if (kinds !== null) return [`a map with \`${kinds.key}:\` ${kinds.kinds.join(', ')}`];
  return variants.map(typeWords);
}

const KINDS: Readonly<Record<string, string>> = {
  object: 'a map',
  array: 'a list',
  integer: 'a whole number',
  number: 'a number',
  boolean: '`true` or `false`',
};

function textWords({ format, examples }: JsonSchema): string {
  if (format === 'uri') return 'a URL';
  const [example] = examples ?? [];
  return example === undefined ? 'text' : `text such as ${asWritten(example)}`;
}

/** A value that would be right, if the schema tells one. */
export function exampleOf(node: JsonSchema): unknown {
  const [example] = node.examples ?? [];
  const known = example ?? (isEmpty(node.default) ? undefined : node.default) ?? node.const ?? node.enum?.[0];
  const [first] = variantsOf(node);
  return known === undefined && first !== undefined && first !== node ? exampleOf(first) : known;
}

export function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** A value as YAML, on one line. Limits are always quoted: half of them need it. */
export function asWritten(value: unknown): string {
  if (typeof value === 'string' && readLimit(value) !== null) return `'${value}'`;
  const text = stringify(value ?? null, { collectionStyle: 'flow', lineWidth: 0, singleQuote: true });
  return text.trim().replace(/\s*\n\s*/g, ' ');
}

/** `key: value`, or only `key:` when no value is known. */
export function line(key: string, value: unknown): string {
  return value === undefined ? `\`${key}:\`` : `\`${key}: ${asWritten(value)}\``;
}

const LONGEST_SHOWN = 60;

/** What was found, for a message: short, and on one line. */
export function describeValue(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'object') {
    return `${isEmpty(value) ? 'an empty' : 'a'} ${Array.isArray(value) ? 'list' : 'map'}`;
  }
  if (typeof value !== 'string') return String(value);
  const shown = value.length > LONGEST_SHOWN ? `${value.slice(0, LONGEST_SHOWN)}…` : value;
  return `'${shown.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')}'`;
}

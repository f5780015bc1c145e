import { parseDuration } from '../core/units.ts';
import { itemsOf, type JsonSchema, keysOf, kindsOf, variantsOf } from './json-schema.ts';
import { nearest } from './nearest.ts';
import { asWritten, exampleOf, line } from './words.ts';

/** How to make a value right: what was probably meant, else something that would be. */
export function fixValue(value: unknown, node: JsonSchema | null, key: string | null): string {
  const better = node === null ? null : repaired(value, node);
  const write = (what: unknown) => (key === null ? `\`${asWritten(what)}\`` : line(key, what));
  if (better !== null) return `did you mean ${write(better)}?`;
  if (key === null && node?.title !== undefined)
    return 'start with `version: 1`, `service:`, `kpis:` and `environments:`';
  const example = node === null ? undefined : exampleOf(node);
  if (example !== undefined) return `write it like ${write(example)}`;
  const keys = node === null ? [] : keysOf(node);
  if (keys.length > 0) return `write its keys below it: ${keys.join(', ')}`;
  return value === null ? 'write a value, or remove the key' : 'correct it';
}

/** What was probably meant: a word of the list, a duration with a unit, a number in quotes, one thing as a list. */
function repaired(value: unknown, node: JsonSchema): unknown {
  const words = (node.enum ?? []).map(String);
  if (typeof value === 'string' && words.length > 0) return nearest(value, words);
  if (typeof value === 'string' && value !== '' && itemsOf(node)?.type === 'string') return [value];
  const kinds = typeof value === 'string' ? kindsOf(variantsOf(node)) : null;
  if (kinds?.kinds.some((kind) => kind === value)) return { [kinds.key]: value };
  if (typeof value === 'number' && node.type === 'string') {
    return durationLike(value, String(exampleOf(node) ?? ''));
  }
  const isNumber = node.type === 'number' || node.type === 'integer';
  if (typeof value !== 'string' || !isNumber) return null;
  const number = Number(value.replace(/\s*%\s*$/, ''));
  return value.trim() !== '' && Number.isFinite(number) ? number : null;
}

/** The number with the unit of the example; few milliseconds are rather seconds. */
function durationLike(value: number, example: string): string | null {
  const unit = /[a-z]+$/.exec(example)?.[0];
  if (parseDuration(example) === null || unit === undefined || !(value >= 0)) return null;
  const guess = `${value}${unit === 'ms' && value < 50 ? 's' : unit}`;
  return parseDuration(guess) === null ? null : guess;
}

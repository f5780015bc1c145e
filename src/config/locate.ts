import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
} from 'yaml';

/** A stretch of text, by offset. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * The text to point at for a path: its value, or its key where the value is empty or spans lines. For a path that
 * does not exist it is the nearest parent that does.
 */
export function spanOf(document: Document.Parsed, path: readonly PropertyKey[], at: 'key' | 'value'): Span {
  const { key, value, depth } = follow(document, path);
  const exists = depth === path.length;
  const node = exists && at === 'value' && isWritten(value) ? value : (key ?? value);
  return rangeOf(node);
}

function isWritten(node: Node | null): boolean {
  if (node === null || (isCollection(node) && node.flow !== true)) return false;
  return node.range ? node.range[1] > node.range[0] : false;
}

/** The scalar at a path, when each of its characters is one character of the text. */
export function offsetInText(
  document: Document.Parsed,
  path: readonly PropertyKey[],
  text: string,
): number | null {
  const { value } = follow(document, path);
  if (!isScalar(value) || typeof value.value !== 'string' || !value.range) return null;
  const [from, to] = value.range;
  const quotes = value.type === 'QUOTE_SINGLE' || value.type === 'QUOTE_DOUBLE' ? 1 : 0;
  return text.slice(from + quotes, to - quotes) === value.value ? from + quotes : null;
}

function rangeOf(node: Node | null): Span {
  const range = node?.range;
  return range ? { from: range[0], to: Math.max(range[1], range[0] + 1) } : { from: 0, to: 1 };
}

/** Where a path leads in the document, and how far it could be followed. */
interface Found {
  /** The key that leads to the value, or the list item itself. */
  readonly key: Node | null;
  readonly value: Node | null;
  /** How many parts of the path exist. */
  readonly depth: number;
}

/** Follows a path through aliases and merge keys, as far as it exists. */
function follow(document: Document.Parsed, path: readonly PropertyKey[]): Found {
  let found: Found = { key: null, value: document.contents, depth: 0 };
  for (const part of path) {
    const next = step(document, found.value, part);
    if (next === null) return found;
    found = { ...next, depth: found.depth + 1 };
  }
  return found;
}

function step(document: Document.Parsed, node: Node | null, part: PropertyKey): Omit<Found, 'depth'> | null {
  const target = isAlias(node) ? (node.resolve(document) ?? null) : node;
  if (isMap(target)) return pairIn(document, target.items, String(part));
  if (!isSeq(target) || typeof part !== 'number') return null;
  const item = target.items[part];
  return isNode(item) ? { key: item, value: item } : null;
}

function pairIn(
  document: Document.Parsed,
  pairs: readonly Pair[],
  name: string,
): Omit<Found, 'depth'> | null {
  for (const { key, value } of pairs.toReversed()) {
    if (isScalar(key) && String(key.value) === name) return { key, value: isNode(value) ? value : null };
  }
  for (const { key, value } of pairs) {
    if (!isScalar(key) || key.source !== '<<' || !isNode(value)) continue;
    const sources = isSeq(value) ? value.items : [value];
    for (const source of sources) {
      const merged = isNode(source) ? step(document, source, name) : null;
      if (merged !== null) return merged;
    }
  }
  return null;
}

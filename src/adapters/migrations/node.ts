/** The parser's tree is plain JSON; it is read field by field, and what is not there is undefined. */
export type Node = unknown;

export function isNode(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

export function field(node: Node, ...path: readonly string[]): Node {
  return path.reduce<Node>((value, key) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    return Reflect.get(value, key);
  }, node);
}

export function list(node: Node): readonly Node[] {
  return Array.isArray(node) ? node : [];
}

export function isTrue(node: Node): boolean {
  return node === true;
}

/** A tagged value is its tag as a text, or an object with the tag as its only key. */
export function tagOf(node: Node): string {
  if (typeof node === 'string') return node;
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return '';
  return Object.keys(node)[0] ?? '';
}

/** The names of a dotted name, or one name, as they were written. */
export function nameOf(node: Node): string {
  if (Array.isArray(node))
    return node
      .map(nameOf)
      .filter((part) => part !== '')
      .join('.');
  const inner = field(node, 'Identifier') ?? node;
  const value = field(inner, 'value');
  if (typeof value !== 'string') return '';
  // Unquoted names mean the same in any case.
  return field(inner, 'quote_style') === undefined || field(inner, 'quote_style') === null
    ? value.toLowerCase()
    : value;
}

/** The first line that the parser names anywhere in the node; null when it names none. */
export function firstLine(node: Node): number | null {
  const lines = [...walk(node)].flatMap((one) => {
    const line = field(one, 'span', 'start', 'line');
    return typeof line === 'number' && line > 0 ? [line] : [];
  });
  return lines.length === 0 ? null : Math.min(...lines);
}

/** The node and everything in it. */
export function* walk(node: Node): Generator<Node> {
  const waiting: Node[] = [node];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    yield next;
    if (typeof next === 'object' && next !== null)
      waiting.push(...Object.values(next).filter((one) => one != null));
  }
}

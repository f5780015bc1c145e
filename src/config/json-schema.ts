import { z } from 'zod';

export type JsonSchema = z.core.JSONSchema.JSONSchema;

const made = new WeakMap<z.ZodType, JsonSchema>();

/** The JSON Schema (draft 7, which editors know best) of the config as it is written. Made once for each schema. */
export function toJsonSchema(schema: z.ZodType): JsonSchema {
  const known = made.get(schema);
  if (known !== undefined) return known;
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  const jsonSchema: JsonSchema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'deploy-canary configuration',
    ...rest,
    patternProperties: { '^x-': { description: 'Ignored: a place for YAML anchors.' } },
  };
  made.set(schema, jsonSchema);
  return jsonSchema;
}

function asNode(
  node: boolean | JsonSchema | JsonSchema[] | (boolean | JsonSchema)[] | undefined,
): JsonSchema | null {
  return typeof node === 'object' && !Array.isArray(node) ? node : null;
}

/** The alternatives of a node, and theirs, or the node itself. */
export function variantsOf(node: JsonSchema): readonly JsonSchema[] {
  return (node.oneOf ?? node.anyOf)?.flatMap(variantsOf) ?? [node];
}

/** The key by which alternatives are told apart, with the value of each; null when there is none. */
export function kindsOf(
  variants: readonly JsonSchema[],
): { readonly key: string; readonly kinds: string[] } | null {
  for (const key of ['type', 'check']) {
    const kinds = variants.flatMap((variant) => propertyOf(variant, key)?.const ?? []).map(String);
    if (kinds.length === variants.length) return { key, kinds };
  }
  return null;
}

/** What an object's key must be, or null for a key that it does not know. */
export function propertyOf(node: JsonSchema, key: string): JsonSchema | null {
  const own = node.properties;
  if (own !== undefined && Object.hasOwn(own, key)) return asNode(own[key]);
  return entryOf(node);
}

export function itemsOf(node: JsonSchema): JsonSchema | null {
  return asNode(node.items);
}

/** What each value of a map with free keys must be. */
export function entryOf(node: JsonSchema): JsonSchema | null {
  return asNode(node.additionalProperties);
}

export function keysOf(node: JsonSchema): readonly string[] {
  return Object.keys(node.properties ?? {});
}

/** The node that describes the value at `path` of `raw`, or null where the schema knows nothing. */
export function schemaAt(root: JsonSchema, path: readonly PropertyKey[], raw: unknown): JsonSchema | null {
  let node: JsonSchema | null = root;
  let value = raw;
  for (const key of path) {
    if (node === null) return null;
    const variant = chooseVariant(node, value);
    node = typeof key === 'number' ? itemsOf(variant) : propertyOf(variant, String(key));
    value = valueAt(value, [key]);
  }
  return node;
}

/** The alternative that the value chose by its `type:`, or by being a list, a map or neither. */
export function chooseVariant(node: JsonSchema, value: unknown): JsonSchema {
  const variants = variantsOf(node);
  if (variants.length === 1) return variants[0] ?? node;
  return variants.find((variant) => fits(variant, value)) ?? node;
}

function fits(variant: JsonSchema, value: unknown): boolean {
  if (variant.type === 'array') return Array.isArray(value);
  if (variant.type !== 'object') return typeof value === variant.type;
  return Object.entries(variant.properties ?? {}).every(([key, property]) => {
    const literal = asNode(property)?.const;
    return literal === undefined || literal === valueAt(value, [key]);
  });
}

/** The value at a path of plain data; undefined when there is none. */
export function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  let value = data;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/** Where a key of that name is known at all, as `environments.<name>.lease`. */
export function placesOf(root: JsonSchema, key: string): readonly string[] {
  const places = new Set<string>();
  visit(root, '', (node, path) => {
    if (keysOf(node).includes(key)) places.add(path === '' ? key : `${path}.${key}`);
  });
  return [...places];
}

/** Calls back for every object of the schema, with its path; alternatives one after the other. */
export function visit(node: JsonSchema, path: string, see: (node: JsonSchema, path: string) => void): void {
  for (const variant of variantsOf(node)) {
    if (variant !== node) {
      visit(variant, path, see);
      continue;
    }
    if (node.properties !== undefined) see(node, path);
    for (const key of keysOf(node)) {
      const property = propertyOf(node, key);
      if (property !== null) visit(property, path === '' ? key : `${path}.${key}`, see);
    }
    const entry = entryOf(node);
    if (entry !== null) visit(entry, `${path}.<name>`, see);
    const item = itemsOf(node);
    if (item !== null) visit(item, `${path}[]`, see);
  }
}

import { resolve } from './description.ts';
import { type Fields, fields, isFields, list, texts } from './json.ts';

/**
 * What was said, plus everything that the description requires and nobody said: null where it may be, the documented
 * default where there is one, else empty.
 */
export function fill(node: unknown, said: unknown): unknown {
  const schema = resolve(node);
  if (said === undefined) return neutral(schema);
  if (said === null) return null;
  const branch = branchFor(schema, said);
  if (branch !== null) return fill(branch, said);
  if (Array.isArray(said)) return said.map((item) => fill(schema.items, item));
  if (!isFields(said)) return said;
  const { properties, required } = shape(schema);
  const missing = required
    .filter((key) => said[key] === undefined)
    .map((key) => [key, neutral(properties[key])]);
  const given = Object.entries(said).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, properties[key] === undefined ? value : fill(properties[key], value)]],
  );
  return Object.fromEntries([...missing, ...given]);
}

/** An object's properties and required keys, those of its `allOf` parts included. */
function shape(schema: Fields): { readonly properties: Fields; readonly required: readonly string[] } {
  const parts = list(schema.allOf).map((part) => shape(resolve(part)));
  return {
    properties: Object.assign({}, ...parts.map((part) => part.properties), fields(schema.properties)),
    required: [...parts.flatMap((part) => part.required), ...texts(schema.required)],
  };
}

/** Of several alternatives the one that lies nearest to what was said. */
function branchFor(schema: Fields, said: unknown): Fields | null {
  const branches = [...list(schema.anyOf), ...list(schema.oneOf)].map(resolve);
  if (branches.length === 0 || isFields(schema.properties)) return null;
  const fitting = branches.filter((branch) => accepts(branch, said));
  if (!isFields(said)) return fitting[0] ?? null;
  const ranked = fitting.map((branch) => ({ branch, distance: distance(branch, said) }));
  return ranked.sort((a, b) => a.distance - b.distance)[0]?.branch ?? null;
}

/** Keys that are foreign to a branch weigh more than keys it still lacks. */
function distance(branch: Fields, said: Fields): number {
  const { properties, required } = shape(branch);
  const foreign = Object.entries(said).filter(([key, value]) => {
    const { enum: allowed } = resolve(properties[key]);
    return properties[key] === undefined || (Array.isArray(allowed) && !allowed.includes(value));
  });
  return foreign.length * 100 + required.filter((key) => said[key] === undefined).length;
}

function accepts(schema: Fields, value: unknown): boolean {
  const kind = Array.isArray(value) ? 'array' : typeof value;
  const types = typeof schema.type === 'string' ? [schema.type] : texts(schema.type);
  if (types.length > 0)
    return types.some((type) => type === kind || (type === 'integer' && kind === 'number'));
  if (schema.allOf !== undefined || schema.properties !== undefined) return kind === 'object';
  return [...list(schema.anyOf), ...list(schema.oneOf)].some((part) => accepts(resolve(part), value));
}

function neutral(node: unknown): unknown {
  const schema = resolve(node);
  if (schema.default !== undefined) return schema.default;
  const branches = [...list(schema.anyOf), ...list(schema.oneOf)].map(resolve);
  const types = typeof schema.type === 'string' ? [schema.type] : texts(schema.type);
  if (types.includes('null') || branches.some((branch) => branch.type === 'null')) return null;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  if (types[0] === undefined && branches[0] !== undefined) return neutral(branches[0]);
  return empty(types[0] ?? 'object', schema);
}

function empty(type: string, schema: Fields): unknown {
  switch (type) {
    case 'string':
      if (schema.format === 'date-time') return '1970-01-01T00:00:00Z';
      return schema.format === 'uri' || schema.format === 'uri-template' ? 'about:blank' : '';
    case 'integer':
    case 'number':
      return typeof schema.minimum === 'number' ? schema.minimum : 0;
    case 'boolean':
      return false;
    case 'array':
      return [];
    default:
      return fill(schema, {});
  }
}

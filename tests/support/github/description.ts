import { readFileSync } from 'node:fs';
import { type Fields, fields, isFields, list, text } from './json.ts';

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly schema: Fields;
}

export interface Operation {
  readonly operationId: string;
  readonly method: string;
  readonly template: string;
  readonly pattern: RegExp;
  readonly parameters: readonly Parameter[];
  /** Null when the operation takes no body. */
  readonly body: { readonly required: boolean; readonly schema: Fields } | null;
  /** By status code; null for an answer without a body. */
  readonly answers: ReadonlyMap<number, Fields | null>;
}

export interface Route {
  readonly operation: Operation;
  /** Decoded, still text. */
  readonly path: Readonly<Record<string, string>>;
}

/** What JSON Schema says with `type: [..., "null"]`, OpenAPI 3.0 says with `nullable`; references get an absolute base. */
function asJsonSchema(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(asJsonSchema);
  if (!isFields(node)) return node;
  const { nullable, ...rest } = node;
  const schema = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, asJsonSchema(value)]));
  if (typeof schema.$ref === 'string' && schema.$ref.startsWith('#/')) schema.$ref = `github${schema.$ref}`;
  if (nullable !== true) return schema;
  if (typeof schema.type !== 'string') return { anyOf: [schema, { type: 'null' }] };
  const options = Array.isArray(schema.enum) ? { enum: [...schema.enum, null] } : {};
  return { ...schema, ...options, type: [schema.type, 'null'] };
}

export const description: Fields = fields(
  asJsonSchema(JSON.parse(readFileSync(new URL('openapi-subset.json', import.meta.url), 'utf8'))),
);

const resolved = new Map<string, Fields>();

/** What a reference stands for, else the node itself. */
export function resolve(node: unknown): Fields {
  const found = fields(node);
  if (typeof found.$ref !== 'string') return found;
  const keys = found.$ref.replace('github#/', '').split('/');
  const target =
    resolved.get(found.$ref) ?? resolve(keys.reduce<unknown>((at, key) => fields(at)[key], description));
  resolved.set(found.$ref, target);
  return target;
}

const jsonSchemaOf = (node: unknown): Fields | null => {
  const json = fields(fields(resolve(node).content)['application/json']);
  return isFields(json.schema) ? json.schema : null;
};

function parameterOf(node: unknown): Parameter {
  const found = resolve(node);
  return {
    name: text(found, 'name'),
    in: text(found, 'in'),
    required: found.required === true,
    schema: fields(found.schema),
  };
}

function operationOf(template: string, method: string, node: Fields): Operation {
  const parameters = list(node.parameters).map(parameterOf);
  const bodySchema = jsonSchemaOf(node.requestBody);
  return {
    operationId: text(node, 'operationId'),
    method: method.toUpperCase(),
    template,
    pattern: patternOf(template, list(node.parameters)),
    parameters,
    body:
      bodySchema === null
        ? null
        : { required: resolve(node.requestBody).required === true, schema: bodySchema },
    answers: new Map(
      Object.entries(fields(node.responses)).map(([status, answer]) => [
        Number(status),
        jsonSchemaOf(answer),
      ]),
    ),
  };
}

/** A parameter marked `x-multi-segment` may hold slashes: a ref, a path. */
function patternOf(template: string, parameters: readonly unknown[]): RegExp {
  const long = new Set(
    parameters.map(resolve).flatMap((found) => (found['x-multi-segment'] === true ? [found.name] : [])),
  );
  const source = template.replace(/[.]/g, '\\.').replace(/\{(\w+)\}/g, (_, name: string) => {
    const part = template.includes('...') ? '.+?' : '[^/]+';
    return `(?<${name}>${long.has(name) ? '.+' : part})`;
  });
  return new RegExp(`^${source}$`);
}

const literals = (template: string): number => template.replace(/\{\w+\}/g, '').length;

/** The most literal template first, so that `/commits/{ref}/status` is not taken for a ref with a slash. */
export const operations: readonly Operation[] = Object.entries(fields(description.paths))
  .flatMap(([template, item]) =>
    Object.entries(fields(item)).map(([method, node]) => operationOf(template, method, fields(node))),
  )
  .sort((a, b) => literals(b.template) - literals(a.template));

export function findRoute(method: string, path: string): Route | null {
  for (const operation of operations) {
    const groups = operation.method === method ? operation.pattern.exec(path)?.groups : undefined;
    if (operation.method !== method || (groups === undefined && operation.template !== path)) continue;
    const decoded = Object.entries(groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]);
    return { operation, path: Object.fromEntries(decoded) };
  }
  return null;
}

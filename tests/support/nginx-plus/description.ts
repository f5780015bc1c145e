import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { type Fields, fields, isFields, list } from '../github/json.ts';

const read: unknown = JSON.parse(readFileSync(new URL('openapi-subset.json', import.meta.url), 'utf8'));
const description = fields(read);
const ajv = new Ajv({ strict: false, validateSchema: false, validateFormats: false });
ajv.addSchema(description, 'plus');

/** What the official description says of one path and method; null when it says nothing. */
export interface Operation {
  readonly queries: readonly string[];
  readonly body: Fields | null;
  readonly answers: Fields;
  readonly zone: string;
}

export function operationFor(method: string, path: string): Operation | null {
  for (const [template, item] of Object.entries(fields(description.paths))) {
    const pattern = new RegExp(`^${template.replace(/\{[^}]+\}/g, '([^/]+)')}$`);
    const zone = pattern.exec(path)?.[1];
    const operation = fields(item)[method.toLowerCase()];
    if (zone === undefined || !isFields(operation)) continue;
    const parameters = list(operation.parameters).map(fields);
    return {
      queries: parameters.filter((one) => one.in === 'query').map((one) => String(one.name)),
      body: parameters.find((one) => one.in === 'body') ?? null,
      answers: fields(operation.responses),
      zone: decodeURIComponent(zone),
    };
  }
  return null;
}

/** What is wrong with a request that this operation is to take. */
export function requestProblems(
  operation: Operation,
  queries: readonly string[],
  body: unknown,
): readonly string[] {
  const unknown = queries.filter((name) => !operation.queries.includes(name));
  return [
    ...unknown.map((name) => `the query ${name} is not described`),
    ...(operation.body === null ? [] : problems(fields(operation.body.schema), body)),
  ];
}

/** What is wrong with an answer: a status, a shape or a code of an error that this operation does not describe. */
export function answerProblems(operation: Operation, status: number, body: unknown): readonly string[] {
  const described = operation.answers[String(status)];
  if (!isFields(described)) return [`status ${status} is not described`];
  const code = fields(fields(body).error).code;
  const isKnown = code === undefined || String(described.description).includes(`${String(code)}*`);
  return [
    ...(isFields(described.schema) ? problems(described.schema, body) : body === null ? [] : ['a body']),
    ...(isKnown ? [] : [`${status} with the code ${String(code)} is not described`]),
  ];
}

function problems({ $ref }: Fields, value: unknown): readonly string[] {
  const validate = ajv.getSchema(`plus${String($ref)}`);
  if (validate === undefined) throw new Error(`no such definition: ${String($ref)}`);
  if (validate(value) === true) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || '/'} ${message}`);
}

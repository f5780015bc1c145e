import type { IncomingHttpHeaders } from 'node:http';
import { findRoute, type Operation, type Parameter } from './description.ts';
import { type Fields, fields, list } from './json.ts';
import { Refusal } from './refusal.ts';
import { bodyProblems, parameterProblems } from './validate.ts';

export interface Incoming {
  readonly method: string;
  /** Without the prefix of the API. */
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Checked {
  readonly operation: Operation;
  readonly path: Fields;
  readonly query: Fields;
  readonly body: Fields;
}

/** A request that the description does not allow: a mistake in the client, whatever GitHub would make of it. */
export class NotAllowed extends Refusal {
  readonly problems: readonly string[];

  constructor(status: number, message: string, problems: readonly string[]) {
    super(status, message);
    this.problems = problems;
  }
}

/** https://docs.github.com/rest/about-the-rest-api/api-versions; without the header GitHub takes this one. */
const VERSION = '2022-11-28';
const MEDIA =
  /^(\*\/\*|application\/(json|vnd\.github(\.v3)?(\.(raw|html|text|full|diff|patch|sha|object))?(\+json)?))$/;

export function checkHeaders({ headers }: Incoming): void {
  // https://docs.github.com/rest/using-the-rest-api/getting-started-with-the-rest-api#user-agent
  if (!headers['user-agent']) {
    throw new NotAllowed(403, 'Request forbidden by administrative rules.', ['no User-Agent header']);
  }
  const version = headers['x-github-api-version'];
  if (version !== undefined && version !== VERSION) {
    const problem = `x-github-api-version ${version} is not ${VERSION}`;
    throw new NotAllowed(400, `"${version}" is not a supported version.`, [problem]);
  }
  const accepted = (headers.accept ?? '*/*').split(',').map((one) => one.split(';')[0]?.trim() ?? '');
  if (!accepted.some((one) => MEDIA.test(one))) {
    throw new NotAllowed(415, "Unsupported 'Accept' header.", [
      `accept: ${headers.accept} names no type that this server answers in`,
    ]);
  }
}

export function operationFor({ method, url }: Incoming): {
  readonly operation: Operation;
  readonly path: Fields;
} {
  const route = findRoute(method, url.pathname);
  if (route !== null) return route;
  throw new NotAllowed(404, 'Not Found', [
    `${method} ${url.pathname} is no operation of this server's description`,
  ]);
}

export function checkRequest(incoming: Incoming, operation: Operation, rawPath: Fields): Checked {
  const path = { ...rawPath };
  const query = queryOf(incoming.url.searchParams);
  const problems = [
    ...parameterProblems(schemaFor(operation, 'path'), path).map((problem) => `path ${problem}`),
    ...parameterProblems(schemaFor(operation, 'query'), query).map((problem) => `query ${problem}`),
  ];
  const { body, wrong } = bodyOf(incoming, operation);
  problems.push(...wrong.map((problem) => `body ${problem}`));
  if (problems.length === 0) return { operation, path, query, body };
  throw new NotAllowed(422, `Invalid request.\n\n${problems.join('\n')}`, problems);
}

function queryOf(search: URLSearchParams): Record<string, unknown> {
  const names = [...new Set(search.keys())];
  return Object.fromEntries(
    names.map((name) => {
      const values = search.getAll(name);
      return [name, values.length === 1 ? values[0] : values];
    }),
  );
}

const schemas = new WeakMap<Operation, Map<string, Fields>>();

function schemaFor(operation: Operation, place: 'path' | 'query'): Fields {
  const known = schemas.get(operation) ?? new Map<string, Fields>();
  schemas.set(operation, known);
  const schema = known.get(place) ?? parameterSchema(operation.parameters.filter((one) => one.in === place));
  known.set(place, schema);
  return schema;
}

/** A text that may stand for a number fits several branches, so that `oneOf` is read as `anyOf`. */
function parameterSchema(parameters: readonly Parameter[]): Fields {
  const property = ({ schema: { oneOf, ...rest } }: Parameter) =>
    oneOf === undefined ? rest : { ...rest, anyOf: oneOf };
  return {
    type: 'object',
    properties: Object.fromEntries(parameters.map((one) => [one.name, property(one)])),
    required: parameters.filter((one) => one.required).map((one) => one.name),
  };
}

function bodyOf(
  { headers, body }: Incoming,
  operation: Operation,
): { readonly body: Fields; readonly wrong: readonly string[] } {
  if (body === '') return { body: {}, wrong: operation.body?.required ? ['is missing'] : [] };
  if (operation.body === null) return { body: {}, wrong: ['is not expected here'] };
  if (!/^application\/(json|vnd\.github[\w.]*\+json)\b/.test(headers['content-type'] ?? '')) {
    return { body: {}, wrong: [`has content-type ${headers['content-type']}, not application/json`] };
  }
  const parsed = parse(body);
  const wrong = bodyProblems(operation.body.schema, parsed);
  return { body: Array.isArray(parsed) ? { items: list(parsed) } : fields(parsed), wrong };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new NotAllowed(400, 'Problems parsing JSON', ['body is not JSON']);
  }
}

import {
  type DocumentNode,
  executeSync,
  type GraphQLError,
  Kind,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { type Fields, fields, isFields, optionalText } from '../json.ts';
import type { Outgoing } from '../outgoing.ts';
import type { Refusal } from '../refusal.ts';
import { NotAllowed } from '../request.ts';
import type { World } from '../state/world.ts';
import { rootOf } from './resolve.ts';
import { schema } from './schema.ts';
import { type Asker, Told } from './told.ts';

export interface Question {
  readonly document: DocumentNode;
  /** Of the query; empty for none. */
  readonly name: string;
  readonly variables: Fields;
}

const KEYS = ['query', 'variables', 'operationName'];

/** A query that the schema allows; anything else is a mistake in the client. */
export function questionIn(text: string): Question {
  const body = jsonIn(text);
  const unknown = Object.keys(body).filter((key) => !KEYS.includes(key));
  if (unknown.length > 0) throw wrong(unknown.map((key) => `body /${key} is no part of a GraphQL request`));
  const variables = body.variables ?? {};
  if (!isFields(variables)) throw wrong(['body /variables is no object']);
  const document = documentIn(optionalText(body, 'query') ?? '');
  const problems = validate(schema, document, specifiedRules).map(({ message }) => message);
  if (problems.length > 0) throw wrong(problems);
  const [operation] = document.definitions.flatMap((one) =>
    one.kind === Kind.OPERATION_DEFINITION ? one : [],
  );
  if (operation?.operation !== OperationTypeNode.QUERY)
    throw wrong(['a mutation is nothing that this server does']);
  return { document, name: operation.name?.value ?? '', variables };
}

function jsonIn(text: string): Fields {
  try {
    return fields(JSON.parse(text));
  } catch {
    throw new NotAllowed(400, 'Problems parsing JSON', ['body is not JSON']);
  }
}

function documentIn(text: string): DocumentNode {
  try {
    return parse(text);
  } catch (error) {
    throw wrong([error instanceof Error ? error.message : String(error)]);
  }
}

/** GitHub tells of a bad query with 200, too. */
function wrong(problems: readonly string[]): NotAllowed {
  return new NotAllowed(200, problems.join('; '), problems);
}

export interface GraphQLAnswer {
  readonly outgoing: Outgoing;
  /** Why the schema does not allow what this server would have said. */
  readonly problems: readonly string[];
}

/** What the reference implementation makes of the query; it holds every value against the schema. */
export function answerTo({ document, variables }: Question, world: World, asker: Asker): GraphQLAnswer {
  const result = executeSync({
    ...{ schema, document, variableValues: variables, contextValue: asker, rootValue: rootOf(world) },
  });
  const errors = result.errors ?? [];
  const problems = errors.filter((error) => toldBy(error) === null).map(({ message }) => message);
  const body = { data: result.data ?? null, ...(errors.length === 0 ? {} : { errors: errors.map(asTold) }) };
  return { outgoing: outgoingOf(body), problems };
}

function toldBy({ originalError }: GraphQLError): Told | null {
  return originalError instanceof Told ? originalError : null;
}

function asTold(error: GraphQLError) {
  const { path, locations, message } = error;
  return { type: toldBy(error)?.type, path, locations, message };
}

function outgoingOf(body: object, headers: Readonly<Record<string, string>> = {}): Outgoing {
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  };
}

/** Types of errors by the status that the REST API would have given. */
const TYPES: Readonly<Record<number, string>> = { 403: 'FORBIDDEN', 404: 'NOT_FOUND', 422: 'UNPROCESSABLE' };

/**
 * A refusal as GraphQL tells it: with 200 wherever the query was looked at, and so when the allowance is used up.
 * https://docs.github.com/graphql/overview/rate-limits-and-node-limits-for-the-graphql-api#exceeding-the-rate-limit
 */
export function refusedQuestion(refusal: Refusal): Outgoing {
  const { status, message, headers } = refusal;
  const isPrimary = headers['x-ratelimit-remaining'] === '0';
  if (isPrimary) return outgoingOf({ errors: [{ type: 'RATE_LIMITED', message }] }, headers);
  const isSecondary = /secondary rate limit/.test(message);
  if (status === 200) return outgoingOf({ errors: [{ message }] }, headers);
  const type = TYPES[status];
  if (type !== undefined && !isSecondary)
    return outgoingOf({ data: null, errors: [{ type, message }] }, headers);
  const body = { message, documentation_url: 'https://docs.github.com/graphql' };
  return { ...outgoingOf(body, headers), status };
}

import { createHash } from 'node:crypto';
import { description, type Operation, resolve } from './description.ts';
import { fill } from './fill.ts';
import type { Answer } from './handlers/call.ts';
import { type Fields, fields } from './json.ts';
import { pageOf } from './pages.ts';
import type { Refusal } from './refusal.ts';
import { answerProblems } from './validate.ts';

export interface Outgoing {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Empty for none. */
  readonly body: string;
}

const schemaNamed = (name: string): Fields => fields(fields(fields(description.components).schemas)[name]);
const BASIC_ERROR = schemaNamed('basic-error');
const VALIDATION_ERROR = schemaNamed('validation-error');

/** What GitHub answers to any operation, whether its description lists it or not. */
const ANYWHERE = new Set([304, 400, 401, 403, 404, 409, 415, 422, 429, 500, 501, 502, 503, 504]);

export function refusalBody(refusal: Refusal, operation: Operation | null): Outgoing {
  const documented = operation?.answers.get(refusal.status) ?? null;
  const schema = documented ?? (refusal.errors.length > 0 ? VALIDATION_ERROR : BASIC_ERROR);
  const known = fields(resolve(schema).properties);
  const whole: Fields = {
    message: refusal.message,
    documentation_url: 'https://docs.github.com/rest',
    status: String(refusal.status),
    ...(refusal.errors.length > 0 ? { errors: refusal.errors } : {}),
  };
  const body = Object.fromEntries(Object.entries(whole).filter(([key]) => known[key] !== undefined));
  return {
    status: refusal.status,
    headers: { ...JSON_TYPE, ...refusal.headers },
    body: JSON.stringify(body),
  };
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' } as const;

export interface Composed {
  readonly outgoing: Outgoing;
  /** Why the description does not allow this answer. */
  readonly problems: readonly string[];
}

/** The page asked for, filled up to what the description requires, and compared with it. */
export function compose(answer: Answer, operation: Operation, query: Fields, url: URL): Composed {
  const page = answer.list === undefined ? null : pageOf(operation, query, answer.list.items, url);
  const said = page === null ? answer.body : wrapped(answer, page.items);
  const schema = operation.answers.get(answer.status);
  const body = schema === null || schema === undefined ? said : fill(schema, said);
  const text = body === undefined ? '' : JSON.stringify(body);
  const headers = {
    ...(text === '' ? {} : { ...JSON_TYPE, etag: etagOf(text) }),
    ...(page?.link == null ? {} : { link: page.link }),
    ...answer.headers,
  };
  return {
    outgoing: { status: answer.status, headers, body: text },
    problems: wrongWith(answer, operation, text),
  };
}

function wrapped({ body, list }: Answer, items: readonly unknown[]): unknown {
  return list?.under === undefined ? items : { ...fields(body), [list.under]: items };
}

function wrongWith({ status }: Answer, operation: Operation, text: string): readonly string[] {
  const schema = operation.answers.get(status);
  if (schema === undefined) return ANYWHERE.has(status) ? [] : [`status ${status} is not in the description`];
  if (schema === null)
    return text === '' || status >= 400 ? [] : [`status ${status} has no body in the description`];
  return answerProblems(schema, JSON.parse(text === '' ? 'null' : text));
}

const etagOf = (text: string): string => `W/"${createHash('sha256').update(text).digest('hex')}"`;

/** https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate */
export function ifChanged(outgoing: Outgoing, method: string, known: string | undefined): Outgoing {
  const isSame =
    method === 'GET' && outgoing.status === 200 && known !== undefined && known === outgoing.headers.etag;
  return isSame ? { status: 304, headers: outgoing.headers, body: '' } : outgoing;
}

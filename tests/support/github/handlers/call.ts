import { createHash } from 'node:crypto';
import { type Fields, integer, text } from '../json.ts';
import type { Token } from '../permissions.ts';
import type { RateLimit } from '../rate-limit.ts';
import { notFound } from '../refusal.ts';
import { findRepository, type Repository, type World } from '../state/world.ts';

/** A request that the description allows, made by somebody who may. */
export interface Call {
  readonly operationId: string;
  readonly path: Fields;
  /** With the documented defaults. */
  readonly query: Fields;
  readonly body: Fields;
  readonly world: World;
  readonly token: Token;
  readonly rate: RateLimit;
  /** ISO 8601, whole seconds. */
  readonly now: string;
  /** Where the API answers, without a slash at the end. */
  readonly api: string;
}

export interface Answer {
  readonly status: number;
  /** What matters; `fill` adds what the description requires besides. Undefined for an answer without a body. */
  readonly body?: unknown;
  /** The whole list, of which the page asked for is sent: the body itself, or the value of one of its keys. */
  readonly list?: { readonly items: readonly unknown[]; readonly under?: string };
  readonly headers?: Readonly<Record<string, string>>;
  /** The repository after a write. */
  readonly repository?: Repository;
}

export type Handler = (call: Call) => Answer;
export type Handlers = Readonly<Record<string, Handler>>;

export function repositoryOf(call: Call): Repository {
  const found = findRepository(call.world, `${text(call.path, 'owner')}/${text(call.path, 'repo')}`);
  if (found === undefined) throw notFound();
  return found;
}

export const repositoryUrl = (call: Call): string =>
  `${call.api}/repos/${text(call.path, 'owner')}/${text(call.path, 'repo')}`;

/** Gives out the next id of a repository. */
export function numbered(repository: Repository): { readonly id: number; readonly repository: Repository } {
  const id = repository.lastId + 1;
  return { id, repository: { ...repository, lastId: id } };
}

export function pick<Value>(map: ReadonlyMap<number, Value>, path: Fields, name: string): Value {
  const found = map.get(integer(path, name));
  if (found === undefined) throw notFound();
  return found;
}

/** Opaque, and the same for the same thing. */
export const nodeId = (kind: string, id: number | string): string =>
  `${kind}_${createHash('sha1').update(`${kind}${id}`).digest('base64url').slice(0, 16)}`;

/** The same number for the same name. */
export const numberFrom = (name: string): number =>
  Number.parseInt(createHash('sha1').update(name).digest('hex').slice(0, 7), 16);

export function user(call: Pick<Call, 'api'>, login: string): Fields {
  const id = numberFrom(login);
  const type = login.endsWith('[bot]') ? 'Bot' : 'User';
  const url = `${call.api}/users/${encodeURIComponent(login)}`;
  return { login, id, node_id: nodeId('U', id), url, html_url: url, type };
}

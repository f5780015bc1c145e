import type { Asked, Fault, Faults } from './faults.ts';
import { attemptQuery, GRAPHQL } from './graphql/react.ts';
import type { Answer, Handlers } from './handlers/call.ts';
import { optionalText } from './json.ts';
import { compose, ifChanged, type Outgoing, refusalBody } from './outgoing.ts';
import { acceptedHeader, mayCall, type Need, needsOf, refusalFor, type Token } from './permissions.ts';
import { type RateLimiter, rateHeaders } from './rate-limit.ts';
import { Refusal } from './refusal.ts';
import {
  type Checked,
  checkHeaders,
  checkRequest,
  type Incoming,
  NotAllowed,
  operationFor,
} from './request.ts';
import { findRepository, fullName, type World, withRepository } from './state/world.ts';
import { note, refuseAsFault, type Seen, spend, tokenOf } from './steps.ts';

/** How many writes back a stale answer can come from. */
const KEPT_WORLDS = 100;

export interface Violation {
  /** The request was wrong, or the answer that this server would have given. */
  readonly side: 'request' | 'answer';
  readonly operationId: string | null;
  readonly request: string;
  readonly problems: readonly string[];
}

export interface Logged {
  /** Null for what is no operation. */
  readonly operationId: string | null;
  readonly method: string;
  readonly path: string;
  readonly login: string | null;
  /** Any one of these permissions is enough. */
  readonly needs: readonly Need[];
  /** Null when the client never saw an answer. */
  readonly status: number | null;
  readonly fault: Fault['do'] | null;
}

/** Everything the server knows; the worlds before each write are kept for stale answers. */
export interface Memory {
  world: World;
  readonly earlier: World[];
  readonly tokens: Map<string, Token>;
  readonly violations: Violation[];
  readonly log: Logged[];
}

export interface Service {
  readonly memory: Memory;
  readonly handlers: Handlers;
  readonly faults: Faults;
  readonly limiter: RateLimiter;
  /** GraphQL has an allowance of its own. */
  readonly queries: RateLimiter;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Where clients reach the API, prefix included. */
  readonly api: () => string;
  /** What a read is answered from: the past, when it is to be stale. */
  readonly worldFor: (fault: Fault | null) => World;
}

/** What is to happen on the wire. */
export interface Reaction {
  readonly outgoing: Outgoing;
  readonly fault: Fault | null;
}

/** Decides the whole answer and does the whole effect, in one go: nothing comes between. */
export function react(service: Service, incoming: Incoming): Reaction {
  const { memory } = service;
  const seen: Seen = { operation: null, operationId: null, token: null, fault: null };
  const isQuery = incoming.url.pathname === GRAPHQL;
  const asked: Need[] = [];
  const outgoing = isQuery ? attemptQuery(service, incoming, seen, asked) : attempt(service, incoming, seen);
  const { operation, operationId, token, fault } = seen;
  const needs = operation === null ? asked : needsOf(operation.operationId);
  const isLost = fault?.do === 'hang' || fault?.do === 'cut' || fault?.do === 'lose-answer';
  memory.log.push({
    operationId,
    method: incoming.method,
    path: `${incoming.url.pathname}${incoming.url.search}`,
    login: token?.login ?? null,
    needs: needs ?? [],
    status: isLost ? null : outgoing.status,
    fault: fault?.do ?? null,
  });
  const accepted = isQuery ? '' : acceptedHeader(needs);
  const rates = isQuery
    ? rateHeaders(service.queries.now(), 'graphql')
    : rateHeaders(service.limiter.now(), 'core');
  const headers = {
    ...rates,
    'x-github-media-type': 'github.v3; format=json',
    'x-github-request-id': memory.log.length.toString(16).padStart(8, '0').toUpperCase(),
    ...(accepted === '' ? {} : { 'x-accepted-github-permissions': accepted }),
    ...outgoing.headers,
  };
  return { outgoing: { ...outgoing, headers }, fault };
}

function attempt(service: Service, incoming: Incoming, seen: Seen): Outgoing {
  try {
    seen.token = tokenOf(service, incoming);
    checkHeaders(incoming);
    const { operation, path } = operationFor(incoming);
    seen.operation = operation;
    seen.operationId = operation.operationId;
    spend(service, operation);
    const checked = checkRequest(incoming, operation, path);
    seen.fault = service.faults.next(asked(checked, incoming));
    refuseAsFault(service, seen.fault);
    authorize(service, checked, seen.token);
    return answer(service, checked, seen, incoming);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error instanceof NotAllowed) note(service, 'request', seen, incoming, error.problems);
    return refusalBody(error, seen.operation);
  }
}

const asked = ({ operation, body }: Checked, { method, url }: Incoming): Asked => ({
  operationId: operation.operationId,
  method,
  path: url.pathname,
  body,
});

function authorize({ memory }: Service, { operation, path }: Checked, token: Token): void {
  const name = `${optionalText(path, 'owner')}/${optionalText(path, 'repo')}`;
  const repository = path.repo === undefined ? undefined : findRepository(memory.world, name);
  if (path.repo !== undefined && repository === undefined) throw new Refusal(404, 'Not Found');
  const isHidden = repository?.private ?? false;
  const isOutside = repository !== undefined && token.repositories?.includes(fullName(repository)) === false;
  const isAllowed = mayCall(token, needsOf(operation.operationId));
  if (!isAllowed || (isOutside && (isHidden || operation.method !== 'GET'))) {
    throw refusalFor(token, operation.method, isHidden);
  }
}

function answer(service: Service, checked: Checked, seen: Seen, incoming: Incoming): Outgoing {
  const { memory, limiter, clock } = service;
  const { operation, query } = checked;
  const handler = service.handlers[operation.operationId];
  if (handler === undefined || seen.token === null) {
    throw new NotAllowed(501, 'Not Implemented', [
      `${operation.operationId} is described, but not yet built here`,
    ]);
  }
  const world = operation.method === 'GET' ? service.worldFor(seen.fault) : memory.world;
  const now = `${new Date(clock()).toISOString().slice(0, 19)}Z`;
  const given: Answer = handler({
    ...checked,
    ...{
      operationId: operation.operationId,
      world,
      token: seen.token,
      now,
      api: service.api(),
      rate: limiter.now(),
    },
  });
  const { outgoing, problems } = compose(given, operation, query, urlOf(service, incoming));
  if (problems.length > 0) {
    note(service, 'answer', seen, incoming, problems);
    throw new Refusal(500, `the answer is not one that the description allows: ${problems.join('; ')}`);
  }
  if (given.repository !== undefined) {
    memory.earlier.push(memory.world);
    if (memory.earlier.length > KEPT_WORLDS) memory.earlier.shift();
    memory.world = withRepository(memory.world, given.repository);
  }
  const sent = ifChanged(outgoing, operation.method, incoming.headers['if-none-match']);
  if (sent.status === 304) limiter.giveBack();
  return sent;
}

/** The world now, or before the last writes. */
export function worldIn({ world, earlier }: Memory, fault: Fault | null): World {
  if (fault?.do !== 'stale') return world;
  return earlier[Math.max(0, earlier.length - fault.writes)] ?? world;
}

const urlOf = (service: Service, { url }: Incoming): URL =>
  new URL(`${service.api()}${url.pathname}${url.search}`);

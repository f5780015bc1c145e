import { z } from 'zod';
import type { Milliseconds } from '../../core/units.ts';
import { messageOf } from '../../ports/adapter-error.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Forge, ForgeAnswer, ForgeCall, ForgeQuery } from '../../ports/forge.ts';
import { failed, failureOf, stopped } from './failure.ts';
import { queryRoute } from './graphql.ts';
import { type Headers, messageIn, neverArrived, type Reply } from './reply.ts';
import { isThrottled } from './throttle.ts';
import { openTransport, type Transport } from './transport.ts';

export interface GitHubOptions {
  /** GITHUB_API_URL, GITHUB_SERVER_URL, GITHUB_REPOSITORY and the token are read from here. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Name of the variable that holds the token. */
  readonly tokenEnv?: string;
  readonly clock: Clock;
  readonly mask: (secret: string) => void;
  /** For one attempt. Default: 5 s. */
  readonly timeout?: Milliseconds;
  /** From 0 to 1, for the jitter. */
  readonly random?: () => number;
}

/** Tries after the first one, of what may be tried again. */
const RETRIES = 3;
/** Before the first retry at most; each pause after it may be twice as long. */
const FIRST_PAUSE: Milliseconds = 400;
/** When the server asks for a longer pause, nobody waits for it: the caller hears of it at once. */
const PATIENCE: Milliseconds = 15_000;
/** The most that GitHub puts on a page. */
const PAGE = 100;

/**
 * GitHub's REST API, and its GraphQL API for what only that can tell, for one repository. All requests share one count, and one pause when the server asks for
 * it. Throws an AdapterError when there is no token or no repository.
 */
export function createGitHub(options: GitHubOptions): Forge {
  const { env, clock, mask, timeout = 5_000, tokenEnv = 'GITHUB_TOKEN', random = Math.random } = options;
  const token = env[tokenEnv] ?? '';
  if (token === '') throw failed('unauthorized', false, noToken(tokenEnv));
  mask(token);
  const repository = repositoryIn(env.GITHUB_REPOSITORY ?? '');
  const apiUrl = bare(env.GITHUB_API_URL, 'https://api.github.com');
  const transport = openTransport({ token, apiUrl, clock, timeout });
  const patient = { transport, repository, tokenEnv, timeout, clock, random };
  const { owner, repo } = repository;
  return {
    ...repository,
    webUrl: `${bare(env.GITHUB_SERVER_URL, 'https://github.com')}/${owner}/${repo}`,
    request: async (call, signal) => (await demand(patient, call, {}, signal)).data,
    attempt: async (call, signal) => (await ask(patient, call, {}, signal)).answer,
    paginate: (call, limit, signal) => allPages(patient, call, limit, signal),
    query: async (query, signal) => (await demand(patient, asCall(query, repository), {}, signal)).data,
    usage: transport.usage,
  };
}

interface Patient extends Required<Pick<GitHubOptions, 'tokenEnv' | 'timeout' | 'clock' | 'random'>> {
  readonly transport: Transport;
  readonly repository: Repository;
}

interface Repository {
  readonly owner: string;
  readonly repo: string;
}

interface Answered<T> {
  readonly answer: ForgeAnswer<T>;
  readonly reply: Reply & { readonly kind: 'answered' };
}

/** What `graphql.ts` sends; asking changes nothing, so that it may be asked again. */
function asCall<T>({ name, fields, takes = '', variables, answer }: ForgeQuery<T>, repository: Repository) {
  const arguments_ = `$owner: String!, $repo: String!${takes === '' ? '' : `, ${takes}`}`;
  const query = `query ${name}(${arguments_}) { repository(owner: $owner, name: $repo) { ${fields} } }`;
  const params = { query, variables: { ...repository, ...variables }, owner: undefined, repo: undefined };
  const inside = { parse: (data: unknown) => answer.parse(answered.parse(data).data.repository) };
  return { route: queryRoute(name), params, answer: inside, repeatable: true } satisfies ForgeCall<T>;
}

const answered = z.object({ data: z.object({ repository: z.record(z.string(), z.unknown()) }) });

/** Sends a request until it is answered, as often as that is safe. */
async function ask<T>(
  patient: Patient,
  call: ForgeCall<T>,
  page: object,
  signal: AbortSignal,
): Promise<Answered<T>> {
  const { transport, repository, clock, random } = patient;
  const { route } = call;
  const repeatable = call.repeatable === true || route.startsWith('GET ');
  for (let tried = 0; ; tried += 1) {
    const closed = transport.closedFor(route);
    if (closed > PATIENCE) throw failed('refused', true, tooMany(route, closed));
    if (closed > 0) await clock.sleep(closed, signal);
    if (signal.aborted) throw stopped(route);
    const reply = await transport.send(route, { ...repository, ...call.params, ...page }, signal);
    if (signal.aborted && reply.kind === 'unanswered') throw stopped(route);
    const answered = understand(call, reply);
    if (answered !== null) return answered;
    const failure = failureOf(reply, { route, ...patient });
    const again = failure.retryable && (repeatable || wasNotDone(reply));
    if (!again || tried >= RETRIES) throw failure;
    await clock.sleep(random() * FIRST_PAUSE * 2 ** tried, signal);
  }
}

/** The same, for callers to whom a refusal is a failure. */
async function demand<T>(
  patient: Patient,
  call: ForgeCall<T>,
  page: object,
  signal: AbortSignal,
): Promise<{ readonly data: T; readonly headers: Headers }> {
  const { answer, reply } = await ask(patient, call, page, signal);
  if (answer.kind === 'refused') throw failureOf(reply, { route: call.route, ...patient });
  return { data: answer.data, headers: reply.headers };
}

async function allPages<T>(
  patient: Patient,
  call: ForgeCall<readonly T[]>,
  limit: number,
  signal: AbortSignal,
): Promise<readonly T[]> {
  const found: T[] = [];
  const size = Math.min(limit, PAGE);
  for (let page = 1; found.length < limit; page += 1) {
    const { data, headers } = await demand(patient, call, { per_page: size, page }, signal);
    found.push(...data);
    if (!String(headers.link ?? '').includes('rel="next"')) break;
  }
  return found.slice(0, limit);
}

/** Null when the reply is a failure. */
function understand<T>(call: ForgeCall<T>, reply: Reply): Answered<T> | null {
  if (reply.kind === 'unanswered') return null;
  const { status, data } = reply;
  if (status === 404 || status === 409 || status === 422)
    return { answer: { kind: 'refused', status, message: messageIn(data) }, reply };
  // Half a body is not JSON and comes as text.
  if (status >= 300 || (typeof data === 'string' && status !== 204)) return null;
  try {
    return { answer: { kind: 'done', data: call.answer.parse(data) }, reply };
  } catch (error) {
    const why = messageOf(error).replaceAll(/\s+/g, ' ').slice(0, 300);
    const message = `expected the answer to ${call.route} that GitHub describes, saw another (${why}); check GITHUB_API_URL`;
    throw failed('invalid-answer', false, message);
  }
}

/** Sure not to have had any effect, so that anything may be sent again. */
function wasNotDone(reply: Reply): boolean {
  return reply.kind === 'unanswered'
    ? neverArrived(reply.why)
    : isThrottled(reply.status, reply.headers, reply.data);
}

function repositoryIn(text: string): Repository {
  const [, owner, repo] = /^([^/\s]+)\/([^/\s]+)$/.exec(text) ?? [];
  if (owner !== undefined && repo !== undefined) return { owner, repo };
  const seen = text === '' ? 'nothing' : `"${text}"`;
  const message = `expected owner/name in GITHUB_REPOSITORY, saw ${seen}; outside of GitHub Actions set it yourself`;
  throw failed('refused', false, message);
}

function bare(url: string | undefined, fallback: string): string {
  return (url || fallback).replace(/\/+$/, '');
}

function noToken(tokenEnv: string): string {
  return `expected a token in the variable ${tokenEnv}, saw nothing; pass \`github-token\` to the action, or set ${tokenEnv}`;
}

function tooMany(route: string, closed: Milliseconds): string {
  const seconds = Math.ceil(closed / 1_000);
  return `expected GitHub to take ${route}, but it asked for ${seconds} s without requests; let fewer jobs use this repository's allowance`;
}

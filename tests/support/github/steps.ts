import type { Operation } from './description.ts';
import type { Fault } from './faults.ts';
import type { Token } from './permissions.ts';
import { Refusal } from './refusal.ts';
import type { Incoming } from './request.ts';
import type { Service, Violation } from './service.ts';

/** What is known of a request so far. */
export interface Seen {
  operation: Operation | null;
  /** GitHub's own name of it, or `graphql/` and the name of the query. */
  operationId: string | null;
  token: Token | null;
  fault: Fault | null;
}

export function note(
  { memory }: Service,
  side: Violation['side'],
  { operationId }: Seen,
  { method, url }: Incoming,
  problems: readonly string[],
): void {
  const request = `${method} ${url.pathname}${url.search}`;
  memory.violations.push({ side, operationId, request, problems });
}

export function tokenOf({ memory }: Service, { headers }: Incoming): Token {
  const given = /^(?:token|bearer) (\S+)$/i.exec(headers.authorization ?? '')?.[1];
  if (given === undefined) throw new Refusal(401, 'Requires authentication');
  const token = memory.tokens.get(given);
  if (token === undefined) throw new Refusal(401, 'Bad credentials');
  return token;
}

/** https://docs.github.com/rest/rate-limit/rate-limit: asking for the limit does not count against it. */
export function spend({ limiter }: Service, { operationId }: Operation): void {
  if (operationId === 'rate-limit/get' || limiter.take()) return;
  throw new Refusal(403, 'API rate limit exceeded for installation.');
}

/** https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit */
export function refuseAsFault({ clock }: Service, fault: Fault | null): void {
  if (fault === null) return;
  if (fault.do === 'server-error') throw new Refusal(fault.status, 'Server Error');
  if (fault.do === 'refuse') throw new Refusal(fault.status, fault.message);
  if (fault.do === 'cut' || fault.do === 'hang') throw new Refusal(503, 'never sent');
  if (fault.do === 'secondary-limit') {
    const after = fault.retryAfterSeconds;
    const headers = after === undefined ? {} : { 'retry-after': String(after) };
    const message =
      'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
    throw new Refusal(fault.status ?? 403, message, [], headers);
  }
  if (fault.do === 'primary-limit') {
    const reset = Math.ceil(clock() / 1000) + fault.resetInSeconds;
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(reset) };
    throw new Refusal(fault.status ?? 403, 'API rate limit exceeded for installation.', [], headers);
  }
}

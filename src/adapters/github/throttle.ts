import type { EpochMs, Milliseconds } from '../../core/units.ts';
import { type Headers, messageIn, numberIn, type Reply } from './reply.ts';

/** When the server does not say how long, its documentation asks for a minute. */
const UNTOLD: Milliseconds = 60_000;

export interface Pause {
  readonly ms: Milliseconds;
  /** Whether it is for REST and GraphQL alike, not for the one whose allowance is used up. */
  readonly shared: boolean;
}

/**
 * How long no request may be sent after this reply, by the server's own word: `retry-after` first, then an
 * allowance that is used up until its reset. Null when it asks for nothing.
 */
export function pauseAsked(reply: Reply, now: EpochMs): Pause | null {
  if (reply.kind === 'unanswered') return null;
  const { status, headers, data } = reply;
  const after = numberIn(headers, 'retry-after');
  if (after !== null && (status === 403 || status === 429 || status >= 500))
    return { ms: after * 1_000, shared: true };
  if (numberIn(headers, 'x-ratelimit-remaining') === 0)
    return { ms: untilReset(headers, now), shared: false };
  return status === 429 || (status === 403 && isSecondary(data)) ? { ms: UNTOLD, shared: true } : null;
}

/** Whether the server refused only because of too many requests. */
export function isThrottled(status: number, headers: Headers, data: unknown): boolean {
  if (status === 429) return true;
  if (status !== 403) return false;
  const asked = numberIn(headers, 'retry-after') !== null || numberIn(headers, 'x-ratelimit-remaining') === 0;
  return asked || isSecondary(data);
}

function isSecondary(data: unknown): boolean {
  return /secondary rate limit|abuse detection/i.test(messageIn(data));
}

/** By the server's own clock where it tells it: ours may be wrong. */
function untilReset(headers: Headers, now: EpochMs): Milliseconds {
  const reset = numberIn(headers, 'x-ratelimit-reset');
  if (reset === null) return UNTOLD;
  const date = typeof headers.date === 'string' ? Date.parse(headers.date) : Number.NaN;
  return Math.max(1_000, reset * 1_000 - (Number.isFinite(date) ? date : now) + 1_000);
}

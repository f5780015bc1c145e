import { z } from 'zod';
import type { Slot } from '../../../core/rollout/record.ts';
import type { EpochMs, Milliseconds } from '../../../core/units.ts';
import { AdapterError } from '../../../ports/adapter-error.ts';
import type { Shares } from '../../../ports/traffic-router.ts';
import { allOn, type TrafficState } from '../embedded/traffic-state.ts';
import { toHundredths } from '../shares.ts';

export const PROVIDER = 'nginx-plus-router';
const WHOLE = 10_000;

/** What holds as long as nobody has a lease: the value of the key in `zone`, which never runs out. */
export interface Settled {
  readonly shares: Shares;
  /** The largest fencing token seen. */
  readonly token: number;
  /** Who took the last lease; null once the weights were settled. */
  readonly holder: string | null;
}

/** What holds before that: the value of the key in `lease-zone`, which nginx itself takes away after the lease. */
export interface Leased {
  readonly shares: Shares;
  readonly holder: string;
  readonly fallback: Slot;
  readonly ttl: Milliseconds;
  /** By the clock of who wrote it: told to people, decides nothing. */
  readonly until: EpochMs;
}

/** What one nginx holds. */
export interface Seen {
  /** Null when the key is not there. */
  readonly settled: Settled | null;
  readonly leased: Leased | null;
}

/** What one nginx is to hold. */
export interface Settling extends Seen {
  readonly settled: Settled;
}

/** The five digits that nginx reads, and the rest that it does not: `01000 token=7&holder=booking-17`. */
export function settledText({ shares, token, holder }: Settled): string {
  return textOf(shares, { token, ...(holder === null ? {} : { holder }) });
}

export function leasedText({ shares, holder, fallback, ttl, until }: Leased): string {
  return textOf(shares, { holder, fallback, ttl, until });
}

function textOf({ b }: Shares, rest: Readonly<Record<string, string | number>>): string {
  const words = new URLSearchParams(
    Object.entries(rest).map(([name, value]): [string, string] => [name, String(value)]),
  );
  return `${String(Math.round(b * 100)).padStart(5, '0')} ${words}`.trimEnd();
}

const whole = z.string().regex(/^\d+$/).transform(Number);
/** Whoever sets the key by hand may write the digits alone. */
const settledWords = z.object({
  token: whole.default(0),
  holder: z.string().min(1).nullable().default(null),
});
const leasedWords = z.object({
  holder: z.string().min(1),
  fallback: z.enum(['a', 'b']),
  ttl: whole,
  until: whole,
});

export function parseSettled(place: string, text: string): Settled {
  const { shares, words } = parse(place, text);
  const parsed = settledWords.safeParse(words);
  if (parsed.success) return { shares, ...parsed.data };
  throw unreadable(place, text);
}

export function parseLeased(place: string, text: string): Leased {
  const { shares, words } = parse(place, text);
  const parsed = leasedWords.safeParse(words);
  if (parsed.success) return { shares, ...parsed.data };
  throw unreadable(place, text);
}

function parse(place: string, text: string): { shares: Shares; words: Record<string, string> } {
  const [, digits = '', rest = ''] = /^(\d{5})(?: (.*))?$/.exec(text) ?? [];
  const share = Number(digits);
  if (digits === '' || share > WHOLE) throw unreadable(place, text);
  const words = Object.fromEntries(new URLSearchParams(rest));
  return { shares: { a: (WHOLE - share) / 100, b: share / 100 }, words };
}

function unreadable(place: string, text: string): AdapterError {
  const seen = JSON.stringify(text.slice(0, 120));
  const message = `expected ${place} to be five digits from 00000 to 10000 and what this router writes after them, saw ${seen}`;
  const fix = 'nobody else may write that key; set it to the digits alone to begin anew';
  return new AdapterError(PROVIDER, 'invalid-answer', `${message}; ${fix}`, { retryable: false });
}

/** A missing key counts as nginx counts it: nothing for slot b. */
export function stateOf({ settled, leased }: Seen): TrafficState {
  const token = settled?.token ?? 0;
  if (leased === null) {
    return { shares: settled?.shares ?? allOn('a'), lease: null, lapsed: settled?.holder ?? null, token };
  }
  const { shares, holder, fallback, ttl, until } = leased;
  return { shares, lease: { holder, fallback, ttl, deadline: until }, lapsed: null, token };
}

/** What an nginx must hold to be in that state. Under a lease, what is settled is where traffic falls back to. */
export function seenOf({ shares, lease, token }: TrafficState): Settling {
  const exact = toHundredths(shares);
  if (lease === null) return { settled: { shares: exact, token, holder: null }, leased: null };
  const { holder, fallback, ttl, deadline } = lease;
  const settled = { shares: allOn(fallback), token, holder };
  return { settled, leased: { shares: exact, holder, fallback, ttl, until: deadline } };
}

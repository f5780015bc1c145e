/** https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api: for GITHUB_TOKEN, an hour and repository. */
export const HOURLY_REQUESTS = 1000;

const HOUR = 3_600_000;

export interface RateLimit {
  readonly limit: number;
  readonly remaining: number;
  /** Seconds since 1970. */
  readonly reset: number;
}

export interface RateLimiter {
  /** False when nothing is left. */
  take(): boolean;
  /** A conditional request that was answered 304 costs nothing. */
  giveBack(): void;
  now(): RateLimit;
}

export function newRateLimiter(limit: number, clock: () => number): RateLimiter {
  let opened = clock();
  let used = 0;
  const renew = () => {
    if (clock() < opened + HOUR) return;
    opened = clock();
    used = 0;
  };
  return {
    take: () => {
      renew();
      if (used >= limit) return false;
      used += 1;
      return true;
    },
    giveBack: () => {
      used = Math.max(0, used - 1);
    },
    now: () => {
      renew();
      return { limit, remaining: limit - used, reset: Math.ceil((opened + HOUR) / 1000) };
    },
  };
}

export const rateHeaders = (
  { limit, remaining, reset }: RateLimit,
  resource: 'core' | 'graphql',
): Readonly<Record<string, string>> => ({
  'x-ratelimit-limit': String(limit),
  'x-ratelimit-remaining': String(remaining),
  'x-ratelimit-used': String(limit - remaining),
  'x-ratelimit-reset': String(reset),
  'x-ratelimit-resource': resource,
});

import { AdapterError } from '../../ports/adapter-error.ts';
import type { Shares } from '../../ports/traffic-router.ts';

/** Refuses shares that nobody can mean, before anything is changed. */
export function checkShares(provider: string, { a, b }: Shares): void {
  if (a >= 0 && b >= 0 && Math.abs(a + b - 100) < 1e-9) return;
  const message = `expected shares that add up to 100, saw a ${a} and b ${b}`;
  throw new AdapterError(provider, 'refused', message, { retryable: false });
}

/** The shares in hundredths of a per cent; 0 and 100 exactly, and a slot with a share never gets none. */
export function toHundredths({ b }: Shares): Shares {
  if (b <= 0 || b >= 100) return b <= 0 ? { a: 100, b: 0 } : { a: 0, b: 100 };
  const share = Math.min(9_999, Math.max(1, Math.round(b * 100)));
  return { a: (10_000 - share) / 100, b: share / 100 };
}

import { AdapterError } from '../../ports/adapter-error.ts';
import type { Shares } from '../../ports/traffic-router.ts';

/** Refuses shares that nobody can mean, before anything is changed. */
export function checkShares(provider: string, { a, b }: Shares): void {
  if (a >= 0 && b >= 0 && Math.abs(a + b - 100) < 1e-9) return;
  const message = `expected shares that add up to 100, saw a ${a} and b ${b}`;
  throw new AdapterError(provider, 'refused', message, { retryable: false });
}

import type { Milliseconds } from '../core/units.ts';

/**
 * A signal that fires after `ms`, or earlier with any of the others. `AbortSignal.timeout` is not used on purpose:
 * behind `AbortSignal.any` Node 20 lets it be collected as garbage, and then it never fires.
 */
export function deadline(ms: Milliseconds, ...others: readonly AbortSignal[]): AbortSignal {
  const over = new AbortController();
  const late = (): void => over.abort(new DOMException('The time for this call is over', 'TimeoutError'));
  setTimeout(late, Math.max(1, Math.ceil(ms))).unref();
  return others.length === 0 ? over.signal : AbortSignal.any([over.signal, ...others]);
}

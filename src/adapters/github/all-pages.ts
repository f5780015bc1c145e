import { AdapterError } from '../../ports/adapter-error.ts';
import type { Forge, ForgeCall } from '../../ports/forge.ts';

/** Nobody can tell anything for sure about a longer list. */
const MOST = 5_000;

/** Every item of a list. A list that has no end here is a failure, not half an answer. */
export async function allOf<T>(
  forge: Forge,
  call: ForgeCall<readonly T[]>,
  signal: AbortSignal,
  most = MOST,
): Promise<readonly T[]> {
  const found = await forge.paginate(call, most, signal);
  if (found.length < most) return found;
  const message = `expected fewer than ${most} answers to ${call.route}, saw ${most} or more; ask about less`;
  throw new AdapterError('github', 'invalid-answer', message, { retryable: false });
}

/** What was asked once is not asked again, whoever asks. */
export function remembered<A extends readonly unknown[], V>(
  load: (...args: A) => Promise<V>,
): (...args: A) => Promise<V> {
  const known = new Map<string, Promise<V>>();
  return (...args) => {
    const key = JSON.stringify(args);
    const before = known.get(key);
    if (before !== undefined) return before;
    const loading = load(...args);
    known.set(key, loading);
    return loading;
  };
}

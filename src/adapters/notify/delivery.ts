import { formatDuration, type Milliseconds } from '../../core/units.ts';
import { AdapterError } from '../../ports/adapter-error.ts';
import type { Clock } from '../../ports/clock.ts';

export interface Delivery {
  readonly provider: string;
  /** For people, without any secret: `the webhook of HOOK_URL`. */
  readonly place: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** For one attempt. */
  readonly timeout: Milliseconds;
  /** Before the one retry, where the receiver does not name a pause of its own. */
  readonly pause: Milliseconds;
  /** Whether to send again what may have arrived. Only where the receiver can tell that it is the same. */
  readonly twice: boolean;
  /** Null when the answer says that it was taken. */
  readonly judge: (status: number, text: string) => AdapterError | null;
}

/** A receiver that asks for more patience than this does not get a second attempt. */
const LONGEST_PAUSE: Milliseconds = 5_000;
const LONGEST_ANSWER = 16_384;

type Attempt =
  | { readonly kind: 'taken' }
  | {
      readonly kind: 'failed';
      readonly error: AdapterError;
      readonly pause: Milliseconds;
      readonly again: boolean;
    };

/** POSTs once, and once more when that may help. Throws what the last attempt came to; no error shows the URL. */
export async function deliver(delivery: Delivery, clock: Clock, signal: AbortSignal): Promise<void> {
  const first = await attempt(delivery, signal);
  if (first.kind === 'taken') return;
  if (!first.again || signal.aborted || first.pause > LONGEST_PAUSE) throw first.error;
  await clock.sleep(first.pause, signal);
  if (signal.aborted) throw first.error;
  const second = await attempt(delivery, signal);
  if (second.kind === 'failed') throw second.error;
}

async function attempt(delivery: Delivery, signal: AbortSignal): Promise<Attempt> {
  const { url, headers, body, timeout, judge, pause } = delivery;
  const within = limitedTo(timeout, signal);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'user-agent': 'deploy-canary', ...headers },
      body,
      redirect: 'manual',
      signal: within.signal,
    });
    const error = judge(response.status, await startOf(response));
    if (error === null) return { kind: 'taken' };
    return { kind: 'failed', error, again: error.retryable, pause: pauseAskedFor(response) ?? pause };
  } catch (error) {
    return { kind: 'failed', pause, ...unanswered(delivery, error, signal, within.signal) };
  } finally {
    within.end();
  }
}

/** Of an answer as much as an error message can be. */
async function startOf(response: Response): Promise<string> {
  const { body } = response;
  if (body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length >= LONGEST_ANSWER) break;
  }
  return text;
}

function pauseAskedFor({ headers }: Response): Milliseconds | null {
  const seconds = headers.get('retry-after') ?? '';
  return /^\d{1,6}$/.test(seconds) ? Number(seconds) * 1_000 : null;
}

/** Nobody knows whether it has arrived, unless there was nobody to take it. */
function unanswered(
  { provider, place, timeout, twice }: Delivery,
  error: unknown,
  signal: AbortSignal,
  within: AbortSignal,
): { readonly error: AdapterError; readonly again: boolean } {
  const failed = (code: AdapterError['code'], retryable: boolean, message: string): AdapterError =>
    new AdapterError(provider, code, message, { retryable });
  if (signal.aborted) {
    const message = `expected ${place} to answer, saw the call stopped before`;
    return { error: failed('timeout', false, message), again: false };
  }
  if (within.aborted) {
    const limit = formatDuration(timeout);
    const message = `expected ${place} to answer within ${limit}, saw nothing; check that it is up`;
    return { error: failed('timeout', true, message), again: twice };
  }
  // The cause stays out of it, because it may hold the URL.
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'no connection';
  const message = `expected ${place} to be reachable, saw ${code}; check its host and port`;
  const unheard = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'].includes(code);
  return { error: failed('unreachable', true, message), again: twice || unheard };
}

function limitedTo(
  timeout: Milliseconds,
  parent: AbortSignal,
): { readonly signal: AbortSignal; readonly end: () => void } {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  const timer = setTimeout(stop, timeout);
  parent.addEventListener('abort', stop, { once: true });
  if (parent.aborted) stop();
  const end = (): void => {
    clearTimeout(timer);
    parent.removeEventListener('abort', stop);
  };
  return { signal: controller.signal, end };
}

/** The URL that a secret holds; what is wrong with it is told without showing it. */
export function urlFromSecret(provider: string, text: string, name: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '')
    return url;
  const seen = text === '' ? 'nothing' : 'something else';
  const message = `expected an http or https URL without credentials in the variable ${name}, saw ${seen}; set it from a secret`;
  throw new AdapterError(provider, 'refused', message, { retryable: false });
}

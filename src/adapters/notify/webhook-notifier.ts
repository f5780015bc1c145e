import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Result } from '../../core/result.ts';
import { formatDuration, type Milliseconds } from '../../core/units.ts';
import type { AdapterContext, Registered } from '../../ports/adapter-context.ts';
import { AdapterError } from '../../ports/adapter-error.ts';
import type { Notifier } from '../../ports/notifier.ts';

const PROVIDER = 'webhook';

export interface WebhookOptions {
  /** Name of the environment variable that holds the URL. */
  readonly urlEnv: string;
  /** For one attempt. */
  readonly timeout: Milliseconds;
  /** Before the one retry. */
  readonly pause: Milliseconds;
}

/**
 * POSTs each result as a CloudEvents 1.0 event in structured JSON mode. Both attempts carry the same event id.
 * The URL is a secret: it is masked, and no error ever shows it.
 */
export function webhookNotifier(options: WebhookOptions, context: AdapterContext): Notifier {
  const url = context.env[options.urlEnv] ?? '';
  if (url !== '') context.mask(url);
  return {
    name: PROVIDER,
    notify: async (result, signal) => {
      const target = checkedUrl(url, options.urlEnv);
      const body = JSON.stringify(eventOf(result, context));
      const failure = await post(target, body, options, signal);
      if (failure === null) return;
      if (!failure.retryable || signal.aborted) throw failure;
      await context.clock.sleep(options.pause, signal);
      if (signal.aborted) throw failure;
      const again = await post(target, body, options, signal);
      if (again !== null) throw again;
    },
  };
}

/** `source` and `id` together name the event, as CloudEvents asks; `data` is the whole result. */
function eventOf(result: Result, { clock }: AdapterContext): Record<string, unknown> {
  const source = ['deploy-canary', result.environment, result.service].map(encodeURIComponent).join('/');
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: `/${source}`,
    type: `dev.shine.deploy-canary.${result.operation}.${result.state}`,
    ...(result.rolloutId === null ? {} : { subject: result.rolloutId }),
    time: new Date(clock.now()).toISOString(),
    datacontenttype: 'application/json',
    data: result,
  };
}

/** Null when it was taken. */
async function post(
  url: URL,
  body: string,
  { urlEnv, timeout }: WebhookOptions,
  signal: AbortSignal,
): Promise<AdapterError | null> {
  const place = `the webhook of ${urlEnv}`;
  const attempt = attemptWithin(timeout, signal);
  try {
    const headers = {
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'user-agent': 'deploy-canary',
    };
    const response = await fetch(url, {
      method: 'POST',
      headers,
      body,
      redirect: 'manual',
      signal: attempt.signal,
    });
    await response.body?.cancel();
    return response.ok ? null : rejected(place, response.status);
  } catch (error) {
    if (signal.aborted)
      return failed('timeout', false, `expected ${place} to answer, saw the call stopped before`);
    if (!attempt.signal.aborted) return unreachable(place, error);
    const limit = formatDuration(timeout);
    return failed(
      'timeout',
      true,
      `expected ${place} to answer within ${limit}, saw nothing; check that it is up`,
    );
  } finally {
    attempt.end();
  }
}

interface Attempt {
  readonly signal: AbortSignal;
  readonly end: () => void;
}

function attemptWithin(timeout: Milliseconds, parent: AbortSignal): Attempt {
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

function checkedUrl(text: string, urlEnv: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '')
    return url;
  const seen = text === '' ? 'nothing' : 'something else';
  const message = `expected an http or https URL without credentials in the variable ${urlEnv}, saw ${seen}; set it from a secret`;
  throw failed('refused', false, message);
}

function rejected(place: string, status: number): AdapterError {
  const told = `expected ${place} to answer with 2xx, saw ${status}`;
  if (status === 401 || status === 403) return failed('unauthorized', false, `${told}; renew its URL`);
  if (status === 429 || status >= 500) return failed('refused', true, `${told}; check the receiving service`);
  return failed('refused', false, `${told}; check that the URL is that of a receiver for CloudEvents`);
}

/** The cause stays out of it, because it may hold the URL. */
function unreachable(place: string, error: unknown): AdapterError {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'no connection';
  return failed(
    'unreachable',
    true,
    `expected ${place} to be reachable, saw ${code}; check its host and port`,
  );
}

function failed(code: AdapterError['code'], retryable: boolean, message: string): AdapterError {
  return new AdapterError(PROVIDER, code, message, { retryable });
}

export const webhookNotifierSchema = z
  .strictObject({
    type: z.literal('webhook').describe('POSTs each result as a CloudEvents 1.0 JSON event.'),
    'url-env': z
      .string()
      .regex(
        /^[A-Za-z_][A-Za-z0-9_]*$/,
        'expected the name of an environment variable; put the URL into a secret',
      )
      .describe(
        'Name of the environment variable that holds the URL. The URL itself is a secret and never stands here.',
      ),
  })
  .describe('A notifier that tells another service.')
  .transform(
    (config): Registered<Notifier> => ({
      type: config.type,
      create: (context) =>
        webhookNotifier({ urlEnv: config['url-env'], timeout: 5_000, pause: 1_000 }, context),
    }),
  );

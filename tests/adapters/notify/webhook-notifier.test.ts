import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { webhookNotifier, webhookNotifierSchema } from '../../../src/adapters/notify/webhook-notifier.ts';
import { systemClock } from '../../../src/adapters/runner/clock.ts';
import { runCommand } from '../../../src/adapters/runner/spawn.ts';
import { type Result, toResult } from '../../../src/core/result.ts';
import { emptyRecord } from '../../../src/core/rollout/record.ts';
import type { AdapterContext } from '../../../src/ports/adapter-context.ts';
import { AdapterError } from '../../../src/ports/adapter-error.ts';

const { signal } = new AbortController();
const result: Result = {
  ...toResult(emptyRecord('booking api', 'production'), {
    operation: 'canary',
    verdict: 'fail',
    reasonCode: 'guardrail-breached',
    message: 'P95 812 ms, limit 800 ms ✗',
    weight: 0,
    warnings: [],
  }),
  rolloutId: 'booking-17',
  state: 'aborted',
};

interface Call {
  readonly headers: IncomingMessage['headers'];
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly body: string;
}

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

/** A real receiver that answers the first call with the first status, and so on; the last one stays. */
async function receiver(
  ...statuses: readonly (number | 'hang' | 'cut')[]
): Promise<{ url: string; calls: Call[] }> {
  const calls: Call[] = [];
  const listener: RequestListener = (request, response) => {
    void text(request).then((body) => answer(body, request, response));
  };
  const answer = (body: string, request: IncomingMessage, response: ServerResponse): void => {
    calls.push({ headers: request.headers, method: request.method, url: request.url, body });
    const status = statuses[Math.min(calls.length, statuses.length) - 1];
    if (status === 'cut') request.socket.destroy();
    else if (status !== 'hang') response.writeHead(status ?? 200, { location: '/elsewhere' }).end('thanks');
  };
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  const address = started.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}/hooks/T0K3N?x=1`, calls };
}

function contextWith(url: string | undefined, masked: string[] = []): AdapterContext {
  return {
    service: 'booking api',
    environment: 'production',
    env: { HOOK_URL: url },
    baseDir: tmpdir(),
    clock: systemClock,
    commands: runCommand,
    mask: (secret) => masked.push(secret),
  };
}

function notifier(url: string | undefined) {
  return webhookNotifier({ urlEnv: 'HOOK_URL', timeout: 250, pause: 20 }, contextWith(url));
}

async function failureOf(work: Promise<void>): Promise<AdapterError> {
  const error = await work.catch((rejected: unknown) => rejected);
  if (error instanceof AdapterError) return error;
  throw new Error(`expected an AdapterError, got ${String(error)}`);
}

/** Everything that a log could show of an error. */
function everythingIn(error: Error): string {
  return `${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`;
}

describe('telling a webhook how a rollout ended', () => {
  it('posts one CloudEvents 1.0 event that carries the whole result', async () => {
    const { url, calls } = await receiver(202);
    await notifier(url).notify(result, signal);
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ method: 'POST', url: '/hooks/T0K3N?x=1' });
    expect(calls[0]?.headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
    const event = JSON.parse(calls[0]?.body ?? '');
    expect(event).toEqual({
      specversion: '1.0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      source: '/deploy-canary/production/booking%20api',
      type: 'dev.shine.deploy-canary.canary.aborted',
      subject: 'booking-17',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      datacontenttype: 'application/json',
      data: JSON.parse(JSON.stringify(result)),
    });
  });

  it('tries once more after a failure on the other side, with the same event', async () => {
    const { url, calls } = await receiver(500, 200);
    await notifier(url).notify(result, signal);
    expect(calls).toHaveLength(2);
    expect(calls[0]?.body).toBe(calls[1]?.body);
  });

  it('has no subject when there was no rollout', async () => {
    const { url, calls } = await receiver(200);
    await notifier(url).notify({ ...result, rolloutId: null, state: 'none' }, signal);
    const event: unknown = JSON.parse(calls[0]?.body ?? '');
    expect(event).not.toHaveProperty('subject');
    expect(event).toMatchObject({ type: 'dev.shine.deploy-canary.canary.none' });
  });

  it.each([
    [500, 2, 'refused'],
    [503, 2, 'refused'],
    [429, 2, 'refused'],
    ['cut', 2, 'unreachable'],
    ['hang', 2, 'timeout'],
    [400, 1, 'refused'],
    [404, 1, 'refused'],
    [401, 1, 'unauthorized'],
    [403, 1, 'unauthorized'],
    [302, 1, 'refused'],
  ] as const)('gives up on %s after %d calls as %s, without showing the URL', async (answer, times, code) => {
    const { url, calls } = await receiver(answer);
    const failure = await failureOf(notifier(url).notify(result, signal));
    expect(failure).toMatchObject({ code, retryable: times === 2 });
    expect(calls).toHaveLength(times);
    expect(everythingIn(failure)).not.toContain('T0K3N');
    expect(failure.message).toContain('HOOK_URL');
  });

  it('fails when nothing listens', async () => {
    const { url } = await receiver(200);
    await new Promise((resolve) => server?.close(resolve));
    const failure = await failureOf(notifier(url).notify(result, signal));
    expect(failure).toMatchObject({ code: 'unreachable', retryable: true });
    expect(failure.message).toContain('ECONNREFUSED');
    expect(everythingIn(failure)).not.toContain('T0K3N');
  });

  it('stops at once when it is told to', async () => {
    const { url, calls } = await receiver('hang');
    const stop = new AbortController();
    const slow = webhookNotifier({ urlEnv: 'HOOK_URL', timeout: 60_000, pause: 60_000 }, contextWith(url));
    const told = slow.notify(result, stop.signal);
    setTimeout(() => stop.abort(), 100);
    expect(await failureOf(told)).toMatchObject({ code: 'timeout', retryable: false });
    expect(calls.length).toBeLessThanOrEqual(1);
  });

  it('does not try again when it is told to stop between its attempts', async () => {
    const { url, calls } = await receiver(500);
    const stop = new AbortController();
    const slow = webhookNotifier({ urlEnv: 'HOOK_URL', timeout: 5_000, pause: 60_000 }, contextWith(url));
    const told = slow.notify(result, stop.signal);
    setTimeout(() => stop.abort(), 150);
    expect(await failureOf(told)).toMatchObject({ code: 'refused' });
    expect(calls).toHaveLength(1);
  });
});

describe('the URL of a webhook', () => {
  it('is masked before it is used', async () => {
    const { url, calls } = await receiver(200);
    const masked: string[] = [];
    webhookNotifierSchema.parse({ type: 'webhook', 'url-env': 'HOOK_URL' }).create(contextWith(url, masked));
    expect(masked).toEqual([url]);
    expect(calls).toEqual([]);
  });

  it.each([
    undefined,
    '',
    'hooks.example/T0K3N',
    'ftp://hooks.example/T0K3N',
    'https://user:T0K3N@hooks.example/',
  ])('is refused when it is %j, when it is needed and not before', async (url) => {
    const failure = await failureOf(notifier(url).notify(result, signal));
    expect(failure).toMatchObject({ code: 'refused', retryable: false });
    expect(failure.message).toContain('HOOK_URL');
    expect(everythingIn(failure)).not.toContain('T0K3N');
  });

  it.each([
    { type: 'webhook', url: 'https://hooks.example/' },
    { type: 'webhook', 'url-env': 'https://hooks.example/' },
    { type: 'webhook', 'url-env': '' },
    { type: 'webhook', 'url-env': 'HOOK_URL', extra: true },
    { type: 'webhook' },
  ])('never stands in the configuration: %j', (config) => {
    expect(webhookNotifierSchema.safeParse(config).success).toBe(false);
  });
});

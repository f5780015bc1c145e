import { text } from 'node:stream/consumers';
import { CloudEvent, HTTP } from 'cloudevents';
import { afterEach, describe, expect, it } from 'vitest';
import { webhookNotifier } from '../../../src/adapters/notify/webhook-notifier.ts';
import type { Result } from '../../../src/core/result.ts';
import { adapterContext } from '../../support/adapter-context.ts';
import { createCleanup, startServer } from '../traffic/scene.ts';
import { ABORTED } from './results.ts';

const { signal } = new AbortController();
const cleanup = createCleanup();
afterEach(cleanup.run);

/** A receiver that reads with the SDK of CloudEvents itself, which refuses what its JSON schema does. */
async function receiver(): Promise<{ url: string; events: CloudEvent<unknown>[] }> {
  const events: CloudEvent<unknown>[] = [];
  const server = await startServer((request, response) => {
    void text(request).then((body) => {
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      );
      const read = HTTP.toEvent<unknown>({ headers, body });
      const event = Array.isArray(read) ? read[0] : read;
      const isTaken = event instanceof CloudEvent && event.validate();
      if (isTaken) events.push(event);
      response.writeHead(isTaken ? 202 : 400).end();
    });
  });
  cleanup.add(server);
  return { url: server.url, events };
}

const tell = (url: string, result: Result): Promise<void> =>
  webhookNotifier(
    { urlEnv: 'HOOK_URL', timeout: 2_000, pause: 20 },
    adapterContext({ env: { HOOK_URL: url } }),
  ).notify(result, signal);

describe('a result as a CloudEvent', () => {
  it('is read and validated by the SDK of CloudEvents', async () => {
    const { url, events } = await receiver();
    await tell(url, ABORTED);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      specversion: '1.0',
      type: 'dev.shine.deploy-canary.canary.aborted',
      source: '/deploy-canary/production/booking',
      subject: 'booking-17',
    });
    expect(events[0]?.data).toEqual(JSON.parse(JSON.stringify(ABORTED)));
  });

  it('is the same event when another run tells the same end, and another one for another end', async () => {
    const { url, events } = await receiver();
    await tell(url, ABORTED);
    await tell(url, { ...ABORTED, operation: 'reconcile' });
    await tell(url, { ...ABORTED, state: 'aborting', reasonCode: 'traffic-not-home' });
    const [first, again, alarm] = events.map(({ id }) => id);
    expect(again).toBe(first);
    expect(alarm).not.toBe(first);
  });
});

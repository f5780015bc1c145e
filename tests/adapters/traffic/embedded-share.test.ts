import { afterEach, describe, expect, it } from 'vitest';
import { fastLoad, startFastSlot } from './fast-load.ts';
import { ask, createCleanup, load, openScene, pause, startServer } from './scene.ts';

const cleanup = createCleanup();
afterEach(cleanup.run);
const quiet = new AbortController().signal;

async function openFast() {
  const [a, b] = [cleanup.add(await startFastSlot('a')), cleanup.add(await startFastSlot('b'))];
  return cleanup.add(await openScene({ slots: { a: a.url, b: b.url } }));
}

describe('the embedded router under load', () => {
  it('gives each slot its exact share of 20,000 requests', async () => {
    const { proxy, router, metrics } = await openFast();
    await router.shift({ shares: { a: 93, b: 7 }, lease: null, token: 1 }, quiet);
    const tally = await fastLoad(proxy.trafficUrl, 20_000, 32);
    expect(tally).toEqual({ a: 18_600, b: 1_400, lost: 0 });
    expect(await metrics()).toContain('requests_total{slot="b",method="GET",code="200",route="other"} 1400');
  }, 240_000);

  it('lets a request end on the slot it began on, whatever happens to the weights', async () => {
    const slow = await startServer((_request, response) => {
      response.setHeader('x-served-by', 'a');
      response.write('begun ');
      setTimeout(() => response.end('done'), 200);
    });
    cleanup.add(slow);
    const { proxy, router } = cleanup.add(await openScene({ slots: { a: slow.url } }));
    const running = ask(proxy.trafficUrl);
    await pause(50);
    await router.shift({ shares: { a: 0, b: 100 }, lease: null, token: 1 }, quiet);
    expect(await ask(proxy.trafficUrl)).toMatchObject({ status: 200, slot: 'b' });
    expect(await running).toMatchObject({ status: 200, slot: 'a', body: 'begun done' });
  });

  it('loses no request over 20 shifts', async () => {
    const { proxy, router } = await openFast();
    const shifting = { done: false };
    const running = load(proxy.trafficUrl, () => !shifting.done);
    for (let token = 1; token <= 20; token += 1) {
      const b = [0, 10, 50, 100, 25][token % 5] ?? 0;
      await router.shift({ shares: { a: 100 - b, b }, lease: null, token }, quiet);
      await pause(60);
    }
    shifting.done = true;
    const tally = await running;
    expect(tally.lost).toBe(0);
    expect(tally.a).toBeGreaterThan(0);
    expect(tally.b).toBeGreaterThan(0);
  });
});

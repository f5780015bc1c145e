import { Agent } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { ask, createCleanup, openScene, startServer } from './scene.ts';

const cleanup = createCleanup();
afterEach(cleanup.run);
const quiet = new AbortController().signal;

type Scene = Awaited<ReturnType<typeof openScene>>;

async function weigh({ router }: Scene, b: number, token: number): Promise<void> {
  await router.shift({ shares: { a: 100 - b, b }, lease: null, token }, quiet);
}

async function slotsOf(scene: Scene, headers: readonly Record<string, string>[]): Promise<readonly string[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const answers = await Promise.all(
    headers.map((one) => ask(scene.proxy.trafficUrl, { headers: one, agent })),
  );
  agent.destroy();
  return answers.map(({ slot }) => slot);
}

describe('clients that stay on their slot', () => {
  it('are known by a header: more weight only moves them to the canary, and none moves them all home', async () => {
    const scene = cleanup.add(await openScene({ sticky: { by: 'header', name: 'X-User-Id' } }));
    const users = Array.from({ length: 100 }, (_, user) => ({ 'x-user-id': `user-${user}` }));
    const seen: (readonly string[])[] = [];
    for (const [turn, weight] of [10, 40, 40, 100].entries()) {
      await weigh(scene, weight, turn);
      seen.push(await slotsOf(scene, users));
    }
    const [at10 = [], at40 = [], again = [], at100 = []] = seen;
    expect(again).toEqual(at40);
    for (const [user, slot] of at10.entries()) if (slot === 'b') expect(at40[user]).toBe('b');
    expect(at40.filter((slot) => slot === 'b').length).toBeGreaterThan(
      at10.filter((slot) => slot === 'b').length,
    );
    expect(new Set(at100)).toEqual(new Set(['b']));
    await weigh(scene, 0, 9);
    expect(new Set(await slotsOf(scene, users))).toEqual(new Set(['a']));
  });

  it('are split by weight when they do not send the header', async () => {
    const scene = cleanup.add(await openScene({ sticky: { by: 'header', name: 'x-user-id' } }));
    await weigh(scene, 50, 1);
    const slots = await slotsOf(
      scene,
      Array.from({ length: 100 }, () => ({})),
    );
    expect(slots.filter((slot) => slot === 'b')).toHaveLength(50);
  });

  it('are given a cookie once, next to those of the application, and are known by it', async () => {
    const app = await startServer((_request, response) => {
      response.setHeader('set-cookie', ['basket=1', 'theme=dark']);
      response.end('a');
    });
    cleanup.add(app);
    const scene = cleanup.add(
      await openScene({ slots: { a: app.url }, sticky: { by: 'cookie', secure: true, maxAge: 60_000 } }),
    );
    const first = await ask(scene.proxy.trafficUrl);
    const cookies = first.headers['set-cookie'] ?? [];
    expect(cookies.slice(0, 2)).toEqual(['basket=1', 'theme=dark']);
    expect(cookies[2]).toMatch(
      /^deploy-canary=[0-9a-f]{32}; Path=\/; Max-Age=60; HttpOnly; SameSite=Lax; Secure$/,
    );
    const [pair] = String(cookies[2]).split(';');
    const headers = { cookie: `basket=1; ${pair}` };
    expect((await ask(scene.proxy.trafficUrl, { headers })).headers['set-cookie']).toHaveLength(2);
    await weigh(scene, 50, 1);
    const slots = await Promise.all(
      Array.from({ length: 20 }, async () => (await ask(scene.proxy.trafficUrl, { headers })).slot),
    );
    expect(new Set(slots).size).toBe(1);
    const forged = await ask(scene.proxy.trafficUrl, { headers: { cookie: 'deploy-canary=mine' } });
    expect(forged.headers['set-cookie'] ?? []).not.toHaveLength(2);
  });
});

describe('a request that names its slot', () => {
  const headers = { 'x-deploy-canary-slot': 'b' };

  it('is obeyed only when that is enabled', async () => {
    const closed = cleanup.add(await openScene());
    expect(await ask(closed.proxy.trafficUrl, { headers })).toMatchObject({ slot: 'a' });
    const open = cleanup.add(await openScene({ forceHeader: true }));
    expect(await ask(open.proxy.trafficUrl, { headers })).toMatchObject({ slot: 'b' });
    const odd = { 'x-deploy-canary-slot': 'c' };
    expect(await ask(open.proxy.trafficUrl, { headers: odd })).toMatchObject({ slot: 'a' });
  });

  it('is counted apart, so that a smoke test does not look like traffic', async () => {
    const { proxy, metrics } = cleanup.add(await openScene({ forceHeader: true }));
    await ask(proxy.trafficUrl, { headers });
    const text = await metrics();
    expect(text).toContain('deploy_canary_router_forced_requests_total{slot="b",code="200"} 1');
    expect(text).not.toContain('deploy_canary_router_requests_total{');
  });
});

describe('the route label', () => {
  it('is the first configured route that matches, and never a path', async () => {
    const { proxy, metrics } = cleanup.add(
      await openScene({
        routes: [
          { name: 'book', match: '/bookings', method: 'post' },
          { name: 'bookings', match: '/bookings' },
        ],
      }),
    );
    const url = proxy.trafficUrl;
    await ask(`${url}/bookings?x`, { method: 'POST' });
    await ask(`${url}/bookings/7`);
    await ask(`${url}/bookings-old`);
    await ask(`${url}/secret/4711`, { method: 'PROPFIND' });
    const text = await metrics();
    for (const labels of [
      'method="POST",code="200",route="book"',
      'method="GET",code="200",route="bookings"',
      'method="GET",code="200",route="other"',
      'method="OTHER",code="200",route="other"',
    ]) {
      expect(text).toContain(`deploy_canary_router_requests_total{slot="a",${labels}} 1`);
    }
    expect(text).toContain(
      'duration_seconds_bucket{le="0.8",slot="a",method="POST",code="200",route="book"} 1',
    );
    expect(text).not.toContain('4711');
  });
});

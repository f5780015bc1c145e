import { afterEach, describe, expect, it } from 'vitest';
import { describeTrafficRouter } from '../../../contract/traffic-router.ts';
import { fastLoad } from '../fast-load.ts';
import { ask, createCleanup } from '../scene.ts';
import { isMissing, KEY, openSplit, routerFor, SETTLED, type SplitScene } from './scene.ts';

const quiet = new AbortController().signal;
const scenes = new WeakMap<object, SplitScene>();
const complaints: string[] = [];

describeTrafficRouter({
  name: 'nginx-plus',
  ...(isMissing ? { skipped: 'needs nginx' } : {}),
  // Chance alone: five standard deviations of 1,000 requests at 10 %.
  tolerance: 4.75,
  async open() {
    const scene = await openSplit();
    const opened = {
      router: routerFor([scene.url]),
      send: (count: number) => fastLoad(scene.users, count, 16),
      close: async () => {
        complaints.push(...scene.api.complaints);
        await scene.close();
      },
    };
    scenes.set(opened, scene);
    return opened;
  },
  aimedAt: (port, timeout) => routerFor([`http://127.0.0.1:${port}/api`], { timeout }),
  garbage: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
  refused: (opened) => {
    const scene = scenes.get(opened);
    if (scene === undefined) throw new Error('not opened here');
    return {
      router: routerFor([scene.url], { zone: 'elsewhere', 'lease-zone': 'nowhere' }),
      code: 'refused',
    };
  },
});

afterEach(() => expect(complaints).toEqual([]));

const title = `the split of the guide on a real nginx${isMissing ? ' (skipped: needs nginx)' : ''}`;
describe.skipIf(isMissing)(title, () => {
  const cleanup = createCleanup();
  const open = async (splitBy?: string): Promise<SplitScene> => cleanup.add(await openSplit(splitBy));
  afterEach(cleanup.run);
  const shift = (b: number, token = 1) => ({ shares: { a: 100 - b, b }, lease: null, token });

  it('realises the shares that it tells, within chance, and loses nothing', async () => {
    const { url, users } = await open();
    const router = routerFor([url]);
    for (const b of [0.5, 1, 9.99, 33.33, 50, 90.09, 99]) {
      await router.shift(shift(b), quiet);
      const count = 4_000;
      const p = b / 100;
      const tally = await fastLoad(users, count, 16);
      expect(tally.lost).toBe(0);
      expect(Math.abs(tally.b - count * p)).toBeLessThan(5 * Math.sqrt(count * p * (1 - p)));
    }
  });

  it('loses no request in 40 shifts under load, and answers none by the old weight afterwards', async () => {
    const { url, users } = await open();
    const router = routerFor([url]);
    let isDone = false;
    let sum = 0;
    const loading = (async () => {
      while (!isDone) {
        const { a, b, lost } = await fastLoad(users, 200, 8);
        expect(lost).toBe(0);
        sum += a + b;
      }
    })();
    for (let turn = 0; turn < 40; turn += 1) {
      const b = [10, 100, 0, 50, 100][turn % 5] ?? 0;
      await router.shift(shift(b), quiet);
      if (b === 0 || b === 100) {
        expect(await fastLoad(users, 20, 2)).toEqual({ a: b === 0 ? 20 : 0, b: b === 0 ? 0 : 20, lost: 0 });
      }
    }
    isDone = true;
    await loading;
    expect(sum).toBeGreaterThan(200);
  });

  it('moves users to the canary alone when the weight rises, and all of them back', async () => {
    const { url, users } = await open('$arg_user');
    const router = routerFor([url]);
    const onCanary = async (): Promise<Set<number>> => {
      const asked = Array.from({ length: 100 }, async (_, user) => {
        const { slot } = await ask(`${users}/?user=${user}`);
        return slot === 'b' ? [user] : [];
      });
      return new Set((await Promise.all(asked)).flat());
    };
    let before = new Set<number>();
    for (const b of [0, 10, 25, 50, 75, 100]) {
      await router.shift(shift(b), quiet);
      const now = await onCanary();
      expect(now).toEqual(await onCanary());
      expect([...before].filter((user) => !now.has(user))).toEqual([]);
      before = now;
    }
    expect(before.size).toBe(100);
    await router.shift(shift(25), quiet);
    expect((await onCanary()).size).toBeLessThan(60);
    await router.shift(shift(0), quiet);
    expect((await onCanary()).size).toBe(0);
  });

  it('sends a request to slot b exactly where the dice is less than the share', async () => {
    const { api, users } = await open('$arg_dice');
    // The dice is a hash, so it is found out by asking: the least share at which a user comes to slot b.
    const slotAt = async (share: number): Promise<string> => {
      api.put(SETTLED, KEY, String(share).padStart(5, '0'));
      return (await ask(`${users}/?dice=someone`)).slot;
    };
    let [low, high] = [0, 10_000];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if ((await slotAt(middle)) === 'b') high = middle;
      else low = middle;
    }
    for (const share of [0, 1, 9, 10, 99, 100, 999, 1_000, low, high, 9_000, 9_999, 10_000]) {
      expect([share, await slotAt(share)]).toEqual([share, share >= high ? 'b' : 'a']);
    }
  });
});

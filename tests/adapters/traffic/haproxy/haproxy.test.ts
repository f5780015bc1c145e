import { afterEach, describe, expect, it } from 'vitest';
import { createHaproxyRouter } from '../../../../src/adapters/traffic/haproxy-router.ts';
import { describeTrafficRouter } from '../../../contract/traffic-router.ts';
import { fastLoad } from '../fast-load.ts';
import { ask, load, pause, startServer, startSlot } from '../scene.ts';
import { type HaproxyScene, isMissing, openHaproxy, type SceneSettings } from './scene.ts';

const quiet = new AbortController().signal;
const scenes = new WeakMap<object, HaproxyScene>();

describeTrafficRouter({
  name: 'HAProxy',
  ...(isMissing ? { skipped: 'needs haproxy' } : {}),
  tolerance: 0.1,
  async open() {
    const scene = await openHaproxy();
    const opened = {
      router: scene.router,
      send: (count: number) => fastLoad(scene.url, count, 16),
      close: scene.close,
    };
    scenes.set(opened, scene);
    return opened;
  },
  aimedAt: (port, timeout) =>
    createHaproxyRouter({
      socket: `127.0.0.1:${port}`,
      backend: 'booking',
      servers: { a: ['blue'], b: ['green'] },
      idle: 'weight',
      timeout,
    }),
  garbage: 'HTTP/1.1 400 Bad request\r\n\r\n',
  refused: (opened) => {
    const scene = scenes.get(opened);
    if (scene === undefined) throw new Error('not opened here');
    return { router: scene.withOptions({ backend: 'nowhere' }), code: 'refused' };
  },
});

describe.skipIf(isMissing)(`HAProxy${isMissing ? ' (skipped: needs haproxy)' : ''}`, () => {
  const opened: HaproxyScene[] = [];
  const open = async (settings?: SceneSettings): Promise<HaproxyScene> => {
    const scene = await openHaproxy(settings);
    opened.push(scene);
    return scene;
  };
  afterEach(async () => {
    for (const scene of opened.splice(0)) await scene.close();
  });
  const shift = (b: number) => ({ shares: { a: 100 - b, b }, lease: null, token: 1 });

  it('is spoken to over TCP as well', async () => {
    const { tcp, withOptions, router } = await open();
    await withOptions({ socket: tcp }).shift(shift(10), quiet);
    expect((await router.read(quiet)).shares).toEqual({ a: 90, b: 10 });
  });

  it('loses no request while it is shifted under load', async () => {
    const { router, url } = await open();
    let isDone = false;
    const tallied = load(url, () => !isDone);
    for (const b of [10, 50, 100, 25, 0, 100, 0]) {
      await router.shift(shift(b), quiet);
      await pause(60);
    }
    isDone = true;
    const { a, b, lost } = await tallied;
    expect(lost).toBe(0);
    expect(a).toBeGreaterThan(0);
    expect(b).toBeGreaterThan(0);
  });

  it('gives a canary that comes back no run of requests, whatever was served before', async () => {
    const { router, url } = await open();
    const served = async (count: number): Promise<string> => {
      const tallied: string[] = [];
      for (let sent = 0; sent < count; sent += 1) tallied.push((await ask(url)).slot);
      return tallied.join('');
    };
    const runs: number[] = [];
    for (const [tried, alone] of [
      [20, 700],
      [130, 150],
      [20, 150],
    ] as const) {
      await router.shift(shift(40), quiet);
      await served(tried);
      await router.shift(shift(0), quiet);
      await served(alone);
      await router.shift(shift(40), quiet);
      runs.push(Math.max(...((await served(150)).match(/b+/g) ?? ['']).map(({ length }) => length)));
      await router.shift(shift(0), quiet);
    }
    expect(Math.max(...runs)).toBeLessThanOrEqual(3);
  });

  it('tells what is still open on a slot that gets nothing new', async () => {
    const slow = await startServer((request, response) => {
      request.resume();
      response.write('b');
      setTimeout(() => response.end(), 800);
    });
    const { router, url, logged } = await open({ slots: { a: await startSlot('a'), b: slow } });
    await router.shift(shift(100), quiet);
    const long = ask(url);
    await pause(100);
    await router.shift(shift(0), quiet);
    expect(logged).toEqual(['slot b gets nothing new; 1 of its sessions in HAProxy are still open']);
    expect((await long).body).toBe('b');
    await slow.close();
  });

  it('keeps its weights over a reload when it keeps its server state', async () => {
    const { router, reload } = await open({ keepsState: true });
    await router.shift(shift(25), quiet);
    await reload();
    expect((await router.read(quiet)).shares).toEqual({ a: 75, b: 25 });
  });

  it('is seen to have forgotten its weights after a reload that keeps nothing', async () => {
    const { router, reload } = await open();
    await router.shift(shift(25), quiet);
    await reload();
    expect((await router.read(quiet)).shares).toEqual({ a: 100, b: 0 });
  });

  describe('with clients that a cookie ties to the canary', () => {
    const backend = 'balance roundrobin\n  cookie at insert indirect nocache';
    const tied = async (url: string): Promise<string> =>
      (await ask(url, { headers: { cookie: 'at=green' } })).slot;

    it('leaves them there when an idle slot only loses its weight', async () => {
      const { router, url } = await open({ backend });
      await router.shift(shift(50), quiet);
      await router.shift(shift(0), quiet);
      expect(await tied(url)).toBe('b');
    });

    it('takes them home, too, when an idle slot is put into maintenance, and has it back at the next shift', async () => {
      const { withOptions, url } = await open({ backend });
      const router = withOptions({ idle: 'maintenance' });
      await router.shift(shift(50), quiet);
      expect(await tied(url)).toBe('b');
      await router.shift(shift(0), quiet);
      expect(await tied(url)).toBe('a');
      await router.shift(shift(10), quiet);
      expect((await router.read(quiet)).shares).toEqual({ a: 90, b: 10 });
      expect(await tied(url)).toBe('b');
    });
  });

  it('counts a server that somebody has put into maintenance as having no weight', async () => {
    const { router, withOptions } = await open();
    await router.shift(shift(10), quiet);
    await withOptions({ idle: 'maintenance' }).shift(shift(100), quiet);
    await router.shift(shift(10), quiet);
    expect((await router.read(quiet)).shares).toEqual({ a: 0, b: 100 });
  });

  it('names the servers there are when one is not', async () => {
    const { withOptions } = await open();
    const router = withOptions({ servers: { a: ['blue'], b: ['grean'] } });
    await expect(router.read(quiet)).rejects.toThrow(
      /server grean in the backend booking, which has blue, green/,
    );
    await expect(router.shift(shift(10), quiet)).rejects.toThrow(/No such server/);
  });

  it('says what to change when the socket may only look', async () => {
    const { router } = await open({ level: 'operator' });
    await expect(router.shift(shift(10), quiet)).rejects.toMatchObject({
      code: 'unauthorized',
      message: expect.stringContaining('level admin'),
    });
  });

  it('says what to change when the balance algorithm takes no weights', async () => {
    const { router } = await open({ backend: 'balance static-rr' });
    await expect(router.shift(shift(10), quiet)).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('static LB algorithm'),
    });
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import {
  createHaproxyMapRouter,
  haproxyMapRouterSchema,
} from '../../../../src/adapters/traffic/haproxy-map-router.ts';
import { describeTrafficRouter } from '../../../contract/traffic-router.ts';
import { fastLoad, startFastSlot } from '../fast-load.ts';
import { ask, createCleanup, load, pause, startServer, startSlot } from '../scene.ts';
import { type HaproxyScene, isMissing, openHaproxy, type SceneSettings } from './scene.ts';

const quiet = new AbortController().signal;
const scenes = new WeakMap<object, HaproxyScene>();
const START = 'booking 0\nother 77\n';

describeTrafficRouter({
  name: 'a map of HAProxy',
  ...(isMissing ? { skipped: 'needs haproxy' } : {}),
  // Chance alone: five standard deviations of 1,000 requests at 10 %.
  tolerance: 4.75,
  async open() {
    const scene = await openHaproxy({ map: START });
    const opened = {
      router: scene.mapped(),
      send: (count: number) => fastLoad(scene.url, count, 16),
      close: scene.close,
    };
    scenes.set(opened, scene);
    return opened;
  },
  aimedAt: (port, timeout) =>
    createHaproxyMapRouter({
      socket: `127.0.0.1:${port}`,
      map: '/etc/haproxy/weights.map',
      key: 'booking',
      backends: { a: 'blue', b: 'green' },
      timeout,
    }),
  garbage: 'HTTP/1.1 400 Bad request\r\n\r\n',
  refused: (opened) => {
    const scene = scenes.get(opened);
    if (scene === undefined) throw new Error('not opened here');
    return { router: scene.mapped({ map: '/no/such.map' }), code: 'refused' };
  },
});

describe.skipIf(isMissing)(`a map of HAProxy${isMissing ? ' (skipped: needs haproxy)' : ''}`, () => {
  const cleanup = createCleanup();
  const open = async (settings: SceneSettings = {}): Promise<HaproxyScene> =>
    cleanup.add(await openHaproxy({ map: START, ...settings }));
  afterEach(cleanup.run);
  const shift = (b: number) => ({ shares: { a: 100 - b, b }, lease: null, token: 1 });

  it('holds a hundredth of a per cent, which no weight of a server does', async () => {
    const router = (await open()).mapped();
    for (const b of [0.01, 0.5, 33.33, 99.99]) {
      await router.shift(shift(b), quiet);
      expect((await router.read(quiet)).shares.b).toBe(b);
    }
    await router.shift(shift(0.0001), quiet);
    expect((await router.read(quiet)).shares).toEqual({ a: 99.99, b: 0.01 });
  });

  it('realises the shares that it tells, within chance', async () => {
    const slots = { a: cleanup.add(await startFastSlot('a')), b: cleanup.add(await startFastSlot('b')) };
    const { mapped, url } = await open({ slots });
    for (const b of [0.5, 10, 50]) {
      await mapped().shift(shift(b), quiet);
      const [count, p] = [8_000, b / 100];
      const tally = await fastLoad(url, count, 16);
      expect(tally.lost).toBe(0);
      expect(Math.abs(tally.b - count * p)).toBeLessThan(5 * Math.sqrt(count * p * (1 - p)));
    }
  });

  it('leaves every other entry of the map alone', async () => {
    const { mapped } = await open();
    await mapped().shift(shift(10), quiet);
    expect((await mapped({ key: 'other' }).read(quiet)).shares.b).toBe(0.77);
  });

  it('is spoken to over TCP as well', async () => {
    const { tcp, mapped } = await open();
    await mapped({ socket: tcp }).shift(shift(10), quiet);
    expect((await mapped().read(quiet)).shares).toEqual({ a: 90, b: 10 });
  });

  it('loses no request while it is shifted under load', async () => {
    const { mapped, url } = await open();
    const router = mapped();
    let isDone = false;
    const tallied = load(url, () => !isDone);
    for (let turn = 0; turn < 20; turn += 1) {
      await router.shift(shift([10, 50, 100, 25, 0][turn % 5] ?? 0), quiet);
      await pause(20);
    }
    isDone = true;
    const { a, b, lost } = await tallied;
    expect(lost).toBe(0);
    expect(Math.min(a, b)).toBeGreaterThan(0);
  });

  it('keeps its value over a reload before which the map was saved, and is seen to have lost it over another', async () => {
    for (const keepsState of [true, false]) {
      const { mapped, reload } = await open({ keepsState });
      await mapped().shift(shift(25), quiet);
      await reload();
      expect((await mapped().read(quiet)).shares.b).toBe(keepsState ? 25 : 0);
    }
  });

  it('tells what is still open on a slot that gets nothing new', async () => {
    const slow = cleanup.add(
      await startServer((request, response) => {
        request.resume();
        response.write('b');
        setTimeout(() => response.end(), 800);
      }),
    );
    const { mapped, url, logged } = await open({ slots: { a: cleanup.add(await startSlot('a')), b: slow } });
    await mapped().shift(shift(100), quiet);
    const long = ask(url);
    await pause(100);
    await mapped().shift(shift(0), quiet);
    expect(logged).toEqual(['slot b gets nothing new; 1 of its sessions in HAProxy are still open']);
    expect((await ask(url)).slot).toBe('a');
    expect((await long).body).toBe('b');
  });

  it.each([
    ['an entry that there is not', { key: 'nothing' }, 'refused', /not found/],
    ['a map that there is not', { map: '/no/such.map' }, 'refused', /[Uu]nknown map/],
  ] as const)('says what to change for %s', async (_what, options, code, words) => {
    const router = (await open()).mapped(options);
    await expect(router.shift(shift(10), quiet)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(words),
    });
    await expect(router.read(quiet)).rejects.toMatchObject({ code: 'refused' });
  });

  it('is no share when it is more than the whole', async () => {
    const { mapped } = await open({ map: 'booking 10001\n' });
    await expect(mapped().read(quiet)).rejects.toMatchObject({ code: 'invalid-answer' });
  });
});

describe('the haproxy-map entry of the config', () => {
  const entry = {
    type: 'haproxy-map',
    socket: '/run/haproxy.sock',
    map: '/etc/haproxy/weights.map',
    key: 'booking',
    backends: { a: 'blue', b: 'green' },
  };

  it('takes what HAProxy takes', () => {
    expect(haproxyMapRouterSchema.safeParse(entry).success).toBe(true);
  });

  it.each([
    ['a key that would be two commands', { key: 'booking; clear map x' }],
    ['a map that would be two words', { map: '/etc/weights.map booking' }],
    ['a key it does not know', { servers: {} }],
  ])('refuses %s', (_what, change) => {
    expect(haproxyMapRouterSchema.safeParse({ ...entry, ...change }).success).toBe(false);
  });
});

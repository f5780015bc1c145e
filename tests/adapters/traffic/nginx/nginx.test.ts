import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { createNginxRouter } from '../../../../src/adapters/traffic/nginx-router.ts';
import type { TrafficRouter } from '../../../../src/ports/traffic-router.ts';
import { describeTrafficRouter } from '../../../contract/traffic-router.ts';
import { adapterContext } from '../../../support/adapter-context.ts';
import { fastLoad } from '../fast-load.ts';
import { ask, createCleanup, pause } from '../scene.ts';
import { isMissing, type NginxScene, openNginx, type SceneSettings } from './scene.ts';

const quiet = new AbortController().signal;
const scenes = new WeakMap<object, NginxScene>();

describeTrafficRouter({
  name: 'nginx',
  ...(isMissing ? { skipped: 'needs nginx' } : {}),
  // Chance alone: five standard deviations of 1,000 requests at 10 %.
  tolerance: 4.75,
  async open() {
    const scene = await openNginx();
    const opened = {
      router: scene.router,
      send: (count: number) => fastLoad(scene.url, count, 16),
      close: scene.close,
    };
    scenes.set(opened, scene);
    return opened;
  },
  aimedAt: (port, timeout) =>
    createNginxRouter(
      {
        snippet: '/nowhere/deploy-canary.conf',
        status: `http://127.0.0.1:${port}/`,
        upstreams: { a: 'a', b: 'b' },
        variable: 'deploy_canary_upstream',
        'split-by': '$request_id',
        test: ['false'],
        reload: ['false'],
        'working-directory': '.',
        'env-from': [],
        timeout,
      },
      adapterContext(),
    ),
  garbage: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
  refused: (opened) => {
    const scene = scenes.get(opened);
    if (scene === undefined) throw new Error('not opened here');
    return { router: scene.withOptions({ status: `${scene.status}elsewhere` }), code: 'refused' };
  },
});

describe.skipIf(isMissing)(`nginx${isMissing ? ' (skipped: needs nginx)' : ''}`, () => {
  const cleanup = createCleanup();
  const open = async (settings?: SceneSettings): Promise<NginxScene> =>
    cleanup.add(await openNginx(settings));
  afterEach(cleanup.run);
  const shift = (b: number, token = 1) => ({ shares: { a: 100 - b, b }, lease: null, token });
  const failing = (call: Promise<unknown>): Promise<unknown> => call.catch((error: unknown) => error);

  it('splits as finely as a hundredth of a per cent, and never rounds a canary away', async () => {
    const { router } = await open();
    await router.shift(shift(0.1234), quiet);
    expect((await router.read(quiet)).shares).toEqual({ a: 99.88, b: 0.12 });
    await router.shift(shift(0.0001), quiet);
    expect((await router.read(quiet)).shares).toEqual({ a: 99.99, b: 0.01 });
  });

  it('keeps a user on one version when it splits by something of the user', async () => {
    const { router, url, withOptions } = await open();
    await withOptions({ 'split-by': '$arg_user' }).shift(shift(50), quiet);
    const slots = async (user: number): Promise<Set<string>> => {
      const answers = await Promise.all([1, 2, 3, 4].map(() => ask(`${url}/?user=${user}`)));
      return new Set(answers.map(({ body }) => body));
    };
    const seen = await Promise.all(Array.from({ length: 20 }, (_, user) => slots(user)));
    expect(seen.every((slot) => slot.size === 1)).toBe(true);
    expect(new Set(seen.flatMap((slot) => [...slot])).size).toBe(2);
    expect((await router.read(quiet)).shares).toEqual({ a: 50, b: 50 });
  });

  it('does not reload for a shift that is in force already', async () => {
    const { router, status } = await open();
    await router.shift(shift(10), quiet);
    const before = (await ask(status)).body.replace(/,"worker":.*/, '');
    await router.shift(shift(10), quiet);
    expect((await ask(status)).body).toContain(before);
  });

  it('refuses a token that is older than the one in a file which was never brought into force', async () => {
    const { router, snippet } = await open();
    const first = readFileSync(snippet, 'utf8');
    writeFileSync(snippet, first.replaceAll('"token":0', '"token":9'));
    expect(await failing(router.shift(shift(10, 8), quiet))).toMatchObject({ code: 'fenced' });
    await router.shift(shift(10, 9), quiet);
    expect(await router.read(quiet)).toMatchObject({ token: 9, shares: { b: 10 } });
  });

  it('lets writers take turns, so that the newest token wins whoever came first', async () => {
    const { router, withOptions } = await open();
    const routers: readonly TrafficRouter[] = [router, withOptions({}), withOptions({}), withOptions({})];
    const outcomes = await Promise.all(
      routers.map((one, i) => failing(one.shift(shift(10 * (i + 1), i + 1), quiet))),
    );
    const refused = outcomes.filter((outcome) => outcome !== undefined);
    for (const outcome of refused) expect(outcome).toMatchObject({ code: 'fenced' });
    expect(await router.read(quiet)).toMatchObject({ token: 4, shares: { a: 60, b: 40 } });
  });

  it('waits for no process that has died in its turn', async () => {
    const { router, snippet } = await open();
    const turn = new URL('../../../../src/adapters/traffic/nginx/turn.ts', import.meta.url).href;
    const loader = new URL('../../../../tools/register.mjs', import.meta.url).href;
    const script = `const { takeTurn } = await import(${JSON.stringify(turn)});
      await takeTurn(${JSON.stringify(snippet)}, new AbortController().signal); console.log('mine');`;
    const child = spawn(process.execPath, ['--import', loader, '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const waiting = router.shift(shift(10), quiet);
    await pause(200);
    expect((await router.read(quiet)).shares.b).toBe(0);
    child.kill('SIGKILL');
    await waiting;
    expect((await router.read(quiet)).shares.b).toBe(10);
  });
});

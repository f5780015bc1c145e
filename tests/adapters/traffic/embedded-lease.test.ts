import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCleanup, load, openScene, pause, until } from './scene.ts';

const cleanup = createCleanup();
const quiet = new AbortController().signal;
let folder = '';
let file = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'router-'));
  file = join(folder, 'state', 'router.json');
});
afterEach(async () => {
  await cleanup.run();
  await rm(folder, { recursive: true, force: true });
});

const lease = { holder: 'rollout-1', ttl: 60_000, fallback: 'a' } as const;
const trial = { a: 60, b: 40 };

describe('a lease that nobody renews', () => {
  it('sends the last request to the canary within 200 ms of running out', async () => {
    const lines: string[] = [];
    const { proxy, router, metrics } = cleanup.add(
      await openScene({ report: ({ message }) => lines.push(message) }),
    );
    await router.shift({ shares: trial, lease: { ...lease, ttl: 500 }, token: 1 }, quiet);
    const ranOut = performance.now() + 500;
    const last = { canary: 0 };
    const tally = await load(proxy.trafficUrl, () => performance.now() < ranOut + 500, {
      seen: ({ slot }) => {
        if (slot === 'b') last.canary = performance.now();
      },
    });
    expect(tally.lost).toBe(0);
    expect(tally.b).toBeGreaterThan(0);
    expect(last.canary - ranOut).toBeLessThan(200);
    expect(await router.read(quiet)).toMatchObject({ shares: { a: 100, b: 0 }, lapsed: 'rollout-1' });
    expect(await metrics()).toContain('deploy_canary_router_lease_lapses_total 1');
    expect(lines.join()).toContain('the lease of "rollout-1" ran out');
  });

  it('runs out although no request comes', async () => {
    const { router, metrics } = cleanup.add(await openScene());
    await router.shift({ shares: trial, lease: { ...lease, ttl: 60 }, token: 1 }, quiet);
    await pause(120);
    expect(await metrics()).toContain('weight_percent{slot="b"} 0');
    expect(await router.read(quiet)).toMatchObject({ lease: null, lapsed: 'rollout-1' });
  });

  it('falls back to slot b when that is stable', async () => {
    const { router } = cleanup.add(await openScene());
    await router.shift({ shares: trial, lease: { ...lease, ttl: 50, fallback: 'b' }, token: 1 }, quiet);
    await pause(100);
    expect((await router.read(quiet)).shares).toEqual({ a: 0, b: 100 });
  });
});

describe('a router that is started again', () => {
  const restart = async (then: { close: () => Promise<void> }) => {
    await then.close();
    return cleanup.add(await openScene({ stateFile: file }));
  };

  it('keeps settled shares and the token', async () => {
    const first = await openScene({ stateFile: file });
    await first.router.shift({ shares: { a: 0, b: 100 }, lease: null, token: 9 }, quiet);
    const { router } = await restart(first);
    expect(await router.read(quiet)).toEqual({
      shares: { a: 0, b: 100 },
      lease: null,
      lapsed: null,
      token: 9,
    });
    const stale = router.shift({ shares: { a: 100, b: 0 }, lease: null, token: 8 }, quiet);
    await expect(stale).rejects.toMatchObject({ code: 'fenced' });
  });

  it('sends all traffic to the fallback of a lease that was held, and says so', async () => {
    const first = await openScene({ stateFile: file });
    await first.router.shift({ shares: trial, lease, token: 9 }, quiet);
    const second = await restart(first);
    const reading = { shares: { a: 100, b: 0 }, lease: null, lapsed: 'rollout-1', token: 9 };
    expect(await second.router.read(quiet)).toEqual(reading);
    expect(await second.metrics()).toContain('deploy_canary_router_lease_lapses_total 1');
    const third = await restart(second);
    expect(await third.router.read(quiet)).toEqual(reading);
    expect(await third.metrics()).toContain('deploy_canary_router_lease_lapses_total 0');
  });

  it('knows of a lapse that happened before', async () => {
    const first = cleanup.add(await openScene({ stateFile: file }));
    await first.router.shift({ shares: trial, lease: { ...lease, ttl: 30 }, token: 2 }, quiet);
    await until(async () => (await readFile(file, 'utf8')).includes('"lapsed":"rollout-1"'));
    expect(await readdir(join(folder, 'state'))).toEqual(['router.json']);
  });

  it('does not start on a state that it cannot understand', async () => {
    const first = await openScene({ stateFile: file });
    await first.router.shift({ shares: trial, lease: null, token: 1 }, quiet);
    await first.close();
    for (const text of ['', '{', '{"schema":2}', '{"schema":1,"shares":{"a":80,"b":80}}']) {
      await writeFile(file, text);
      await expect(openScene({ stateFile: file })).rejects.toMatchObject({ code: 'io' });
    }
  });
});

describe('a disk that cannot be written', () => {
  it('refuses to raise, and lets traffic come home all the same', async () => {
    const lines: string[] = [];
    const blocked = join(folder, 'blocked');
    const { router } = cleanup.add(
      await openScene({
        stateFile: join(blocked, 'router.json'),
        report: ({ message }) => lines.push(message),
      }),
    );
    await router.shift({ shares: trial, lease, token: 1 }, quiet);
    // A folder where a file is expected: nobody can write there, not even root.
    await rm(blocked, { recursive: true });
    await writeFile(blocked, 'not a folder');
    const raise = router.shift({ shares: { a: 10, b: 90 }, lease, token: 2 }, quiet);
    await expect(raise).rejects.toMatchObject({ code: 'io', retryable: true });
    expect(await router.read(quiet)).toMatchObject({ shares: trial, token: 1 });
    await router.shift({ shares: { a: 100, b: 0 }, lease: null, token: 2 }, quiet);
    expect(await router.read(quiet)).toMatchObject({ shares: { a: 100, b: 0 }, lease: null });
    expect(lines.join()).toContain('could not be written');
  });
});

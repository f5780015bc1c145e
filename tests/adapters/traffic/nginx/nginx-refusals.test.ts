import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { fastLoad } from '../fast-load.ts';
import { createCleanup, startServer, until } from '../scene.ts';
import { isMissing, type NginxScene, openNginx, type SceneSettings } from './scene.ts';

const quiet = new AbortController().signal;

describe.skipIf(isMissing)(
  `nginx that cannot do what it should${isMissing ? ' (skipped: needs nginx)' : ''}`,
  () => {
    const cleanup = createCleanup();
    const open = async (settings?: SceneSettings): Promise<NginxScene> =>
      cleanup.add(await openNginx(settings));
    afterEach(cleanup.run);
    const shift = (b: number, token = 1) => ({ shares: { a: 100 - b, b }, lease: null, token });
    const failing = (call: Promise<unknown>): Promise<unknown> => call.catch((error: unknown) => error);

    it('is not believed to have a snippet that nginx.conf does not include', async () => {
      const { router, configure } = await open({
        includes: false,
        server: 'location = /none { return 404; }',
      });
      configure('');
      expect(await failing(router.read(quiet))).toMatchObject({
        code: 'unreachable',
        message: expect.stringContaining('check that nginx.conf includes the snippet'),
      });
      expect(await failing(router.shift(shift(10), quiet))).toMatchObject({ code: 'unreachable' });
    });

    it('touches nothing when another server answers 404 where the weights should be told', async () => {
      const elsewhere = cleanup.add(await startServer((_, response) => response.writeHead(404).end()));
      const { snippet, withOptions } = await open();
      const before = readFileSync(snippet, 'utf8');
      const router = withOptions({ status: `${elsewhere.url}/` });
      expect(await failing(router.shift(shift(10), quiet))).toMatchObject({
        code: 'refused',
        message: expect.stringMatching(/saw 404; have nginx\.conf include \S+deploy-canary\.conf/),
      });
      expect(readFileSync(snippet, 'utf8')).toBe(before);
    });

    it('sees that nginx reads another file than the one that was written, and puts that one back', async () => {
      const { router, folder, withOptions } = await open();
      const other = join(folder, 'other.conf');
      const stray = withOptions({ snippet: other, timeout: 1_500 });
      expect(await failing(stray.shift(shift(10), quiet))).toMatchObject({
        code: 'timeout',
        message: expect.stringContaining(`check that nginx.conf includes ${other}`),
      });
      expect(existsSync(other)).toBe(false);
      expect((await router.read(quiet)).shares).toEqual({ a: 100, b: 0 });
    });

    it('says that nginx is down, and changes no file meanwhile', async () => {
      const { router, stop, snippet } = await open();
      const before = readFileSync(snippet, 'utf8');
      await stop();
      expect(await failing(router.read(quiet))).toMatchObject({ code: 'unreachable', retryable: true });
      expect(await failing(router.shift(shift(10), quiet))).toMatchObject({ code: 'unreachable' });
      expect(readFileSync(snippet, 'utf8')).toBe(before);
    });

    it('tells a configuration that somebody else has broken from weights that nginx does not take', async () => {
      const { router, configure, snippet, withOptions, url } = await open();
      await router.shift(shift(25), quiet);
      const before = readFileSync(snippet, 'utf8');
      configure('this is no directive;');
      expect(await failing(router.shift(shift(50), quiet))).toMatchObject({
        code: 'refused',
        message: expect.stringMatching(
          /broken without the new weights, too: [\s\S]*unknown directive "this"/,
        ),
      });
      configure('');
      const misspelt = withOptions({ upstreams: { a: 'booking_a', b: 'booking_c' } });
      expect(await failing(misspelt.shift(shift(50), quiet))).toMatchObject({
        code: 'refused',
        message: expect.stringMatching(/does not take the new snippet: [\s\S]*booking_c/),
      });
      expect(readFileSync(snippet, 'utf8')).toBe(before);
      expect((await router.read(quiet)).shares).toEqual({ a: 75, b: 25 });
      expect((await fastLoad(url, 100, 4)).lost).toBe(0);
      await router.shift(shift(50), quiet);
      expect((await router.read(quiet)).shares).toEqual({ a: 50, b: 50 });
    });

    it('puts the old file back when nginx cannot be told to reload', async () => {
      const { snippet, withOptions, router } = await open();
      const before = readFileSync(snippet, 'utf8');
      const refused = withOptions({ reload: ['false'] });
      expect(await failing(refused.shift(shift(10), quiet))).toMatchObject({
        code: 'refused',
        message: expect.stringContaining('the old snippet is in its place'),
      });
      expect(readFileSync(snippet, 'utf8')).toBe(before);
      expect((await router.read(quiet)).shares).toEqual({ a: 100, b: 0 });
    });

    it('tells what the workers serve, whatever the file says, and writes a stale file anew', async () => {
      const { router, snippet } = await open();
      const old = readFileSync(snippet, 'utf8');
      await router.shift(shift(10), quiet);
      const served = readFileSync(snippet, 'utf8');
      writeFileSync(snippet, old);
      expect((await router.read(quiet)).shares).toEqual({ a: 90, b: 10 });
      await router.shift(shift(10), quiet);
      expect(readFileSync(snippet, 'utf8').replace(/"generation":"[^"]+"/g, '')).toBe(
        served.replace(/"generation":"[^"]+"/g, ''),
      );
    });

    it('sees a stale file that somebody else has brought into force', async () => {
      const { router, snippet, reload } = await open();
      const old = readFileSync(snippet, 'utf8');
      await router.shift(shift(10), quiet);
      writeFileSync(snippet, old);
      reload();
      await until(async () => (await router.read(quiet)).shares.b === 0);
    });

    it('says what to change when the folder of the snippet is not there', async () => {
      const { withOptions, router } = await open();
      const lost = withOptions({ snippet: '/nowhere/at/all.conf' });
      expect(await failing(lost.shift(shift(10), quiet))).toMatchObject({
        code: 'io',
        message: expect.stringContaining('the weights were not touched'),
      });
      expect((await router.read(quiet)).shares.b).toBe(0);
    });

    it('touches nothing when the disk is full or read-only', async ({ skip }) => {
      const disk = mountTiny();
      if (disk === null) return skip('needs leave to mount');
      cleanup.add(disk);
      const { withOptions, snippet, router } = await open();
      const path = join(disk.folder, 'deploy-canary.conf');
      const before = readFileSync(snippet, 'utf8');
      writeFileSync(path, before);
      spawnSync('dd', ['if=/dev/zero', `of=${join(disk.folder, 'fill')}`, 'bs=1k']);
      const full = withOptions({ snippet: path });
      expect(await failing(full.shift(shift(10), quiet))).toMatchObject({
        code: 'io',
        message: expect.stringContaining('ENOSPC'),
      });
      rmSync(join(disk.folder, 'fill'));
      disk.lock();
      expect(await failing(full.shift(shift(10), quiet))).toMatchObject({
        code: 'io',
        message: expect.stringContaining('EROFS'),
      });
      expect(readFileSync(path, 'utf8')).toBe(before);
      expect((await router.read(quiet)).shares.b).toBe(0);
    });
  },
);

/** A file system of 64 kB; null where this process may not mount one. */
function mountTiny(): { folder: string; lock: () => void; close: () => Promise<void> } | null {
  const folder = `/tmp/dc-tiny-${process.pid}`;
  mkdirSync(folder, { recursive: true });
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', folder]).status !== 0) {
    rmSync(folder, { recursive: true, force: true });
    return null;
  }
  return {
    folder,
    lock: () => void spawnSync('mount', ['-o', 'remount,ro', folder]),
    close: async () => {
      spawnSync('umount', [folder]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

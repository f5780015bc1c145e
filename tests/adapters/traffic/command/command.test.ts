import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/adapters/runner/clock.ts';
import { runCommand } from '../../../../src/adapters/runner/spawn.ts';
import { commandRouterSchema } from '../../../../src/adapters/traffic/command-router.ts';
import type { TrafficRouter } from '../../../../src/ports/traffic-router.ts';
import { describeTrafficRouter } from '../../../contract/traffic-router.ts';
import { fastLoad } from '../fast-load.ts';
import { openScene, TOKEN } from '../scene.ts';

const SCRIPT = fileURLToPath(new URL('weights.mjs', import.meta.url));
const quiet = new AbortController().signal;
const node = (...words: readonly string[]): readonly string[] => [process.execPath, SCRIPT, ...words];

interface Settings {
  readonly read?: readonly string[];
  readonly write?: readonly string[];
  readonly timeout?: string;
  readonly env?: Readonly<Record<string, string>>;
}

function routerWith(settings: Settings, masked: string[] = [], logged: string[] = []): TrafficRouter {
  const { read = node('say', '{}'), write = node('say', '{a}'), timeout = '5s' } = settings;
  return commandRouterSchema
    .parse({ type: 'command', read, write, timeout, 'env-from': ['ROUTER_TOKEN'] })
    .create({
      service: 'booking',
      environment: 'test',
      env: settings.env ?? { PATH: process.env.PATH, ROUTER_TOKEN: TOKEN },
      baseDir: '.',
      clock: systemClock,
      commands: runCommand,
      mask: (secret) => void masked.push(secret),
      log: (line) => void logged.push(line),
    });
}

describeTrafficRouter({
  name: "the user's own commands",
  tolerance: 0.1,
  async open() {
    const { proxy, close } = await openScene();
    const router = routerWith({
      read: node('get', proxy.adminUrl),
      write: node('set', proxy.adminUrl, '{a}', '{b}'),
    });
    return { router, send: (count) => fastLoad(proxy.trafficUrl, count, 16), close };
  },
  refused: () => ({
    router: routerWith({ read: ['no-such-program'], write: ['no-such-program', '{a}'] }),
    code: 'refused',
  }),
});

describe('a router behind commands', () => {
  it.each([
    ['nothing', ''],
    ['words', 'ninety to ten'],
    ['shares that do not add up', '{"a": 90, "b": 20}'],
    ['one share', '{"a": 100}'],
    ['text for a number', '{"a": "90", "b": "10"}'],
  ])('is not believed when its read command prints %s', async (_what, said) => {
    await expect(routerWith({ read: node('say', said) }).read(quiet)).rejects.toMatchObject({
      code: 'invalid-answer',
      message: expect.stringContaining('{"a": 90, "b": 10}'),
    });
  });

  it('tells what a failing command said', async () => {
    const { proxy, close } = await openScene();
    const router = routerWith({
      write: node('set', proxy.adminUrl, '{a}', '{b}'),
      env: { PATH: process.env.PATH ?? '', ROUTER_TOKEN: 'wrong' },
    });
    const shift = { shares: { a: 90, b: 10 }, lease: null, token: 1 };
    await expect(router.shift(shift, quiet)).rejects.toMatchObject({
      code: 'exit-code',
      message: expect.stringContaining('the router said 401'),
    });
    await close();
  });

  it('takes the word on stdout only, and logs what is on stderr', async () => {
    const { proxy, close } = await openScene();
    const logged: string[] = [];
    await routerWith({ read: node('get', proxy.adminUrl) }, [], logged).read(quiet);
    expect(logged).toEqual(['asked the router']);
    await close();
  });

  it('ends within its timeout when a command hangs, and at once when nobody waits any more', async () => {
    const slow = routerWith({ read: node('hang'), timeout: '300ms' });
    await expect(slow.read(quiet)).rejects.toMatchObject({ code: 'timeout', retryable: true });
    const left = routerWith({ read: node('hang'), timeout: '30s' }).read(AbortSignal.timeout(200));
    await expect(left).rejects.toMatchObject({ code: 'timeout', retryable: false });
  });

  it('puts the revision of the ledger in for {token}', async () => {
    const telling = 'console.log(process.argv[1]); process.exit(3)';
    const write = [process.execPath, '-e', telling, '{a}:{b}:{token}:{other}'];
    const shift = { shares: { a: 99.5, b: 0.5 }, lease: null, token: 12 };
    await expect(routerWith({ write }).shift(shift, quiet)).rejects.toThrow(
      /expected the write command .* to exit with 0, saw 3: 99\.5:0\.5:12:\{other\}$/,
    );
  });

  it('masks what it hands on, and misses what it should', async () => {
    const masked: string[] = [];
    routerWith({}, masked);
    expect(masked).toEqual([TOKEN]);
    const router = routerWith({ env: { PATH: process.env.PATH ?? '' } });
    await expect(router.read(quiet)).rejects.toThrow(/variable ROUTER_TOKEN that env-from lists/);
  });

  it('refuses a write command that cannot know the weights', () => {
    const entry = { type: 'command', read: ['x'], write: ['x', 'set'] };
    expect(commandRouterSchema.safeParse(entry).success).toBe(false);
  });
});

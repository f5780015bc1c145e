import { afterEach, describe, expect, it } from 'vitest';
import { AdapterError } from '../../../../src/ports/adapter-error.ts';
import { createCleanup, pause, until } from '../scene.ts';
import { KEY, LEASED, openApi, type PlusInstance, routerFor, SETTLED } from './scene.ts';

const quiet = new AbortController().signal;
const cleanup = createCleanup();
const opened: PlusInstance[] = [];
const open = async (...settings: Parameters<typeof openApi>): Promise<PlusInstance> => {
  const one = cleanup.add(await openApi(...settings));
  opened.push(one);
  return one;
};
afterEach(async () => {
  expect(opened.splice(0).flatMap(({ api }) => api.complaints)).toEqual([]);
  await cleanup.run();
});

const lease = { holder: 'rollout-1', ttl: 60_000, fallback: 'a' } as const;
const trial = (b: number, token = 1) => ({ shares: { a: 100 - b, b }, lease, token });
const settled = (b: number, token = 1) => ({ shares: { a: 100 - b, b }, lease: null, token });
const served = ({ api }: PlusInstance): string =>
  (api.value(LEASED, KEY) ?? api.value(SETTLED, KEY) ?? '').slice(0, 5);
const writesOf = ({ api }: PlusInstance): readonly string[] =>
  api.asked.filter((line) => !line.startsWith('GET'));

async function failureOf(call: Promise<unknown>): Promise<AdapterError> {
  const error = await call.then(
    () => new Error('the call succeeded'),
    (reason: unknown) => reason,
  );
  if (error instanceof AdapterError) return error;
  throw new Error('expected an AdapterError', { cause: error });
}

describe('several NGINX Plus that split the same traffic', () => {
  it('are all written, and read back as one', async () => {
    const all = [await open(), await open(), await open()];
    const router = routerFor(all.map(({ url }) => url));
    await router.shift(trial(12.34), quiet);
    expect(all.map(served)).toEqual(['01234', '01234', '01234']);
    expect(await router.read(quiet)).toMatchObject({ shares: { a: 87.66, b: 12.34 }, token: 1 });
    await router.renew(lease, quiet);
    await router.shift(settled(100, 2), quiet);
    expect(all.map(served)).toEqual(['10000', '10000', '10000']);
  });

  it('raise no weight anywhere when one of them is away', async () => {
    const [here, away] = [await open(), await open()];
    const router = routerFor([here.url, away.url]);
    await away.stop();
    const error = await failureOf(router.shift(trial(10), quiet));
    expect(error).toMatchObject({ code: 'unreachable', retryable: true });
    expect(error.message).toContain('1 of 2 instances failed');
    expect(error.message).toContain(away.url);
    expect(error.message).toContain('nothing was changed');
    expect(writesOf(here)).toEqual([]);
  });

  it('bring traffic home where they can, and say which of them was not written', async () => {
    const [away, here] = [await open(), await open()];
    const logged: string[] = [];
    const router = routerFor([away.url, here.url], {}, { log: (line) => void logged.push(line) });
    await router.shift(trial(50), quiet);
    await away.stop();
    const error = await failureOf(router.shift(settled(0, 2), quiet));
    expect(error.message).toContain(away.url);
    expect(error.message).not.toContain(here.url);
    expect(error.message).toContain('the others were written');
    expect(logged).toEqual([]);
    expect(served(here)).toBe('00000');
  });

  it('wait for nobody who hangs on the way home', async () => {
    const [hangs, here] = [await open(), await open()];
    const router = routerFor([hangs.url, here.url], { timeout: 1_500 });
    await router.shift(trial(50), quiet);
    hangs.api.fault = () => 'hang';
    const call = failureOf(router.shift(settled(0, 2), quiet));
    await until(() => served(here) === '00000');
    expect(await call).toMatchObject({ code: 'timeout', retryable: true });
  });

  it('go on with a rollback when one of them is away, too', async () => {
    const [away, here] = [await open(), await open()];
    const router = routerFor([away.url, here.url]);
    await router.shift(settled(100), quiet);
    await away.stop();
    await failureOf(router.shift(settled(0, 2), quiet));
    expect(served(here)).toBe('00000');
  });

  it('know a token only when all of them do', async () => {
    const [one, two] = [await open(), await open()];
    const router = routerFor([one.url, two.url]);
    await router.shift(settled(25, 4), quiet);
    one.api.put(SETTLED, KEY, '02500 token=5');
    expect((await router.read(quiet)).token).toBe(4);
    two.api.put(SETTLED, KEY, '02500 token=6');
    expect((await router.read(quiet)).token).toBe(5);
  });

  it('tell it as an error when they do not serve the same', async () => {
    const [one, two] = [await open(), await open()];
    const router = routerFor([one.url, two.url]);
    await router.shift(trial(25), quiet);
    two.api.empty(LEASED);
    const error = await failureOf(router.read(quiet));
    expect(error).toMatchObject({ code: 'invalid-answer', retryable: true });
    expect(error.message).toContain(
      `b 25 % under the lease of "rollout-1" at ${one.url} and b 0 % at ${two.url}`,
    );
    await router.shift(settled(0, 2), quiet);
    expect((await router.read(quiet)).shares.b).toBe(0);
  });
});

describe('an abort', () => {
  it('is one write: nothing that fails after it keeps traffic on the canary', async () => {
    const one = await open();
    const router = routerFor([one.url]);
    await router.shift(trial(50), quiet);
    one.api.asked.length = 0;
    one.api.fault = (method) => (method !== 'GET' && writesOf(one).length > 1 ? { status: 500 } : null);
    await failureOf(router.shift(settled(0, 2), quiet));
    expect(writesOf(one)).toEqual([`POST ${LEASED}`, `PATCH ${LEASED}`]);
    expect(served(one)).toBe('00000');
  });

  it('waits a quarter of its time for another writer, then goes on without the lock', async () => {
    const one = await open();
    const logged: string[] = [];
    const log = (line: string): void => void logged.push(line);
    const router = routerFor([one.url], { timeout: 800 }, { log });
    await router.shift(trial(50), quiet);
    one.api.put(LEASED, `${KEY}.lock`, 'somebody who is stopped');
    await router.shift(settled(0, 2), quiet);
    expect(served(one)).toBe('00000');
    expect(logged.join()).toContain('other writers could not be kept out');
    expect(one.api.value(LEASED, `${KEY}.lock`)).toBe('somebody who is stopped');
  });

  it('goes on where no lock can be had at all', async () => {
    const one = await open();
    const router = routerFor([one.url]);
    await router.shift(trial(50), quiet);
    one.api.fault = (method) => (method === 'POST' ? { status: 500 } : null);
    await router.shift(settled(0, 2), quiet);
    expect(served(one)).toBe('00000');
  });
});

describe('writers of one key', () => {
  it('take turns, so that the newest token wins whoever came first', async () => {
    const all = [await open(), await open()];
    const urls = all.map(({ url }) => url);
    const shiftBy = (token: number) =>
      routerFor(urls)
        .shift(settled(10 * token, token), quiet)
        .catch((error: unknown) => error);
    const outcomes = await Promise.all([3, 1, 4, 2].map(shiftBy));
    for (const outcome of outcomes.filter((one) => one !== undefined)) {
      expect(outcome).toMatchObject({ code: 'fenced' });
    }
    expect(await routerFor(urls).read(quiet)).toMatchObject({ token: 4, shares: { a: 60, b: 40 } });
    expect(all.map(({ api }) => api.value(LEASED, `${KEY}.lock`))).toEqual([null, null]);
  });

  it('write nothing while another has the lock, and say so', async () => {
    const one = await open();
    one.api.put(LEASED, `${KEY}.lock`, 'another');
    const error = await failureOf(routerFor([one.url], { timeout: 200 }).shift(trial(10), quiet));
    expect(error).toMatchObject({ code: 'timeout', retryable: true });
    expect(error.message).toContain('another writer was at it all the time');
    expect(served(one)).toBe('00000');
  });

  it('get in once the lock of one who died has run out', async () => {
    const one = await open();
    one.api.fault = (method) => (method === 'PATCH' ? 'hang' : null);
    const dying = failureOf(routerFor([one.url], { timeout: 300 }).shift(trial(10), quiet));
    await until(() => one.api.value(LEASED, `${KEY}.lock`) !== null);
    await dying;
    await until(() => one.api.value(LEASED, `${KEY}.lock`) === null);
    one.api.fault = () => null;
    await routerFor([one.url]).shift(trial(20, 2), quiet);
    expect(served(one)).toBe('02000');
  });
});

describe('the lease', () => {
  it('runs out in nginx, whether anybody asks or not, and traffic is where it was settled', async () => {
    const one = await open();
    const router = routerFor([one.url]);
    await router.shift(settled(100), quiet);
    await router.shift(
      { shares: { a: 30, b: 70 }, lease: { ...lease, ttl: 80, fallback: 'b' }, token: 2 },
      quiet,
    );
    expect(served(one)).toBe('07000');
    await pause(120);
    expect(served(one)).toBe('10000');
    expect(await router.read(quiet)).toMatchObject({ lease: null, lapsed: 'rollout-1', token: 2 });
  });

  it('is not told as lapsed to somebody who reads in the midst of a promotion', async () => {
    const one = await open();
    const router = routerFor([one.url]);
    await router.shift(trial(50), quiet);
    one.api.fault = (_, url) => {
      if (!url.includes(LEASED)) return null;
      one.api.put(SETTLED, KEY, '10000 token=2');
      one.api.empty(LEASED);
      return null;
    };
    expect(await router.read(quiet)).toEqual({
      shares: { a: 0, b: 100 },
      lease: null,
      lapsed: null,
      token: 2,
    });
  });

  it('is gone after a restart, and traffic with it is home', async () => {
    const one = await open();
    const router = routerFor([one.url]);
    await router.shift(trial(40, 3), quiet);
    one.api.empty(LEASED);
    expect(await router.read(quiet)).toMatchObject({ shares: { b: 0 }, lapsed: 'rollout-1', token: 3 });
    expect(await failureOf(router.renew(lease, quiet))).toMatchObject({ code: 'fenced' });
  });

  it('cannot be renewed when it runs out between the look and the write', async () => {
    const one = await open();
    const router = routerFor([one.url]);
    await router.shift(trial(40), quiet);
    one.api.fault = (method, url) => {
      if (method === 'PATCH' && url.endsWith(LEASED)) one.api.empty(LEASED);
      return null;
    };
    const error = await failureOf(router.renew(lease, quiet));
    expect(error).toMatchObject({ code: 'fenced' });
    expect(error.message).toContain('ran out in this moment');
  });
});

describe('a zone without a state file, after a restart', () => {
  it('is no weight to go by: nothing is raised, and a word for good is taken', async () => {
    const one = await open();
    const router = routerFor([one.url]);
    one.api.empty(SETTLED);
    for (const call of [router.read(quiet), router.shift(trial(10), quiet)]) {
      const error = await failureOf(call);
      expect(error.code).toBe('refused');
      expect(error.message).toContain('give the zone a `state` file');
    }
    await router.shift(settled(100, 5), quiet);
    expect(await router.read(quiet)).toMatchObject({ shares: { a: 0, b: 100 }, token: 5 });
  });
});

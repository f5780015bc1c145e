import { describe, expect, it } from 'vitest';
import { adapterContext } from '../../support/adapter-context.ts';
import { asking, CLOUDS, type Cloud, ENV, PERIOD, SPEC, START } from './asking-clouds.ts';
import { ANYWHERE, OWN, said } from './bad-answers.ts';

const error = (why: RegExp) => ({ kind: 'error', why: expect.stringMatching(why) });
const counted = (total: number) => ({ kind: 'data', observation: { type: 'events', bad: 0, total } });
describe.each(Object.values(CLOUDS))('$name that does not answer well', (cloud: Cloud) => {
  const name = Object.entries(CLOUDS).find(([, one]) => one === cloud)?.[0] ?? '';
  const own = Object.entries(OWN).find(([key]) => key === name)?.[1] ?? [];

  it.each([...ANYWHERE, ...own])(
    'reads an error from %s, and counts on afterwards',
    async (_, answer, why) => {
      const { errors, once, clock } = await asking(cloud);
      expect(await errors()).toMatchObject({ kind: 'no-data' });
      once(() => answer);
      expect(await errors()).toEqual(error(why));
      // Longer than any rest that was asked for.
      clock.advance(PERIOD);
      expect(await errors()).toEqual(counted(4));
    },
  );

  it('waits no longer than its timeout', async () => {
    const { errors, once } = await asking(cloud, { own: { timeout: '150ms' } });
    await errors();
    once(() => null);
    expect(await errors()).toEqual(
      error(/expected a complete answer within 150ms, saw none; check the status page/),
    );
  });

  it('reads nothing without end', async () => {
    const { errors, once } = await asking(cloud);
    await errors();
    once(() => said(200, ' '.repeat(17 * 1024 * 1024)));
    expect(await errors()).toEqual(error(/saw more than 16 MB; name fewer labels/));
  });

  it('ends when the caller stops waiting', async () => {
    const { errors, once } = await asking(cloud);
    await errors();
    const stop = new AbortController();
    once(() => {
      stop.abort();
      return null;
    });
    expect(await errors(stop.signal)).toEqual(error(/cancelled before .* had answered/));
    expect(await errors()).toEqual(counted(4));
  });

  it('tells no secret that an answer repeats, and masks it before it is used', async () => {
    const { errors, once, masked } = await asking(cloud);
    await errors();
    const secrets = Object.values(ENV).filter(
      (value) => value.includes('secret') || value.includes('session'),
    );
    once(() => said(400, secrets.join(' ')));
    const reading = await errors();
    expect(reading?.kind).toBe('error');
    expect(masked.length).toBeGreaterThan(0);
    for (const secret of masked) {
      expect(secrets).toContain(secret);
      expect(JSON.stringify(reading)).not.toContain(secret);
    }
  });

  it('asks nobody without its credentials, and says which variable is missing', async () => {
    const { errors, calls } = await asking(cloud, { env: {} });
    expect(await errors()).toEqual(
      error(/in the environment variable (DD_API_KEY|AWS_ACCESS_KEY_ID|NEW_RELIC_API_KEY), saw none/),
    );
    expect(calls).toEqual([]);
  });

  it('looks at a moment of the past without a delay, at the address that it is told', async () => {
    const { calls, url, clock, once } = await asking(cloud);
    const metrics = cloud.parse('http://127.0.0.1:1', { delay: '2m' });
    const create = metrics.past?.(`${url}/`) ?? metrics.create;
    const own = { ...adapterContext().clock, now: clock.now };
    const provider = create(adapterContext({ env: ENV, clock: own }), SPEC);
    const look = () =>
      provider.sample({ canary: 'b', stable: 'a', elapsed: 0 }, new AbortController().signal);
    const today = { date: new Date(START + 40 * 86_400_000).toUTCString() };
    once(() => ({ headers: today, body: cloud.answer(0, START - PERIOD) }));
    await look();
    clock.advance(PERIOD + 1_500);
    once(() => ({ headers: today, body: cloud.answer(3, START) }));
    const { kpis, at } = await look();
    expect(kpis.errors?.canary).toEqual(counted(3));
    expect(at).toBe(START + PERIOD + 1_500);
    expect(calls).toHaveLength(2);
  });
});

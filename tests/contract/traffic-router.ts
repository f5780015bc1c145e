import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Slot } from '../../src/core/rollout/record.ts';
import type { Milliseconds } from '../../src/core/units.ts';
import { AdapterError, type AdapterErrorCode } from '../../src/ports/adapter-error.ts';
import type { Shares, TrafficRouter } from '../../src/ports/traffic-router.ts';

/** A router that really runs, in front of two slots that really listen. */
export interface RouterScene {
  readonly router: TrafficRouter;
  /** Sends so many requests through it, and counts who answered. */
  readonly send: (
    count: number,
  ) => Promise<{ readonly a: number; readonly b: number; readonly lost: number }>;
  readonly close: () => Promise<void>;
}

export interface RouterContract {
  readonly name: string;
  /** What this machine lacks, if anything: `needs haproxy`. */
  readonly skipped?: string;
  readonly open: () => Promise<RouterScene>;
  /** How many points the share of 1,000 requests may be off. */
  readonly tolerance: number;
  /** For a router spoken to over a connection: the same adapter, told that its router is at this local port. */
  readonly aimedAt?: (port: number, timeout: Milliseconds) => TrafficRouter;
  /** Bytes that such a peer might send, and that are no answer. */
  readonly garbage?: string;
  /** The same adapter, in a way that the running router refuses: a wrong token, a backend that it does not have. */
  readonly refused?: (scene: RouterScene) => {
    readonly router: TrafficRouter;
    readonly code: AdapterErrorCode;
  };
}

const quiet = new AbortController().signal;
const weights: readonly Shares[] = [0, 1, 10, 33, 50, 99, 100].map((b) => ({ a: 100 - b, b }));

/** What every TrafficRouter must do, whatever it talks to. */
export function describeTrafficRouter(contract: RouterContract): void {
  const skipped = contract.skipped !== undefined;
  const title = `${contract.name} as a traffic router${skipped ? ` (skipped: ${contract.skipped})` : ''}`;
  describe.skipIf(skipped)(title, () => {
    const opened: { readonly close: () => Promise<void> }[] = [];
    afterEach(async () => {
      for (const one of opened.splice(0).reverse()) await one.close();
    });
    const open = async (): Promise<RouterScene> => {
      const scene = await contract.open();
      opened.push(scene);
      return scene;
    };
    const peer = async (onSocket: (socket: Socket) => void): Promise<number> => {
      const listening = await startPeer(onSocket);
      opened.push(listening);
      return listening.port;
    };
    describeShifts(contract, open);
    describeLeases(open);
    describeFencing(open);
    describeFailures(contract, open, peer);
  });
}

type Open = () => Promise<RouterScene>;

function describeShifts({ tolerance }: RouterContract, open: Open): void {
  it('reads back exactly the shares it was shifted to', async () => {
    const { router } = await open();
    let token = 0;
    for (const shares of weights) {
      await router.shift({ shares, lease: null, token: ++token }, quiet);
      expect((await router.read(quiet)).shares).toEqual(shares);
    }
  });

  it('takes the same shift twice as once', async () => {
    const { router } = await open();
    const shift = { shares: { a: 75, b: 25 }, lease: null, token: 3 };
    await router.shift(shift, quiet);
    const once = await router.read(quiet);
    await router.shift(shift, quiet);
    expect(await router.read(quiet)).toEqual(once);
    expect(once).toMatchObject({ shares: shift.shares, lease: null, lapsed: null });
  });

  it('gives each slot its share of the requests, and loses none', async () => {
    const { router, send } = await open();
    await router.shift({ shares: { a: 90, b: 10 }, lease: null, token: 1 }, quiet);
    const { a, b, lost } = await send(1_000);
    expect({ sum: a + b, lost }).toEqual({ sum: 1_000, lost: 0 });
    expect(Math.abs(b / 10 - 10)).toBeLessThanOrEqual(tolerance);
  });

  it.each<Slot>(['a', 'b'])('sends nobody anywhere else when slot %s has all traffic', async (slot) => {
    const { router, send } = await open();
    await router.shift({ shares: { a: 50, b: 50 }, lease: null, token: 1 }, quiet);
    await router.shift(
      { shares: slot === 'a' ? { a: 100, b: 0 } : { a: 0, b: 100 }, lease: null, token: 2 },
      quiet,
    );
    const tally = await send(200);
    expect(tally).toEqual({ a: 0, b: 0, lost: 0, [slot]: 200 });
  });
}

const lease = { holder: 'rollout-1', ttl: 60_000, fallback: 'a' } as const;
const trial = { a: 80, b: 20 };

function describeLeases(open: Open): void {
  it('holds a lease with its weight, or says that it cannot', async () => {
    const { router } = await open();
    await router.shift({ shares: trial, lease, token: 1 }, quiet);
    const reading = await router.read(quiet);
    if (!router.capabilities.lease) return expect(reading.lease).toBeNull();
    expect(reading.lease).toMatchObject({ holder: 'rollout-1', fallback: 'a' });
    const left = (reading.lease?.expiresAt ?? 0) - Date.now();
    expect(left).toBeGreaterThan(50_000);
    expect(left).toBeLessThanOrEqual(60_100);
  });

  it('settles the weight for good when the shift brings no lease', async () => {
    const { router } = await open();
    await router.shift({ shares: trial, lease, token: 1 }, quiet);
    await router.shift({ shares: { a: 0, b: 100 }, lease: null, token: 2 }, quiet);
    expect(await router.read(quiet)).toMatchObject({ shares: { a: 0, b: 100 }, lease: null, lapsed: null });
  });

  it('keeps the weight for as long as the lease is renewed', async () => {
    const { router } = await open();
    const short = { ...lease, ttl: 300 };
    await router.shift({ shares: trial, lease: short, token: 1 }, quiet);
    for (let turn = 0; turn < 6; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      await router.renew(short, quiet);
    }
    expect(await router.read(quiet)).toMatchObject({ shares: trial, lapsed: null });
  });

  it('sends all traffic to the fallback when the lease is not renewed', async ({ skip }) => {
    const { router, send } = await open();
    skip(!router.capabilities.lease, 'this router has no lease');
    await router.shift({ shares: trial, lease: { ...lease, ttl: 100 }, token: 1 }, quiet);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await router.read(quiet)).toMatchObject({
      shares: { a: 100, b: 0 },
      lease: null,
      lapsed: 'rollout-1',
    });
    expect(await send(100)).toEqual({ a: 100, b: 0, lost: 0 });
    await refuses(router.renew(lease, quiet), 'fenced');
    await router.shift({ shares: trial, lease, token: 1 }, quiet);
    expect(await router.read(quiet)).toMatchObject({ shares: trial, lapsed: null });
  });

  it('lets nobody renew a lease that another holds', async ({ skip }) => {
    const { router } = await open();
    skip(!router.capabilities.lease, 'this router has no lease');
    await router.shift({ shares: trial, lease, token: 1 }, quiet);
    await refuses(router.renew({ ...lease, holder: 'rollout-2' }, quiet), 'fenced');
    expect((await router.read(quiet)).lease?.holder).toBe('rollout-1');
  });
}

function describeFencing(open: Open): void {
  it('refuses a stale owner that raises, and lets it lower', async ({ skip }) => {
    const { router } = await open();
    skip(!router.capabilities.fencing, 'this router has no fencing');
    await router.shift({ shares: trial, lease, token: 7 }, quiet);
    await refuses(router.shift({ shares: { a: 50, b: 50 }, lease, token: 6 }, quiet), 'fenced');
    await refuses(router.shift({ shares: { a: 0, b: 100 }, lease: null, token: 6 }, quiet), 'fenced');
    await refuses(router.shift({ shares: trial, lease, token: 6 }, quiet), 'fenced');
    expect(await router.read(quiet)).toMatchObject({ shares: trial, token: 7 });
    await router.shift({ shares: { a: 95, b: 5 }, lease, token: 6 }, quiet);
    await router.shift({ shares: { a: 100, b: 0 }, lease: null, token: 5 }, quiet);
    expect(await router.read(quiet)).toMatchObject({ shares: { a: 100, b: 0 }, lease: null, token: 7 });
  });

  it('refuses a stale owner once the weight is settled', async ({ skip }) => {
    const { router } = await open();
    skip(!router.capabilities.fencing, 'this router has no fencing');
    await router.shift({ shares: { a: 0, b: 100 }, lease: null, token: 7 }, quiet);
    await refuses(router.shift({ shares: { a: 100, b: 0 }, lease: null, token: 6 }, quiet), 'fenced');
    await router.shift({ shares: { a: 100, b: 0 }, lease: null, token: 7 }, quiet);
    expect((await router.read(quiet)).shares).toEqual({ a: 100, b: 0 });
  });
}

type Peer = (onSocket: (socket: Socket) => void) => Promise<number>;

function describeFailures({ aimedAt, garbage, refused }: RouterContract, open: Open, peer: Peer): void {
  const calls = (router: TrafficRouter, signal: AbortSignal): readonly Promise<unknown>[] => [
    router.read(signal),
    router.shift({ shares: trial, lease: null, token: 1 }, signal),
    ...(router.capabilities.lease ? [router.renew(lease, signal)] : []),
  ];

  it('refuses shares that do not add up to 100, and changes nothing', async () => {
    const { router } = await open();
    await router.shift({ shares: trial, lease: null, token: 1 }, quiet);
    await refuses(router.shift({ shares: { a: 80, b: 30 }, lease: null, token: 2 }, quiet), 'refused');
    expect((await router.read(quiet)).shares).toEqual(trial);
  });

  it.skipIf(refused === undefined)('tells a refusal as an AdapterError', async () => {
    const wrong = refused?.(await open());
    const made = wrong === undefined ? [] : calls(wrong.router, quiet);
    await Promise.all(made.map((call) => refuses(call, wrong?.code ?? 'refused')));
  });

  describe.skipIf(aimedAt === undefined)('when the router cannot be spoken to', () => {
    const aim = (port: number, timeout: Milliseconds): TrafficRouter => {
      if (aimedAt === undefined) throw new Error('not spoken to over a connection');
      return aimedAt(port, timeout);
    };

    it('ends each call within its own deadline when the router hangs', async () => {
      const router = aim(await peer(() => undefined), 200);
      const began = performance.now();
      for (const error of await Promise.all(calls(router, quiet).map(failureOf))) {
        expect(error).toMatchObject({ code: 'timeout', retryable: true });
      }
      expect(performance.now() - began).toBeLessThan(700);
    });

    it('ends each call at once when the caller stops waiting', async () => {
      const router = aim(await peer(() => undefined), 10_000);
      const began = performance.now();
      const failures = calls(router, AbortSignal.timeout(50)).map(failureOf);
      for (const error of await Promise.all(failures)) expect(error.retryable).toBe(false);
      expect(performance.now() - began).toBeLessThan(1_000);
    });

    it('says unreachable when nobody listens, and when the router hangs up', async () => {
      const gone = await startPeer(() => undefined);
      await gone.close();
      const hangsUp = await peer((socket) => socket.once('data', () => socket.destroy()));
      for (const port of [gone.port, hangsUp]) {
        for (const error of await Promise.all(calls(aim(port, 2_000), quiet).map(failureOf))) {
          expect(error).toMatchObject({ code: 'unreachable', retryable: true });
        }
      }
    });

    it('takes no garbage for an answer', async () => {
      const port = await peer((socket) => socket.once('data', () => socket.end(garbage ?? '')));
      const made = calls(aim(port, 2_000), quiet);
      await Promise.all(made.map((call) => refuses(call, 'invalid-answer')));
    });
  });
}

async function refuses(call: Promise<unknown>, code: AdapterErrorCode): Promise<void> {
  expect((await failureOf(call)).code).toBe(code);
}

async function failureOf(call: Promise<unknown>): Promise<AdapterError> {
  const error = await call.then(
    () => new Error('the call succeeded'),
    (reason: unknown) => reason,
  );
  if (error instanceof AdapterError) return error;
  throw new Error('expected an AdapterError', { cause: error });
}

async function startPeer(
  onSocket: (socket: Socket) => void,
): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  return { port: address.port, close };
}

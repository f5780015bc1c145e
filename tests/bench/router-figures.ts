import { setTimeout as pause } from 'node:timers/promises';
import type { TrafficRouter } from '../../src/ports/traffic-router.ts';
import { dismiss } from './crew.ts';
import { count, type Figure, median, skipped } from './figure.ts';
import { startLoad, type Tally } from './load.ts';
import { type Kind, openEmbeddedKinds, openHaproxyKinds, openNginxKind } from './router-kinds.ts';
import { openSlots, type Slots } from './routers.ts';

const SECONDS = 8;
const RATE = 1_000;
const BETWEEN_SHIFTS_MS = 200;
const WEIGHTS = [10, 50, 25, 100, 0];
const SHARE = 25;

interface Run {
  readonly name: string;
  /** Milliseconds from the shift to the reading that says that it holds. */
  readonly shifts: readonly number[];
  /** Clients that give up when a kept connection is closed, and such that ask again on a new one. */
  readonly plain: Tally;
  readonly sane: Tally;
  /** At a weight of 25 %, without shifts. */
  readonly share: Tally;
}

/** What a shift takes with each router, by the adapter of a rollout, and what users notice of it. */
export async function measureRouters(): Promise<readonly Figure[]> {
  const slots = await openSlots();
  const runs = await runAll(slots);
  await dismiss(slots.process);
  const missing = [
    ...(runs.some(({ name }) => name.startsWith('HAProxy')) ? [] : [skipped('HAProxy', 'haproxy')]),
    ...(runs.some(({ name }) => name.startsWith('nginx')) ? [] : [skipped('nginx', 'nginx')]),
  ];
  return [...runs.map(figureOf), ...missing];
}

async function runAll(slots: Slots): Promise<readonly Run[]> {
  const runs: Run[] = [];
  for (const open of [openEmbeddedKinds, openHaproxyKinds, openNginxKinds]) {
    const kinds = await open(slots);
    for (const kind of kinds) runs.push(await measure(kind));
    await kinds[0]?.close();
  }
  return runs;
}

async function openNginxKinds(slots: Slots): Promise<readonly Kind[]> {
  const kind = await openNginxKind(slots);
  return kind === null ? [] : [kind];
}

async function measure({ name, url, router }: Kind): Promise<Run> {
  const shifts: number[] = [];
  const plain = await underLoad(url, false, (over) => keepShifting(router, shifts, over));
  const sane = await underLoad(url, true, (over) => keepShifting(router, shifts, over));
  await shiftTo(router, SHARE);
  const share = await underLoad(url, false, async () => undefined);
  return { name, shifts, plain, sane, share };
}

async function underLoad(
  url: string,
  retry: boolean,
  act: (over: AbortSignal) => Promise<void>,
): Promise<Tally> {
  const load = startLoad({ url, rate: RATE, connections: 32, count: null, bookings: false, retry });
  const over = new AbortController();
  const acting = act(over.signal);
  await pause(SECONDS * 1_000);
  over.abort();
  await acting;
  return load.stop();
}

async function keepShifting(router: TrafficRouter, took: number[], over: AbortSignal): Promise<void> {
  for (let turn = 0; !over.aborted; turn += 1) {
    await pause(BETWEEN_SHIFTS_MS, undefined, { signal: over }).catch(() => undefined);
    const began = performance.now();
    await shiftTo(router, WEIGHTS[turn % WEIGHTS.length] ?? 0);
    took.push(performance.now() - began);
  }
}

async function shiftTo(router: TrafficRouter, b: number): Promise<void> {
  const { signal } = new AbortController();
  await router.shift({ shares: { a: 100 - b, b }, lease: null, token: 1 }, signal);
  const { shares } = await router.read(signal);
  if (Math.abs(shares.b - b) > 0.5) throw new Error(`asked ${router.name} for ${b} %, read ${shares.b} %`);
}

function figureOf({ name, shifts, plain, sane, share }: Run): Figure {
  const lost = sane.lost + sane.failed;
  return {
    what: name,
    ours: `shift and read back: median ${median(shifts).toFixed(0)} ms, largest ${Math.max(...shifts).toFixed(0)} ms`,
    target: '0 requests lost to a client that asks again',
    met: lost === 0,
    beside: [
      `clients that ask again: ${lost} lost of ${count(sane.answered + sane.lost)}, ${sane.retried} sent again`,
      `clients that do not: ${plain.lost + plain.failed} lost of ${count(plain.answered + plain.lost)}`,
      `${shifts.length} shifts; share at ${SHARE} %: ${shareOf(share)} of ${count(share.answered)}`,
    ],
  };
}

function shareOf({ versions, answered }: Tally): string {
  return `${((100 * (versions.b?.answered ?? 0)) / answered).toFixed(2)} %`;
}

import { spawnSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { dismiss } from './crew.ts';
import { count, type Figure, median, skipped } from './figure.ts';
import { type Outcome, startLoad, wrk } from './load.ts';
import { haproxyVersion, openEmbedded, openHaproxy, openSlots, type Router } from './routers.ts';

const SECONDS = 15;
const CONNECTIONS = 16;
const RATE = 2_000;
const BETWEEN_SHIFTS_MS = 200;
const WEIGHTS = [10, 50, 25, 100, 0];

interface Run extends Outcome {
  readonly name: string;
  /** Milliseconds from the command to the router's word that it holds. */
  readonly shifts: readonly number[];
}

/** What weight shifts cost the users: on the embedded router, on HAProxy, and without any. */
export async function measureShifts(): Promise<readonly Figure[]> {
  const slots = await openSlots();
  const embedded = await openEmbedded(slots);
  const ours = await underLoad(embedded, true);
  const still = await underLoad(embedded, false);
  await embedded.close();
  const theirs = await onHaproxy(slots);
  await dismiss(slots.process);
  const others = [...(theirs === null ? [] : [theirs]), { ...still, name: 'embedded router without shifts' }];
  const beside = (text: (run: Run) => string): string[] => [
    ...others.filter((run) => text(run) !== '').map((run) => `${run.name}: ${text(run)}`),
    ...(theirs === null ? ['HAProxy: skipped: needs haproxy'] : []),
  ];
  return [
    {
      what: 'requests lost or failed over all shifts',
      ours: lostOf(ours),
      target: '0',
      met: ours.bad === 0,
      beside: beside(lostOf),
    },
    known('shift until the router says that it holds', shiftTime(ours), beside(shiftTime)),
    known('slowest 1 % of requests at that rate: at least', p99Of(ours), beside(p99Of)),
    loadIsWrk() ? known('load', loadText(), []) : skipped('load by wrk', 'wrk (our own load was used)'),
  ];
}

async function onHaproxy(slots: Awaited<ReturnType<typeof openSlots>>): Promise<Run | null> {
  const version = haproxyVersion();
  if (version === null) return null;
  const router = await openHaproxy(slots, version);
  try {
    return await underLoad(router, true);
  } finally {
    await router.close();
  }
}

async function underLoad(router: Router, withShifts: boolean): Promise<Run> {
  const over = new AbortController();
  await router.shift(50);
  const shifting = withShifts ? keepShifting(router, over.signal) : Promise.resolve([]);
  const outcome = loadIsWrk() ? await wrk(router.url, CONNECTIONS, SECONDS) : await ownLoad(router.url);
  over.abort();
  return { name: router.name, ...outcome, shifts: await shifting };
}

async function keepShifting(router: Router, over: AbortSignal): Promise<number[]> {
  const took: number[] = [];
  for (let turn = 0; !over.aborted; turn += 1) {
    await pause(BETWEEN_SHIFTS_MS, undefined, { signal: over }).catch(() => undefined);
    const began = performance.now();
    await router.shift(WEIGHTS[turn % WEIGHTS.length] ?? 0);
    took.push(performance.now() - began);
  }
  return took;
}

async function ownLoad(url: string): Promise<Outcome> {
  const load = startLoad({ url, rate: RATE, connections: 64, count: null, bookings: false });
  await pause(SECONDS * 1_000);
  const { answered, failed, lost, seconds, p99 } = await load.stop();
  return { requests: answered + lost, bad: failed + lost, rate: answered / seconds, p99 };
}

let wrkIsThere: boolean | null = null;

function loadIsWrk(): boolean {
  wrkIsThere ??= spawnSync('wrk', ['-v']).error === undefined;
  return wrkIsThere;
}

function known(what: string, ours: string, beside: readonly string[]): Figure {
  return { what, ours, target: null, met: null, beside };
}

function lostOf({ bad, requests, shifts, rate }: Run): string {
  return `${bad} of ${count(requests)}, ${shifts.length} shifts, ${count(rate)} req/s`;
}

function shiftTime({ shifts }: Run): string {
  if (shifts.length === 0) return '';
  return `median ${median(shifts).toFixed(1)} ms, largest ${Math.max(...shifts).toFixed(1)} ms`;
}

const p99Of = ({ p99 }: Run): string => `${p99.toFixed(1)} ms`;
const loadText = (): string => `wrk, ${CONNECTIONS} connections, ${SECONDS} s each, as fast as answered`;

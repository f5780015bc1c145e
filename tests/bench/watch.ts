import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { dismiss, hire } from './crew.ts';
import { type Figure, skipped } from './figure.ts';
import { type How, openStage, type Stage } from './stage.ts';

const TICKS = 720;
const TICK_MS = 70;
const WARM_UP_TICKS = 144;
/** The default time between two looks. */
const REAL_TICK_MS = 10_000;
const TARGET_PERCENT = 1;
const TARGET_GROWTH_MB = 16;

const LONG: How = {
  scenario: 'healthy',
  plan: `
  tick: ${TICK_MS}ms
  checkpoint: 4s
  steps: [{ weight: 50, bake: 10m, max-bake: 10m }, { weight: 100, bake: 1s, max-bake: 1s }]
  budgets: { deploy: 20s, shift: 5s, verify: 3s, abort: 10s, hold: 10s }`,
};

interface Use {
  readonly ticks: number;
  /** Processor time so far, user and system. */
  readonly cpuMs: number;
  readonly rssMb: number;
}

/** A heap so small that garbage is collected often: what then still grows is kept for good. */
const TIGHT: How = { ...LONG, nodeOptions: '--max-semi-space-size=2 --max-old-space-size=64' };

/** What it costs a runner to watch a rollout: seven KPIs from three endpoints, as many ticks as 2 hours have. */
export async function measureWatching(): Promise<readonly Figure[]> {
  if (!existsSync('/proc/self/stat'))
    return [skipped('processor time and memory of a watch', '/proc (Linux)')];
  const idle = await idleNode();
  const [usual, tight] = await Promise.all([watch(LONG), watch(TIGHT)]);
  return [...usualFigures(usual, idle), growthFigure(tight)];
}

async function watch(how: How): Promise<readonly Use[]> {
  const stage = await openStage();
  try {
    const step = await stage.start('canary/main', how, { version: 'v2' });
    const { pid } = step.child;
    if (pid === undefined) throw new Error('the canary action did not start');
    const uses = await follow(stage, pid, () => step.child.exitCode === null);
    step.child.kill('SIGINT');
    const { outputs } = await step.ended;
    const ticks = uses.at(-1)?.ticks ?? 0;
    if (ticks >= 2 * WARM_UP_TICKS) return uses;
    throw new Error(`the watch ended after ${ticks} ticks: ${outputs.state} (${outputs['reason-code']})`);
  } finally {
    await stage.close();
  }
}

async function follow(stage: Stage, pid: number, isAlive: () => boolean): Promise<readonly Use[]> {
  const from = stage.passed.length;
  const ticks = (): number => stage.passed.slice(from).filter(({ path }) => path === '/v1/lease').length;
  const until = performance.now() + 30_000 + 1.3 * TICKS * TICK_MS;
  const uses: Use[] = [];
  while (isAlive() && performance.now() < until && ticks() < TICKS) {
    await pause(500);
    if (isAlive() && ticks() > 0) uses.push({ ticks: ticks(), ...useOf(pid) });
  }
  return uses;
}

function useOf(pid: number): Omit<Use, 'ticks'> {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const clock = Number(fields[11]) + Number(fields[12]);
  return { cpuMs: (clock * 1_000) / clockTicks(), rssMb: residentMb(pid) };
}

function residentMb(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1_024;
}

let perSecond: number | null = null;

function clockTicks(): number {
  perSecond ??= Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout) || 100;
  return perSecond;
}

async function idleNode(): Promise<number> {
  const child = hire(spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], { stdio: 'ignore' }));
  await pause(1_000);
  const size = residentMb(child.pid ?? 0);
  await dismiss(child);
  return size;
}

function usualFigures(uses: readonly Use[], idle: number): readonly Figure[] {
  const first = uses[0];
  const warm = warmed(uses)[0];
  const last = uses.at(-1);
  if (first === undefined || warm === undefined || last === undefined) return [];
  const perTick = (last.cpuMs - first.cpuMs) / (last.ticks - first.ticks);
  const steady = (last.cpuMs - warm.cpuMs) / (last.ticks - warm.ticks);
  const percent = (100 * steady) / REAL_TICK_MS;
  const peak = Math.max(...uses.map(({ rssMb }) => rssMb));
  return [
    {
      what: `processor time of a tick (${last.ticks} of ${TICK_MS} ms)`,
      ours: `${steady.toFixed(1)} ms, ${percent.toFixed(2)} % of a core at 10 s`,
      target: `< ${TARGET_PERCENT} % of a core`,
      met: percent < TARGET_PERCENT,
      beside: [
        `with its first ${WARM_UP_TICKS} ticks: ${perTick.toFixed(1)} ms; start included: ${last.cpuMs} ms in all`,
      ],
    },
    {
      what: 'memory of the operator (RSS)',
      ours: `first ${first.rssMb.toFixed(0)}, last ${last.rssMb.toFixed(0)}, most ${peak.toFixed(0)} MB`,
      target: null,
      met: null,
      beside: [`a Node that does nothing: ${idle.toFixed(0)} MB`],
    },
  ];
}

function growthFigure(uses: readonly Use[]): Figure {
  const steady = warmed(uses);
  const growth = TICKS * slope(steady);
  const [from, to] = [steady[0], steady.at(-1)];
  return {
    what: `its growth in ${TICKS} ticks (2 h), with a heap of 64 MB`,
    ours: `${growth.toFixed(1)} MB`,
    target: `< ${TARGET_GROWTH_MB} MB`,
    met: growth < TARGET_GROWTH_MB,
    beside: [
      `line through all readings; ${from?.rssMb.toFixed(0)} MB at tick ${from?.ticks}, ${to?.rssMb.toFixed(0)} MB at tick ${to?.ticks}`,
    ],
  };
}

const warmed = (uses: readonly Use[]): readonly Use[] => uses.filter(({ ticks }) => ticks >= WARM_UP_TICKS);

/** Megabytes per tick, by least squares: a single reading depends on when garbage was last collected. */
function slope(uses: readonly Use[]): number {
  const mean = (of: (use: Use) => number): number =>
    uses.reduce((sum, use) => sum + of(use), 0) / uses.length;
  const [ticks, rss] = [mean((use) => use.ticks), mean((use) => use.rssMb)];
  const together = mean((use) => (use.ticks - ticks) * (use.rssMb - rss));
  return together / mean((use) => (use.ticks - ticks) ** 2);
}

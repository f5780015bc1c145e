import { setTimeout as pause } from 'node:timers/promises';
import { type Figure, median, spread } from './figure.ts';
import { type How, openStage, play, QUICK, type Stage } from './stage.ts';

const ABORTS = 5;
const ROLLBACKS = 4;
const TARGET_MS = 1_000;

/** The demo's bad version, on half of the traffic. */
const ILL: How = {
  scenario: 'errors',
  plan: `
  tick: 500ms
  checkpoint: 1h
  steps: [{ weight: 50, bake: 20s, max-bake: 25s }, { weight: 100, bake: 1s, max-bake: 5s }]
  budgets: { deploy: 20s, shift: 5s, verify: 3s, abort: 10s, hold: 10s }`,
};

/** All in milliseconds. */
interface Ending {
  /** From the decision, or the start of the process, to the first request that the router got after it. */
  readonly asked: number;
  /** From the decision, or the start of the process, to the order that took the canary's traffic away. */
  readonly ordered: number;
  /** From there to the last answer that a user got from the version that had to go. */
  readonly last: number;
}

/** How long users still meet a bad version after it was found out, and after a person asked for the old one. */
export async function measureAborts(): Promise<readonly Figure[]> {
  const stage = await openStage();
  try {
    await pause(500);
    const aborts: (Ending | string)[] = [];
    for (let run = 1; run <= ABORTS; run += 1) aborts.push(await abort(stage, `v2.${run}`));
    const rollbacks: (Ending | string)[] = [];
    for (let run = 1; run <= ROLLBACKS; run += 1) rollbacks.push(await rollBack(stage, `v3.${run}`));
    return [
      figureOf('deciding tick to last canary request', aborts),
      figureOf('rollback started to last canary request', rollbacks),
    ];
  } finally {
    await stage.close();
  }
}

async function abort(stage: Stage, version: string): Promise<Ending | string> {
  const from = stage.passed.length;
  const { outputs } = await play(stage.start, 'canary/main', ILL, { version });
  if (!['guardrail-breached', 'comparison-regressed'].includes(outputs['reason-code'] ?? '')) {
    return `${outputs.state ?? 'no state'} (${outputs['reason-code'] ?? 'no reason'})`;
  }
  const calls = stage.passed.slice(from);
  // Every tick begins by renewing the lease, so the last renewal is the beginning of the tick that decided.
  const ticked =
    calls.findLast(({ method, path }) => method === 'POST' && path === '/v1/lease')?.at ?? Number.NaN;
  return endingOf(stage, version, calls, ticked);
}

async function rollBack(stage: Stage, version: string): Promise<Ending | string> {
  const promoted = await play(stage.start, 'canary/main', QUICK, { version });
  if (promoted.outputs.state !== 'promoted') return `not promoted (${promoted.outputs['reason-code']})`;
  await pause(300);
  const from = stage.passed.length;
  const started = Date.now();
  const { outputs } = await play(stage.start, 'rollback/main', QUICK, { reason: 'a bench of the rollback' });
  if (outputs.state !== 'restored') return `${outputs.state} (${outputs['reason-code']})`;
  return endingOf(stage, version, stage.passed.slice(from), started);
}

async function endingOf(
  stage: Stage,
  version: string,
  calls: Stage['passed'],
  since: number,
): Promise<Ending | string> {
  const orders = calls.filter(({ method, at }) => method === 'PUT' && at >= since);
  const { versions } = await stage.load.now();
  const last = versions[version]?.lastAnsweredAt;
  // A rollback first proves where traffic is, under its own token, and then takes it back: the last order counts.
  const order = orders.at(-1)?.at;
  if (last === undefined || order === undefined || Number.isNaN(since)) return 'could not be timed';
  const asked = (calls.find(({ at }) => at >= since)?.at ?? Number.NaN) - since;
  return { asked, ordered: order - since, last: last - since };
}

function figureOf(what: string, runs: readonly (Ending | string)[]): Figure {
  const timed = runs.filter((run) => typeof run !== 'string');
  const odd = runs.filter((run) => typeof run === 'string');
  const last = timed.map((run) => run.last);
  const [asked, ordered] = [median(timed.map((run) => run.asked)), median(timed.map((run) => run.ordered))];
  return {
    what: `${what} (${timed.length} runs)`,
    ours: timed.length === 0 ? 'not measured' : `${spread(last, 'ms')} (min / median / max)`,
    target: `< ${TARGET_MS} ms`,
    met: odd.length === 0 && Math.max(...last) < TARGET_MS,
    beside: [
      `median: ${asked > 0 ? `first word to the router after ${asked} ms, ` : ''}the order that took the traffic away after ${ordered} ms`,
      'after the order: requests already under way, which take 60 ms in the median and 190 ms at P95',
      ...odd.map((text) => `one run ended otherwise: ${text}`),
    ],
  };
}

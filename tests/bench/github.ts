import { once } from 'node:events';
import { createServer } from 'node:http';
import { z } from 'zod';
import { evaluateGate } from '../../src/app/evaluate-gate.ts';
import { DEFAULT_STEPS, type Plan } from '../../src/core/rollout/plan.ts';
import { checksOf, contextIn } from '../support/check-context.ts';
import { subject } from '../support/gate-subject.ts';
import { BRIEF_PLAN, setGitHubStage } from '../support/github-stage.ts';
import { openShine } from '../support/shine-repository.ts';
import { sourceActions } from '../support/source-action.ts';
import type { Figure } from './figure.ts';

const BUDGET = 60;
/** Of the production checklist, as tests/app/handbook-checklists.test.ts holds it. */
const CHECKLIST_BUDGET = 12;
const LATENCY_MS = 200;
const CHECKS = 10;
/** The default plan with its quarter of an hour in so many milliseconds. */
const QUARTER_MS = 120;

/** What a rollout costs of GitHub's allowance, and what a checklist costs in time. */
export async function measureGitHub(): Promise<readonly Figure[]> {
  return [await rolloutFigure(), ...(await handbookFigures()), await checklistFigure()];
}

async function rolloutFigure(): Promise<Figure> {
  const stage = await setGitHubStage();
  try {
    await stage.rollOut('v2');
    stage.spent();
    const began = performance.now();
    const { reasonCode } = await stage.rollOut('v3', { plan: shrunkDefault() });
    const seconds = ((performance.now() - began) / 1_000).toFixed(1);
    if (reasonCode !== 'promoted') throw new Error(`the rollout ended ${reasonCode}`);
    const requests = stage.spent();
    return {
      what: 'healthy rollout of the default plan, compressed',
      ours: `${requests} requests, ${seconds} s`,
      target: `<= ${BUDGET} requests`,
      met: requests <= BUDGET,
      beside: ['GitHub allows a repository 1,000 requests an hour'],
    };
  } finally {
    await stage.close();
  }
}

function shrunkDefault(): Plan {
  const shrink = (ms: number): number => (ms / 900_000) * QUARTER_MS;
  const steps = DEFAULT_STEPS.map(({ weight, bake, maxBake }) => ({
    weight,
    bake: shrink(bake),
    maxBake: shrink(maxBake),
  }));
  return { ...BRIEF_PLAN, steps, tick: QUARTER_MS / 8, checkpoint: QUARTER_MS };
}

/** The production checklist of the handbook as the action runs it: a process that is asked once quickly, once slowly. */
async function handbookFigures(): Promise<readonly Figure[]> {
  const actions = await sourceActions({ 'preflight/main': ['src/actions/preflight.ts', 'preflightMain'] });
  const shine = await openShine(actions);
  const permissions = { actions: 'read', contents: 'read', deployments: 'read', issues: 'read' } as const;
  const scans = { 'security-events': 'read', statuses: 'read', 'vulnerability-alerts': 'read' } as const;
  const ask = async () => {
    const [before, began] = [shine.github.requests().length, performance.now()];
    const step = await shine.preflight('production', { permissions: { ...permissions, ...scans } });
    if (step.code !== 0) throw new Error(step.log);
    const wall = performance.now() - began;
    const { startedAt, endedAt, findings } = timed.parse(JSON.parse(step.outputs.result ?? ''));
    const slowest = Math.max(...findings.map(({ durationMs }) => durationMs));
    return { requests: shine.github.requests().length - before, wall, took: endedAt - startedAt, slowest };
  };
  try {
    const quick = await ask();
    shine.github.fault({ fault: { do: 'delay', ms: LATENCY_MS }, times: 'always' });
    const slow = await ask();
    return [
      {
        what: 'preflight, production checklist of the handbook',
        ours: `${quick.requests} requests, ${quick.wall.toFixed(0)} ms as a process, ${quick.took} ms for its checks`,
        target: `<= ${CHECKLIST_BUDGET} requests`,
        met: quick.requests <= CHECKLIST_BUDGET,
        beside: [`a whole rollout may take ${BUDGET}`],
      },
      {
        what: `the same, each answer of GitHub after ${LATENCY_MS} ms`,
        ours: `${slow.took} ms for its checks`,
        target: `<= ${slow.slowest} ms (its slowest check) + ${LATENCY_MS} ms`,
        met: slow.took <= slow.slowest + LATENCY_MS,
        beside: [`one request after the other: ${slow.requests * LATENCY_MS} ms`],
      },
    ];
  } finally {
    await shine.close();
    actions.remove();
  }
}

const timed = z.object({
  startedAt: z.number(),
  endedAt: z.number(),
  findings: z.array(z.object({ durationMs: z.number().default(0) })),
});

async function checklistFigure(): Promise<Figure> {
  const server = createServer((_, response) => setTimeout(() => response.end('{}'), LATENCY_MS));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const entries = Array.from({ length: CHECKS }, (_, index) => ({
    check: 'http',
    id: `http-${index}`,
    url: `http://127.0.0.1:${port}/`,
  }));
  const gate = { checklist: 'mine', checks: checksOf(...entries), waivers: [], subject };
  const began = performance.now();
  const { verdict } = await evaluateGate(contextIn('.'), gate, new AbortController().signal);
  const took = performance.now() - began;
  server.close();
  if (verdict !== 'pass') throw new Error(`the checklist ended ${verdict}`);
  return {
    what: `checklist of ${CHECKS} checks, each answered after ${LATENCY_MS} ms`,
    ours: `${took.toFixed(0)} ms`,
    target: `<= ${2 * LATENCY_MS} ms`,
    met: took <= 2 * LATENCY_MS,
    beside: [`one after the other: ${CHECKS * LATENCY_MS} ms`],
  };
}

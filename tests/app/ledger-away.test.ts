import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/core/rollout/plan.ts';
import type { Happening } from '../../src/ports/observer.ts';
import type { Fault } from '../support/github/faults.ts';
import { BRIEF_PLAN, type GitHubStage, setGitHubStage } from '../support/github-stage.ts';

/** Steps of many ticks, and a checkpoint with each of them. */
const PLAN: Plan = {
  ...BRIEF_PLAN,
  steps: [
    { weight: 20, bake: 200, maxBake: 4_000 },
    { weight: 60, bake: 200, maxBake: 4_000 },
  ],
  checkpoint: 10,
  budgets: { ...BRIEF_PLAN.budgets, shift: 500, hold: 60_000, record: 60_000 },
};

/** Each on a stage of its own: most of their time they wait. */
async function onStage(act: (stage: GitHubStage) => Promise<void>): Promise<void> {
  const stage = await setGitHubStage();
  try {
    await act(stage);
    expect(stage.github.violations(), 'what GitHub does not describe').toEqual([]);
  } finally {
    await stage.close();
  }
}

interface Seen {
  readonly notes: string[];
  /** Of slot b, at each tick while GitHub was away. */
  readonly shares: number[];
}

/** Takes GitHub away at a tick of the first step for so many ticks, or until traffic has come home. */
function away(
  stage: GitHubStage,
  fault: Fault,
  ticks: number,
): Seen & { readonly observe: (happening: Happening) => void } {
  let seen = 0;
  const [notes, shares]: [string[], number[]] = [[], []];
  const observe = (happening: Happening): void => {
    if (happening.type === 'note') notes.push(`${happening.level}: ${happening.message}`);
    if (happening.type === 'moved' && happening.event === 'came-home') stage.github.clearFaults();
    if (happening.type !== 'tick') return;
    seen += 1;
    if (seen === 3) stage.github.fault({ fault, times: 'always' });
    if (seen === 3 + ticks) stage.github.clearFaults();
    if (seen > 3 && seen <= 3 + ticks) shares.push(happening.traffic.shares.b);
  };
  return { notes, shares, observe };
}

const warnings = ({ notes }: Seen): string[] => notes.filter((one) => one.startsWith('warning'));
const GONE: Fault = { do: 'server-error', status: 502 };

describe.concurrent('a GitHub that is away for a part of a bake', () => {
  it.each([
    ['answers nothing but errors', GONE],
    ['cuts every connection', { do: 'cut' }],
    ['does what it is asked and loses every answer', { do: 'lose-answer' }],
    ['asks for a pause', { do: 'secondary-limit', retryAfterSeconds: 1 }],
  ] as const)(
    'and %s ends no healthy rollout: people are warned once, and the record is caught up',
    (_, fault) =>
      onStage(async (stage) => {
        const seen = away(stage, fault, 4);
        const result = await stage.rollOut('v2', { plan: PLAN, observe: seen.observe });
        expect(result).toMatchObject({ verdict: 'pass', reasonCode: 'promoted', warnings: [] });
        expect(warnings(seen)).toEqual([
          expect.stringContaining('the record falls behind, the weight stays'),
        ]);
        expect(seen.notes.join()).toContain('info: the ledger is caught up');
        const { rollout } = stage.entries().at(-1)?.record ?? {};
        expect(rollout?.phase.name).toBe('promoted');
        for (const { servedMs } of rollout?.steps ?? []) expect(servedMs).toBeGreaterThanOrEqual(200);
      }),
  );

  it('and over its end raises nothing until it is back: the step is held', () =>
    onStage(async (stage) => {
      const seen = away(stage, GONE, 40);
      const result = await stage.rollOut('v2', { plan: PLAN, observe: seen.observe });
      expect(result.reasonCode).toBe('promoted');
      expect(seen.shares.length).toBe(40);
      expect(new Set(seen.shares), 'weights while it was away').toEqual(new Set([20]));
      expect(warnings(seen)).toHaveLength(1);
      const [first] = stage.entries().at(-1)?.record.rollout?.steps ?? [];
      expect(first?.heldMs, 'time that is not served bake').toBeGreaterThan(0);
    }));

  it('is no excuse for a bad canary: traffic comes home at once, and the record follows', () =>
    onStage(async (stage) => {
      const seen = away(stage, GONE, 1_000_000);
      const plan = { ...PLAN, steps: [{ weight: 20, bake: 60_000, maxBake: 60_000 }] };
      const failing = (): number => (seen.shares.length > 10 ? 0.4 : 0);
      const result = await stage.rollOut('v2', { plan, observe: seen.observe, failing });
      expect(result).toMatchObject({ reasonCode: 'guardrail-breached', weight: 0 });
      expect(await stage.shareOfB()).toBe(0);
      expect(stage.entries().at(-1)?.record.rollout?.phase.name).toBe('aborted');
    }));
});

describe.concurrent('a GitHub that stays away', () => {
  const UP_TO = (bake: number): Plan['steps'] =>
    [20, 60].map((weight) => ({ weight, bake, maxBake: 60_000 }));

  it.each([
    ['the record budget, in mid-bake', { record: 400, hold: 60_000 }, 60_000],
    ['the hold budget, when a rise is due', { record: 60_000, hold: 200 }, 200],
  ])('ends the rollout after %s, with traffic at home', (_, budgets, bake) =>
    onStage(async (stage) => {
      const seen = away(stage, GONE, 1_000_000);
      const plan: Plan = { ...PLAN, steps: UP_TO(bake), budgets: { ...PLAN.budgets, ...budgets } };
      const result = await stage.rollOut('v2', { plan, observe: seen.observe });
      expect(result).toMatchObject({ verdict: 'fail', reasonCode: 'ledger-unavailable', weight: 0 });
      expect(result.message).toMatch(/the ledger could not be written for .*502/);
      expect(new Set(seen.shares)).toEqual(new Set([20]));
      expect(await stage.shareOfB()).toBe(0);
    }),
  );
});

describe('a ledger that is away when traffic is to rise for the first time', () => {
  it('ends the rollout before anybody was exposed', () =>
    onStage(async (stage) => {
      const observe = (happening: Happening): void => {
        if (happening.type !== 'moved') return;
        if (happening.event === 'started')
          stage.github.fault({ fault: GONE, operations: ['git/create-tree'], nth: 2, times: 'always' });
        if (happening.event === 'came-home') stage.github.clearFaults();
      };
      const result = await stage.rollOut('v2', { plan: PLAN, observe });
      expect(result).toMatchObject({ verdict: 'fail', reasonCode: 'ledger-unavailable' });
      expect(result.exposed.requests).toBe(0);
      expect(await stage.shareOfB()).toBe(0);
    }));
});

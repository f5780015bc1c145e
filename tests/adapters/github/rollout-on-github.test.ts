import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_STEPS, type Plan } from '../../../src/core/rollout/plan.ts';
import type { Observer } from '../../../src/ports/observer.ts';
import { BRIEF_PLAN, ENVIRONMENT, type GitHubStage, setGitHubStage } from '../../support/github-stage.ts';
import { CANARY_PERMISSIONS, REPOSITORY } from '../../support/on-github.ts';

let stage: GitHubStage;
beforeEach(async () => {
  stage = await setGitHubStage();
});
afterEach(async () => {
  await stage.close();
  expect(stage.github.violations(), 'what GitHub does not describe').toEqual([]);
});

const deployments = () => [...stage.github.repository(REPOSITORY).deployments.values()];
const statesOf = (deployment: ReturnType<typeof deployments>[number] | undefined) =>
  deployment?.statuses.map(({ state, description }) => `${state}: ${description}`);

/** The default plan with its quarter of an hour in 120 ms: as many steps, bakes and checkpoints. */
const QUARTER = 120;
const SHRUNK_DEFAULT: Plan = {
  ...BRIEF_PLAN,
  steps: DEFAULT_STEPS.map(({ weight, bake, maxBake }) => ({
    weight,
    bake: (bake / 900_000) * QUARTER,
    maxBake: (maxBake / 900_000) * QUARTER,
  })),
  tick: QUARTER / 8,
  checkpoint: QUARTER,
};

describe('a healthy rollout of the default plan', () => {
  it('takes at most 60 requests to GitHub, whatever was there before', async () => {
    expect((await stage.rollOut('v2')).reasonCode).toBe('promoted');
    stage.spent();
    expect((await stage.rollOut('v3', { plan: SHRUNK_DEFAULT })).reasonCode).toBe('promoted');
    const requests = stage.spent();
    const saved = stage.entries().filter(({ note }) => note.startsWith('ticked'));
    expect(saved, 'ends of steps, and progress saved within them').toHaveLength(1 + 3 + 4);
    console.log(`a rollout of the default plan took ${requests} requests`);
    expect(requests).toBeLessThanOrEqual(60);
  });
});

describe('what people see on GitHub of a rollout', () => {
  it('that is promoted: one deployment that goes through its steps to success, the one before inactive', async () => {
    await stage.rollOut('v2');
    await stage.rollOut('v3');
    const [second, third] = deployments();
    expect(deployments()).toHaveLength(2);
    expect(second).toMatchObject({
      ref: 'v2',
      environment: ENVIRONMENT,
      task: 'deploy:canary',
      production: true,
    });
    expect(statesOf(second)?.at(-1)).toBe('inactive: Replaced by v3');
    expect(statesOf(third)?.at(-1)).toBe('success: v3 serves all traffic');
    expect(third?.payload).toMatchObject({ schema: 1, service: 'booking', stable: 'v2', canary: 'v3' });
    expect(statesOf(third)).toContain('in_progress: 50 % of traffic, step 1 of 1');
  });

  it('that is promoted: one status on its commit, pending and then success', async () => {
    await stage.rollOut('v2');
    const { statuses } = stage.github.repository(REPOSITORY);
    const told = statuses.map(({ context, state, description }) => [context, state, description]);
    expect(told).toEqual([
      ['deploy-canary/production', 'pending', 'Being rolled out to production'],
      ['deploy-canary/production', 'success', 'v2 serves all traffic'],
    ]);
    expect(statuses[0]?.targetUrl).toContain('/actions/runs/');
  });

  it('that broke a limit: a failed deployment and one issue that says what, when, which KPI and who was exposed', async () => {
    const result = await stage.rollOut('v2', { failing: 0.4 });
    expect(result.reasonCode).toBe('guardrail-breached');
    const issues = [...stage.github.repository(REPOSITORY).issues.values()];
    expect(issues).toHaveLength(1);
    const [issue] = issues;
    expect(issue).toMatchObject({
      title: 'v2 of booking was rolled back in production',
      state: 'open',
      labels: ['deploy-canary'],
    });
    const { requests, bad } = result.exposed;
    expect(requests).toBeGreaterThan(0);
    for (const words of [
      'All traffic was put back on v1, and the router confirmed it.',
      'The rollout began 2',
      'Error rate was 40 %',
      '5 %',
      `${requests} requests, ${bad} bad (40 %)`,
      'What to do next',
      '/actions/runs/',
    ])
      expect(issue?.body).toContain(words);
    expect(statesOf(deployments()[0])?.at(-1)).toMatch(/^failure: Rolled back: Error rate/);
    expect(stage.github.repository(REPOSITORY).statuses.at(-1)?.state).toBe('failure');
  });

  it('that somebody stopped is no incident', async () => {
    const stop = new AbortController();
    const result = await stage.rollOut('v2', {
      plan: { ...BRIEF_PLAN, steps: [{ weight: 50, bake: 60_000, maxBake: 60_000 }] },
      stop: stop.signal,
      observe: (happening) => {
        if (happening.type === 'tick') stop.abort({ code: 'cancelled', message: 'no longer wanted' });
      },
    });
    expect(result.reasonCode).toBe('cancelled');
    expect(stage.github.repository(REPOSITORY).issues.size).toBe(0);
    expect(statesOf(deployments()[0])?.at(-1)).toBe('failure: Rolled back: no longer wanted');
  });

  it('that was rolled back later: a deployment of the version before, and an issue about the one that went', async () => {
    await stage.rollOut('v2');
    const result = await stage.rollBack('customers complain, ask @ann <b>');
    expect(result.reasonCode).toBe('restored');
    const [second, back] = deployments();
    expect(statesOf(second)?.at(-1)).toBe('inactive: Replaced by v1');
    expect(back).toMatchObject({ task: 'deploy:rollback', ref: 'v1' });
    expect(statesOf(back)?.at(-1)).toBe('success: v1 serves all traffic again');
    const [issue] = [...stage.github.repository(REPOSITORY).issues.values()];
    expect(issue?.title).toBe('v2 of booking was rolled back in production');
    expect(issue?.body).toContain('ann put all traffic back from v2 to v1.');
    expect(issue?.body).toContain('Customers complain');
    expect(issue?.body, 'nobody is mentioned and no HTML gets in').not.toMatch(/@ann|<b>/);
  });

  it('whose version is no ref of the repository is told, and the rollout is not held up', async () => {
    const result = await stage.rollOut('image-7');
    expect(result.reasonCode).toBe('promoted');
    expect(deployments()).toHaveLength(0);
  });
});

describe('a token that may not do everything', () => {
  it.each([
    ['deployments', 0, 2, 1],
    ['statuses', 1, 0, 1],
    ['issues', 1, 2, 0],
  ])(
    'such as "%s: write" keeps the rest from being shown no more than it must',
    async (missing, ours, statuses, issues) => {
      const { [missing]: _, ...permissions } = CANARY_PERMISSIONS;
      const sha = stage.github.repository(REPOSITORY).refs.get('refs/tags/v2') ?? '';
      const result = await stage.rollOut(sha, { permissions, failing: 0.4 });
      expect(result.reasonCode).toBe('guardrail-breached');
      const repository = stage.github.repository(REPOSITORY);
      expect([repository.deployments.size, repository.statuses.length, repository.issues.size]).toEqual([
        ours,
        statuses,
        issues,
      ]);
    },
  );

  it('on the ledger keeps a rollout from beginning, and says what to add', async () => {
    const result = await stage.rollOut('v2', { permissions: { contents: 'read' } });
    expect(result).toMatchObject({ reasonCode: 'ledger-unavailable', verdict: 'fail' });
    expect(result.message).toContain('permissions: { contents: write }');
    expect(await stage.shareOfB()).toBe(0);
  });
});

describe('two runners', () => {
  it('that race for one rollout: exactly one wins, the other touches nothing', async () => {
    const results = await Promise.all([stage.rollOut('v2'), stage.rollOut('v3')]);
    expect(results.map(({ reasonCode }) => reasonCode).sort()).toEqual(['promoted', 'rollout-in-progress']);
    const winner = results.find(({ reasonCode }) => reasonCode === 'promoted')?.version;
    expect(stage.entries().at(-1)?.record.stable?.version).toBe(winner);
    expect(deployments()).toHaveLength(1);
  });
});

describe('the safety net of a run that was refused because another one drives', () => {
  let running: Promise<unknown> = Promise.resolve();

  it('leaves that one alone, although its own canary job has ended', async () => {
    const [first, second] = [
      stage.github.seed.workflowRun(REPOSITORY),
      stage.github.seed.workflowRun(REPOSITORY),
    ];
    const stop = new AbortController();
    const baking = new Promise<void>((resolve) => {
      const plan = { ...BRIEF_PLAN, steps: [{ weight: 50, bake: 60_000, maxBake: 60_000 }] };
      const observe: Observer = ({ type }) => void (type === 'tick' && resolve());
      running = stage.rollOut('v2', { run: first, plan, observe, stop: stop.signal });
    });
    await baking;
    const refused = await stage.rollOut('v3', { run: second });
    expect(refused).toMatchObject({ reasonCode: 'rollout-in-progress', state: 'baking' });
    const left = await stage.reconcile({ run: second }, { ownerHasEnded: true });
    expect(left).toMatchObject({ reasonCode: 'nothing-to-do', verdict: 'pass' });
    expect(await stage.shareOfB()).toBe(50);
    const ended = await stage.reconcile({ run: first }, { ownerHasEnded: true });
    expect(ended).toMatchObject({ state: 'aborted', reasonCode: 'owner-lost' });
    expect(await stage.shareOfB()).toBe(0);
    stop.abort();
    await running;
  });
});

const UNHURRIED: Plan = { ...BRIEF_PLAN, steps: [{ weight: 50, bake: 400, maxBake: 4_000 }] };

describe('a GitHub that goes away', () => {
  /** Takes GitHub away at the first look at the KPIs, when traffic is on the canary. */
  const awayAtFirstTick = (): Observer => {
    let away = false;
    return (happening) => {
      if (happening.type !== 'tick' || away) return;
      away = true;
      void stage.github.down();
    };
  };

  it('in mid-rollout for good: traffic comes home all the same, and reconcile catches the record up', async () => {
    const plan = { ...UNHURRIED, budgets: { ...UNHURRIED.budgets, shift: 500 } };
    const result = await stage.rollOut('v2', { plan, observe: awayAtFirstTick(), patience: 200 });
    expect(result.reasonCode).toBe('ledger-unavailable');
    expect(await stage.shareOfB()).toBe(0);
    expect(result.warnings.join()).toContain('reconcile will catch it up');
    await stage.github.up();
    expect(stage.entries().at(-1)?.record.rollout?.phase.name).toBe('baking');
    const caught = await stage.reconcile({}, { ownerHasEnded: true });
    expect(caught.state).toBe('aborted');
    expect(stage.entries().at(-1)?.record.rollout?.phase.name).toBe('aborted');
    expect(statesOf(deployments()[0])?.at(-1)).toMatch(/^failure: Rolled back/);
    expect(deployments()).toHaveLength(1);
  });

  it('while a bad canary has traffic does not delay its way home', async () => {
    let down = 0;
    let home = 0;
    const result = await stage.rollOut('v2', {
      plan: { ...UNHURRIED, steps: [{ weight: 50, bake: 60_000, maxBake: 60_000 }] },
      failing: 0.4,
      patience: 200,
      observe: (happening) => {
        if (happening.type === 'moved' && happening.event === 'shifted') void stage.github.down();
        if (happening.type === 'moved' && happening.record.rollout?.phase.name === 'aborting' && down === 0)
          down = performance.now();
        if (happening.type === 'moved' && happening.event === 'came-home') home = performance.now();
      },
    });
    expect(await stage.shareOfB()).toBe(0);
    expect(['guardrail-breached', 'ledger-unavailable']).toContain(result.reasonCode);
    expect(home - down).toBeGreaterThan(0);
    await stage.github.up();
  });

  it('and hangs when the job is cancelled: traffic is home before anybody loses patience', async () => {
    const stop = new AbortController();
    let cancelled = 0;
    let home = Number.POSITIVE_INFINITY;
    const watch = async (): Promise<void> => {
      while ((await stage.shareOfB()) !== 0) await new Promise((resolve) => setTimeout(resolve, 10));
      home = performance.now();
    };
    let watching: Promise<void> = Promise.resolve();
    await stage.rollOut('v2', {
      plan: { ...UNHURRIED, steps: [{ weight: 50, bake: 60_000, maxBake: 60_000 }] },
      stop: stop.signal,
      patience: 200,
      observe: (happening) => {
        if (happening.type !== 'tick' || cancelled > 0) return;
        stage.github.fault({ fault: { do: 'hang' }, times: 1_000 });
        cancelled = performance.now();
        watching = watch();
        stop.abort({ code: 'cancelled', message: 'the run was cancelled' });
      },
    });
    await watching;
    expect(home - cancelled).toBeLessThan(3_000);
  });

  it('until the very end shows everything as soon as somebody reconciles', async () => {
    const result = await stage.rollOut('v2', { permissions: { contents: 'write' } });
    expect(result.reasonCode).toBe('promoted');
    expect(deployments()).toHaveLength(0);
    const idle = await stage.reconcile({ later: 3_600_000 });
    expect(idle.reasonCode).toBe('nothing-to-do');
    expect(statesOf(deployments()[0])).toEqual(['success: v2 serves all traffic']);
    stage.spent();
    await stage.reconcile({ later: 3_600_000 });
    expect(stage.spent(), 'a look at the ledger, and one at what is shown').toBe(4);
    expect(statesOf(deployments()[0])).toHaveLength(1);
  });
});

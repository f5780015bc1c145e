import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Load } from '../../src/cli/demo/load.ts';
import { needs } from '../support/act/needs.ts';
import { type ActStage, openActStage } from '../support/act/stage.ts';
import { holdAt, letGo, pressButton } from '../support/act/way-home.ts';
import { isExhaustive } from '../support/exhaustive.ts';
import { REPOSITORY } from '../support/on-github.ts';
import { until } from '../support/prometheus.ts';

const TIMEOUT = { timeout: 240_000 };
const NO_GATES = { e2e: false, 'load-test': false };
/** Each is a run of its own of act; the pipeline, its way back, its bad version and its lost machine are run every time. */
const rarely = it.skipIf(!isExhaustive);
const skipped = isExhaustive ? '' : ' (skipped: needs EXHAUSTIVE=1)';

/** One after the other on one production, as it would be there; each begins with the first version in slot a. */
describe.skipIf(needs !== '')(`the example workflows under a real runner${needs}`, () => {
  let stage: ActStage;
  let load: Load;
  beforeAll(async () => {
    stage = await openActStage();
    load = stage.site.startLoad(50);
  }, 120_000);
  afterAll(async () => {
    await stage.close();
  });
  const serves = async (slot: 'a' | 'b', version: string): Promise<void> => {
    expect(await stage.site.shares()).toEqual(slot === 'a' ? { a: 100, b: 0 } : { a: 0, b: 100 });
    expect(stage.record()?.stable).toEqual({ slot, version });
    expect(load.counts().none, 'requests that nobody answered').toBeUndefined();
    expect(stage.github.takeViolations(), 'what GitHub does not describe').toEqual([]);
  };
  const tested = (commit: string, conclusion: 'success' | 'failure' = 'success'): string => {
    stage.github.seed.checkRun(REPOSITORY, { commit, name: 'unit', status: 'completed', conclusion });
    return commit;
  };
  const push = (commit: string, more = {}) =>
    stage.act('deploy', { event: 'push', run: stage.newRun(commit), commit, with: more });

  rarely(
    `stop at a red checklist before any request has met the new version${skipped}`,
    TIMEOUT,
    async () => {
      const commit = tested(stage.change({ bake: '2s' }), 'failure');
      const end = await push(commit).ended;
      expect(end.code, end.log).toBe(1);
      expect(end.jobs).toEqual({ 'preflight-staging': 'failed' });
      expect(stage.told(commit)).toEqual({ 'preflight-staging': 'failure' });
      expect(Object.keys(load.counts())).toEqual([stage.first]);
      await serves('a', stage.first);
    },
  );

  rarely(
    `tell a pull request of a fork its verdict, from the default branch${skipped}`,
    TIMEOUT,
    async () => {
      const head = stage.change({ bake: '2s' });
      const asked = async (code: number, verdict: string): Promise<void> => {
        const workflow_run = { event: 'pull_request', head_sha: head, pull_requests: [] };
        const woken = { event: 'workflow_run', run: stage.newRun(stage.first), commit: stage.first };
        const end = await stage.act('pull-request-gate', { ...woken, payload: { workflow_run } }).ended;
        expect(end.code, end.log).toBe(code);
        expect(stage.told(head)).toEqual({ 'pull-request': verdict });
      };
      await asked(1, 'failure');
      tested(head);
      await asked(0, 'success');
    },
  );

  rarely(`try a version in staging as one step${skipped}`, TIMEOUT, async () => {
    const commit = tested(stage.change({ bake: '2s' }));
    const end = await stage.act('staging', { event: 'push', run: stage.newRun(commit), commit }).ended;
    expect(end.code, end.log).toBe(0);
    const gates = ['preflight-staging', 'deploy', 'e2e-gate', 'load-test'];
    expect(stage.told(commit)).toEqual(Object.fromEntries(gates.map((gate) => [gate, 'success'])));
    await serves('a', stage.first);
  });

  it('bring a healthy version to all traffic', TIMEOUT, async () => {
    const commit = tested(stage.change({ bake: '2s' }));
    const end = await push(commit, {
      'verify-checklist': 'after',
      'store-listings-owner': 'ada',
    }).ended;
    expect(end.code, end.log).toBe(0);
    const before = ['preflight-staging', 'deploy-staging', 'e2e', 'load-test'];
    const jobs = [...before, 'preflight-production', 'canary', 'verify', 'store-listings'];
    expect(Object.keys(end.jobs).sort(), 'there is nothing to catch').toEqual(jobs.sort());
    const gates = ['preflight-staging', 'deploy', 'e2e-gate', 'load-test'];
    const green = [...gates, 'preflight-production', 'production', 'verify'].map((gate) => [gate, 'success']);
    expect(stage.told(commit)).toEqual(Object.fromEntries(green));
    const [task] = [...stage.github.repository(REPOSITORY).issues.values()];
    expect(task?.body).toMatch(/For @ada\.[\s\S]*App Store[\s\S]*ended promoted in production/);
    await serves('b', commit);
  });

  it('bring the version before back at the push of the red button, and not by a slip', TIMEOUT, async () => {
    const commit = stage.record()?.stable?.version ?? '';
    const slip = await pressButton(stage, commit, 'prodution').running.ended;
    expect(slip.code).toBe(1);
    expect(slip.log).toContain('the name of the environment, production; nothing was touched');
    await serves('b', commit);
    const isThere = holdAt(stage, 'before the order');
    const { running, run } = pressButton(stage, commit);
    await until(isThere, 'the order to the router', 60_000);
    running.kill();
    await running.ended;
    letGo(stage);
    await serves('b', commit);
    stage.github.seed.workflowRunState(REPOSITORY, run, 'completed', 'failure');
    const end = await pressButton(stage, commit).running.ended;
    expect(end.code, `its machine was lost, and it is pressed again:\n${end.log}`).toBe(0);
    expect(stage.record()?.rollout?.phase.name).toBe('restored');
    await serves('a', stage.first);
  });

  it('take a bad version back, and have the safety net look after it', TIMEOUT, async () => {
    const commit = tested(stage.change({ bake: '60s', fault: 'errors', gates: 'none' }));
    const end = await push(commit, NO_GATES).ended;
    expect(end.code, end.log).toBe(1);
    expect(end.jobs).toMatchObject({ canary: 'failed', 'safety-net': 'succeeded' });
    expect(stage.record()?.rollout).toMatchObject({
      phase: { name: 'aborted' },
      canary: { version: commit },
    });
    expect(stage.told(commit).production).toBe('failure');
    const incidents = [...stage.github.repository(REPOSITORY).issues.values()];
    expect(incidents.filter(({ title }) => title.includes(commit.slice(0, 7)))).toHaveLength(1);
    await serves('a', stage.first);
  });

  it('find a rollout whose machine was lost with traffic on it, and bring it home', TIMEOUT, async () => {
    const commit = tested(stage.change({ bake: '60s', gates: 'none' }));
    const run = stage.newRun(commit);
    const running = stage.act('deploy', { event: 'push', run, commit, with: NO_GATES });
    await until(async () => (await stage.site.shares()).b === 40, 'traffic on the canary', 120_000);
    running.kill();
    await running.ended;
    expect((await stage.site.shares()).b, 'nobody has ended it').toBe(40);
    const end = await stage.lookAfter(run, commit).ended;
    expect(end.code, end.log).toBe(0);
    expect(stage.record()?.rollout).toMatchObject({
      phase: { name: 'aborted' },
      canary: { version: commit },
    });
    await serves('a', stage.first);
  });
});

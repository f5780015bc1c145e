import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Load } from '../../src/cli/demo/load.ts';
import { needs } from '../support/act/needs.ts';
import { type ActStage, openActStage, type Step } from '../support/act/stage.ts';

const TIMEOUT = { timeout: 120_000 };
const PARKED = { watch: '1s', grace: '60s' };

/** No job runs while a bake is parked: real HAProxy, real Prometheus, the record on GitHub, each wake a process of its own. */
describe.skipIf(needs !== '')(`bakes that are parked${needs}`, () => {
  let stage: ActStage;
  let load: Load;
  beforeAll(async () => {
    stage = await openActStage();
    load = stage.site.startLoad(80);
  }, 120_000);
  afterAll(async () => {
    await stage.close();
  });
  const canary = (commit: string): Promise<Step> =>
    stage.step('canary/main', commit, { version: commit, 'job-limit': '1h' });
  const reconcile = (commit: string): Promise<Step> => stage.step('reconcile/main', commit);
  const phase = (): unknown => stage.record()?.rollout?.phase;
  const serves = async (slot: 'a' | 'b', version: string): Promise<void> => {
    expect(await stage.site.shares()).toEqual(slot === 'a' ? { a: 100, b: 0 } : { a: 0, b: 100 });
    expect(stage.record()?.stable).toEqual({ slot, version });
    expect(load.counts().none, 'requests that nobody answered').toBeUndefined();
    expect(stage.github.takeViolations(), 'what GitHub does not describe').toEqual([]);
  };
  const park = async (commit: string): Promise<Step> => {
    const end = await canary(commit);
    expect(end.code, end.log).toBe(0);
    expect(end.outputs).toMatchObject({
      state: 'parked',
      verdict: 'pass',
      'reason-code': 'parked',
      weight: '40',
    });
    expect(await stage.site.shares()).toEqual({ a: 60, b: 40 });
    return end;
  };

  it('take a bad version home that nobody watched, by what happened meanwhile', TIMEOUT, async () => {
    const commit = stage.change({ bake: '60s', fault: 'errors', parked: { watch: '50ms', grace: '60s' } });
    await park(commit);
    await sleep(4_000);
    expect(await stage.site.shares(), 'nobody is there to end it').toEqual({ a: 60, b: 40 });
    const end = await reconcile(commit);
    expect(end.code, end.log).toBe(1);
    expect(end.outputs).toMatchObject({ state: 'aborted', verdict: 'fail', weight: '0' });
    expect(end.outputs['reason-code']).toMatch(/guardrail-breached|comparison-regressed/);
    expect(end.log).toContain('in hindsight');
    await serves('a', stage.first);
  });

  it('bring a healthy version to all traffic, step by step, in jobs that end', TIMEOUT, async () => {
    const commit = stage.change({ bake: '5s', last: '4s', parked: PARKED });
    await park(commit);
    const early = await reconcile(commit);
    expect(early.outputs, early.log).toMatchObject({ state: 'parked', weight: '40' });
    await sleep(4_000);
    const risen = await reconcile(commit);
    expect(risen.outputs, risen.log).toMatchObject({ state: 'parked', weight: '100' });
    await sleep(4_000);
    const end = await reconcile(commit);
    expect(end.code, end.log).toBe(0);
    expect(end.outputs).toMatchObject({ state: 'promoted', verdict: 'pass', 'reason-code': 'promoted' });
    const steps = stage.record()?.rollout?.steps ?? [];
    expect(steps.map(({ servedMs }, index) => servedMs >= ([5_000, 4_000][index] ?? 0))).toEqual([
      true,
      true,
    ]);
    await serves('b', commit);
    const back = await stage.step('rollback/main', commit, { reason: 'the next play begins in slot a' });
    expect(back.code, back.log).toBe(0);
  });

  it('end at once when an alert says so, and what was promoted stays where it is', TIMEOUT, async () => {
    const commit = stage.change({ bake: '60s', parked: PARKED });
    await park(commit);
    const alert = { reason: 'BookingErrors fires', 'only-in-progress': 'true' };
    const end = await stage.step('rollback/main', commit, alert);
    expect(end.code, end.log).toBe(0);
    expect(phase()).toEqual({ name: 'aborted' });
    expect(stage.record()?.rollout?.reason).toMatchObject({ code: 'rolled-back-by-hand' });
    await serves('a', stage.first);
    const again = await stage.step('rollback/main', commit, alert);
    expect(again.outputs, again.log).toMatchObject({ verdict: 'pass', 'reason-code': 'nothing-to-do' });
    await serves('a', stage.first);
  });

  it('go home when nobody came back in time', TIMEOUT, async () => {
    const commit = stage.change({ bake: '1s', parked: { watch: '300ms', grace: '1s' } });
    await park(commit);
    await sleep(3_000);
    const end = await reconcile(commit);
    expect(end.code, end.log).toBe(0);
    expect(end.outputs).toMatchObject({ state: 'aborted', 'reason-code': 'owner-lost', weight: '0' });
    expect(end.outputs.result).toContain('nobody came back by');
    await serves('a', stage.first);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs as actNeeds } from '../support/act/needs.ts';
import { type ActStage, openActStage } from '../support/act/stage.ts';
import { hasAlertmanager, startAlertmanager } from '../support/alertmanager.ts';
import { isExhaustive } from '../support/exhaustive.ts';
import { REPOSITORY } from '../support/on-github.ts';
import { until } from '../support/prometheus.ts';

const TIMEOUT = { timeout: 280_000 };
const PARKED = { watch: '2s', grace: '120s' };
const needs = [
  actNeeds,
  hasAlertmanager ? '' : ' (skipped: needs alertmanager)',
  isExhaustive ? '' : ' (skipped: needs EXHAUSTIVE=1)',
].join('');

/** The example workflows for parked bakes; no wait timer holds a job under act, so that the schedule has the last word. */
describe.skipIf(needs !== '')(`the workflows of parked bakes under a real runner${needs}`, () => {
  let stage: ActStage;
  beforeAll(async () => {
    stage = await openActStage();
    stage.site.startLoad(60);
  }, 120_000);
  afterAll(async () => {
    await stage.close();
  });
  const push = (commit: string) => {
    stage.github.seed.checkRun(REPOSITORY, { commit, name: 'unit', status: 'completed' });
    return stage.act('deploy-parked', { event: 'push', run: stage.newRun(commit), commit });
  };
  const onSchedule = async (commit: string): Promise<string> => {
    const end = await stage.act('reconcile', { event: 'schedule', run: stage.newRun(commit), commit }).ended;
    expect(end.code, end.log).toBe(0);
    return end.log;
  };
  const phase = (): string => stage.record()?.rollout?.phase.name ?? 'none';

  it('take a rollout home on an alert that Alertmanager sends to GitHub', TIMEOUT, async () => {
    const commit = stage.change({ bake: '60s', parked: PARKED, gates: 'none' });
    const end = await push(commit).ended;
    expect(end.code, end.log).toBe(0);
    expect(end.jobs, 'nothing is to be caught').not.toHaveProperty('safety-net');
    expect(phase()).toBe('parked');
    const dispatches = `${stage.github.url}/repos/${REPOSITORY}/dispatches`;
    const alertmanager = await startAlertmanager(dispatches, 'ghs_act');
    try {
      await alertmanager.fire('BookingErrors', 'error: 7 % of bookings fail');
      const sent = () => stage.github.repository(REPOSITORY).dispatches;
      await until(() => sent().length > 0, 'Alertmanager to tell GitHub', 30_000);
      expect(sent()).toEqual([
        { type: 'deploy-canary-abort', payload: { reason: 'BookingErrors: error: 7 % of bookings fail' } },
      ]);
      const payload = { action: sent()[0]?.type, client_payload: sent()[0]?.payload };
      const woken = { event: 'repository_dispatch', run: stage.newRun(commit), commit, payload };
      const abort = await stage.act('abort-on-alert', woken).ended;
      expect(abort.code, abort.log).toBe(0);
      expect(stage.record()?.rollout).toMatchObject({
        phase: { name: 'aborted' },
        reason: { message: expect.stringContaining('7 % of bookings fail') },
      });
      expect(await stage.site.shares()).toEqual({ a: 100, b: 0 });
    } finally {
      await alertmanager.stop();
    }
    expect(stage.github.takeViolations(), 'what GitHub does not describe').toEqual([]);
  });

  it('bring a healthy version to all traffic, in jobs that end', TIMEOUT, async () => {
    const commit = stage.change({ bake: '6s', last: '4s', parked: PARKED });
    const end = await push(commit).ended;
    expect(end.code, end.log).toBe(0);
    let log = end.log;
    for (let turn = 0; turn < 5 && phase() === 'parked'; turn += 1) log = await onSchedule(commit);
    expect(stage.record(), log).toMatchObject({
      rollout: { phase: { name: 'promoted' } },
      stable: { version: commit },
    });
    expect(await stage.site.shares()).toEqual({ a: 0, b: 100 });
    expect(stage.github.takeViolations(), 'what GitHub does not describe').toEqual([]);
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WAY_HOME_LOSSES, type WayHomeLoss } from '../support/act/losses.ts';
import { needs } from '../support/act/needs.ts';
import { type ActStage, openActStage } from '../support/act/stage.ts';
import { holdAt, letGo, onSchedule, pressButton, setOut, type Underway } from '../support/act/way-home.ts';
import { isExhaustive } from '../support/exhaustive.ts';
import { REPOSITORY } from '../support/on-github.ts';
import { until } from '../support/prometheus.ts';

const skipped = isExhaustive ? needs : ' (skipped: needs EXHAUSTIVE=1)';

/** One after the other on one production; each leaves the first version in slot a, with all traffic. */
describe.skipIf(skipped !== '')(`the machine that takes traffic home is lost${skipped}`, () => {
  let stage: ActStage;
  beforeAll(async () => {
    stage = await openActStage();
    stage.site.startLoad(50);
  }, 120_000);
  afterAll(async () => {
    await stage.close();
  });

  afterEach(() => letGo(stage));

  /** GitHub has noticed that the run is over. */
  async function end({ endedBy }: WayHomeLoss, { run, commit }: Underway): Promise<void> {
    stage.github.seed.workflowRunState(REPOSITORY, run, 'completed', 'failure');
    const saved =
      endedBy === 'reconcile when the run has ended'
        ? stage.lookAfter(run, commit)
        : (endedBy === 'the button again' ? pressButton : onSchedule)(stage, commit).running;
    const { code, log } = await saved.ended;
    expect(code, log).toBe(0);
  }

  it.each(WAY_HOME_LOSSES)(
    'in $job because of $because, $moment: $endedBy ends it',
    { timeout: 280_000 },
    async (loss) => {
      let isThere = (): boolean => false;
      const underway = await setOut(stage, loss, () => {
        isThere = holdAt(stage, loss.moment);
      });
      await until(() => isThere(), loss.moment, 60_000);
      underway.running.kill();
      expect((await underway.running.ended).code, 'it was killed, and has not ended by itself').toBeNull();
      const isAway = loss.moment === 'before its record' || loss.moment === 'before the order';
      expect((await stage.site.shares()).b > 0, 'users meet what they must not').toBe(isAway);
      letGo(stage);
      await end(loss, underway);
      expect(await stage.site.shares()).toEqual({ a: 100, b: 0 });
      expect(stage.record()?.stable).toEqual({ slot: 'a', version: stage.first });
      const home = loss.because === 'a dead canary' ? 'aborted' : 'restored';
      expect(stage.record()?.rollout?.phase.name).toBe(home);
    },
  );
});

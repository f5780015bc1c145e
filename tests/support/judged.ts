import { analyse } from '../../src/core/analysis/analyse.ts';
import { comparisonRules, DEFAULT_COMPARISON } from '../../src/core/analysis/comparison/rules.ts';
import { HANDBOOK_KPIS, recordedKpis } from '../../src/core/replay/handbook.ts';
import { looksOf, type Recording, sampleOf } from '../../src/core/replay/recording.ts';
import { PLAN, type Story, Teller } from './samples.ts';

/** A recorded rollout told as if it were live: every tick judged by the real analysis. */
export function judgedStory(recording: Recording): Story {
  const steps = recording.steps.map(({ weight, ticks }) => {
    const bake = ticks * recording.tick;
    return { weight, bake, maxBake: bake };
  });
  const plan = { ...PLAN, steps, tick: recording.tick };
  const comparison = comparisonRules(DEFAULT_COMPARISON, plan);
  const recorded = recordedKpis(HANDBOOK_KPIS);
  const teller = new Teller().start(plan);
  for (const look of looksOf(recording, 1)) {
    const { phase } = teller.rollout;
    if (phase.name === 'shifting') teller.shift(phase.step);
    if (teller.rollout.phase.name !== 'baking') break;
    const { weight } = look;
    const sample = sampleOf(recording, look, recorded);
    const { analysis: state } = teller.rollout;
    teller.judge(sample, analyse({ kpis: HANDBOOK_KPIS, state, sample, weight, share: null, comparison }));
  }
  if (teller.rollout.phase.name === 'aborting') return teller.goHome(1_400).end({});
  teller.weight = 100;
  teller.wait(3_000).move({ ...teller.by, type: 'settled' });
  const verification = { outcome: 'pass', findings: [] } as const;
  teller.wait(12_000).move({ ...teller.by, type: 'verified', verification });
  return teller.end({ verdict: 'pass', reasonCode: 'promoted', message: 'every step passed' });
}

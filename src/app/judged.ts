import { analyse } from '../core/analysis/analyse.ts';
import { comparisonRules } from '../core/analysis/comparison/rules.ts';
import type { Judging } from '../core/analysis/judge/settings.ts';
import type { Sample } from '../core/analysis/sample.ts';
import type { RolloutEvent } from '../core/rollout/events.ts';
import type { Rollout } from '../core/rollout/record.ts';
import type { EpochMs, Milliseconds } from '../core/units.ts';
import { deadline } from '../ports/deadline.ts';
import type { TrafficReading } from '../ports/traffic-router.ts';
import { reasonOf } from './stop-reason.ts';
import type { World } from './world.ts';

export interface Look {
  /** The moment that is looked at; null for the present. */
  readonly at: EpochMs | null;
  /** Watched time since the look before. */
  readonly elapsed: Milliseconds;
  readonly traffic: TrafficReading;
}

/** Asks for the KPIs and judges them: the tick that the state machine hears of, in the present as in hindsight. */
export async function judged(
  world: World,
  rollout: Rollout,
  step: number,
  { at, elapsed, traffic }: Look,
  stop: AbortSignal,
): Promise<RolloutEvent> {
  const { plan, canary, stable } = rollout;
  const { weight = 0, require } = plan.steps[step] ?? {};
  const sample: Sample = await world.metrics.sample(
    { canary: canary.slot, stable: stable?.slot ?? null, elapsed },
    deadline(Math.max(plan.tick, 1_000), stop),
  );
  const by = { at: at ?? world.clock.now(), by: world.owner };
  if (stop.aborted) return { ...by, type: 'abort-requested', rollout: rollout.id, reason: reasonOf(stop) };
  const { kpis, share } = world;
  const comparison = world.comparison === null ? null : comparisonRules(world.comparison, plan);
  const judging = judgingOf(world, rollout, step, elapsed);
  const rules = { kpis, share, comparison, require, judging };
  const seen = analyse({ ...rules, state: rollout.analysis, sample, weight });
  const { state: analysis, verdict, findings } = seen;
  const steps = rollout.steps.map((one, at) =>
    at === step
      ? { ...one, servedMs: one.servedMs + (verdict.kind === 'hold' ? 0 : elapsed), findings }
      : one,
  );
  world.observe({
    type: 'tick',
    at: by.at,
    rollout: { ...rollout, analysis, steps },
    sample,
    verdict,
    traffic,
  });
  return { ...by, type: 'ticked', step, elapsed, analysis, verdict, findings };
}

function judgingOf(
  { judge }: World,
  { plan, steps }: Rollout,
  step: number,
  elapsed: Milliseconds,
): Judging | null {
  const [planned, progress] = [plan.steps[step], steps[step]];
  if (judge === null || planned === undefined || progress === undefined) return null;
  const bake = { served: progress.servedMs + elapsed, of: planned.bake, most: planned.maxBake };
  return { settings: judge, bake };
}

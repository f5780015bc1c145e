import { formatDuration } from '../core/units.ts';
import { type PlanInUse, plansInUse, shorterThanTick } from './plan-rules.ts';
import type { Flaw, Path } from './telling.ts';
import type { PlanView, View } from './view.ts';

type StepView = NonNullable<PlanView['steps']>[number];

const OPTIONS = ['require', 'promote-early'] as const;

/** Where a step relies on a proof that the canary is no worse, there must be something that can prove it. */
export function proofFlaws(view: View): Flaw[] {
  return plansInUse(view).flatMap((inUse) =>
    (inUse.plan.steps ?? []).flatMap((step, index) => {
      const path = [...inUse.pathTo('steps'), index];
      return [...unprovable(step, view, inUse, path), ...earlyFlaws(step, inUse.plan.tick, path)];
    }),
  );
}

function unprovable(step: StepView, view: View, { environment }: PlanInUse, path: Path): Flaw[] {
  const obstacle = obstacleOf(step, view, environment);
  if (obstacle === null) return [];
  return OPTIONS.filter((option) => step[option] !== undefined).map((option) => ({
    path: [...path, option],
    ...obstacle,
  }));
}

function obstacleOf({ weight }: StepView, view: View, environment: string): Omit<Flaw, 'path'> | null {
  if (weight === 100) {
    return {
      expected: 'a proof against stable only where stable has traffic, below 100 %',
      seen: 'a step of 100 %',
      fix: 'remove it here, and set it at the step before',
    };
  }
  const own = view.environments?.[environment]?.comparison;
  if ((own === undefined ? view.comparison : own) === 'off') {
    const expected = 'the comparison with stable to be on, which alone can prove it';
    return { expected, seen: '`comparison: off`', fix: 'remove one of the two' };
  }
  if (view.kpis === undefined || view.kpis.length === 0 || view.kpis.some(canBeCompared)) return null;
  return {
    expected: 'a KPI that can be compared: a `ratio` or a `quantile` with `scope: per-arm`',
    seen: 'none',
    fix: 'add one, or remove this',
  };
}

function canBeCompared({ type, scope }: NonNullable<View['kpis']>[number]): boolean {
  const isKnownOtherwise = type === 'gauge' || type === 'never' || scope === 'shared';
  return !isKnownOtherwise;
}

function earlyFlaws(
  { bake, 'promote-early': early }: StepView,
  tick: number | undefined,
  path: Path,
): Flaw[] {
  if (early === undefined) return [];
  const where = [...path, 'promote-early'];
  if (tick !== undefined && early < tick) return [shorterThanTick(where, 'a floor', early, tick)];
  if (bake === undefined || early < bake) return [];
  return [
    {
      path: where,
      expected: `less than the bake (${formatDuration(bake)}), which it is to shorten`,
      seen: formatDuration(early),
      fix: 'make it shorter, or remove it',
    },
  ];
}

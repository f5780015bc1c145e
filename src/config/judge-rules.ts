import { FEWEST_INTERVALS } from '../core/analysis/judged.ts';
import { formatDuration } from '../core/units.ts';
import { plansInUse, shorterThanTick } from './plan-rules.ts';
import type { Flaw, Path } from './telling.ts';
import type { PlanView, View } from './view.ts';

/** A judge that could never have enough values would never pass anything. */
export function judgeFlaws(view: View): Flaw[] {
  return plansInUse(view).flatMap(({ environment, plan }) => {
    const own = view.environments?.[environment]?.judge;
    const judge = own ?? view.judge;
    if (judge === undefined || judge === 'off' || judge.interval === undefined) return [];
    const path = own === undefined ? ['judge'] : ['environments', environment, 'judge'];
    return intervalFlaws(judge.interval, plan, [...path, 'interval']);
  });
}

function intervalFlaws(interval: number, { steps = [], tick }: PlanView, path: Path): Flaw[] {
  if (tick !== undefined && interval < tick) return [shorterThanTick(path, 'an interval', interval, tick)];
  const bakes = steps.flatMap(({ weight, bake }) => (weight === 100 ? [] : (bake ?? [])));
  const shortest = Math.min(...bakes);
  if (interval * FEWEST_INTERVALS <= shortest) return [];
  const most = Math.floor(shortest / FEWEST_INTERVALS);
  return [
    {
      path,
      expected: `an interval that fits ${FEWEST_INTERVALS} times into each bake below 100 % (${formatDuration(shortest)})`,
      seen: formatDuration(interval),
      fix: `write \`interval: ${formatDuration(most)}\` or less, or bake longer`,
    },
  ];
}

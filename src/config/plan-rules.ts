import { formatDuration, type Milliseconds } from '../core/units.ts';
import type { Flaw, Path } from './telling.ts';
import type { PlanView, View } from './view.ts';

type Steps = NonNullable<PlanView['steps']>;

/** A plan that some environment really follows, and where each of its keys is written. */
export interface PlanInUse {
  readonly environment: string;
  readonly plan: PlanView;
  readonly pathTo: (key: 'steps' | 'tick' | 'checkpoint' | 'mode') => Path;
}

/** One for each environment; the file's own plan while there is none. */
export function plansInUse(view: View): PlanInUse[] {
  const own = view.plan ?? {};
  const environments = Object.entries(view.environments ?? {});
  if (environments.length === 0) {
    return [{ environment: '', plan: own, pathTo: (key) => ['plan', key] }];
  }
  return environments.map(([environment, { plan: override }]) => ({
    environment,
    plan: {
      steps: override?.steps ?? own.steps,
      tick: override?.tick ?? own.tick,
      checkpoint: override?.checkpoint ?? own.checkpoint,
      mode: override?.mode ?? own.mode,
    },
    pathTo: (key) =>
      override?.[key] === undefined ? ['plan', key] : ['environments', environment, 'plan', key],
  }));
}

export function planFlaws(view: View): Flaw[] {
  const flaws = plansInUse(view).flatMap(({ plan, pathTo }) => [
    ...weightFlaws(plan.steps ?? [], pathTo('steps')),
    ...bakeFlaws(plan.steps ?? [], pathTo('steps'), plan.tick),
    ...checkpointFlaws(plan, pathTo('checkpoint')),
  ]);
  return [...flaws, ...environmentFlaws(view), ...parkedFlaws(view)];
}

function weightFlaws(steps: Steps, path: Path): Flaw[] {
  const flaws: Flaw[] = [];
  for (const [index, { weight }] of steps.entries()) {
    const before = steps[index - 1]?.weight;
    // A last step below 100 % is told below; told twice, one slip would look like two.
    const isToldBelow = index === steps.length - 1 && weight !== 100;
    if (weight !== undefined && before !== undefined && weight <= before && !isToldBelow) {
      flaws.push({
        path: [...path, index, 'weight'],
        expected: `a weight above the ${before} % of the step before`,
        seen: `${weight} %`,
        fix: 'let the weights rise from step to step',
      });
    }
  }
  const last = steps.at(-1)?.weight;
  if (last !== undefined && last < 100) {
    flaws.push({
      path: [...path, steps.length - 1, 'weight'],
      expected: 'a last step of 100 %',
      seen: `${last} %`,
      fix: `add a step \`{weight: 100, bake: …}\`: promotion would jump from ${last} % to all traffic unwatched`,
    });
  }
  return flaws;
}

function bakeFlaws(steps: Steps, path: Path, tick: Milliseconds | undefined): Flaw[] {
  return steps.flatMap(({ bake, 'max-bake': maxBake }, index) => {
    const flaws: Flaw[] = [];
    if (bake !== undefined && tick !== undefined && bake < tick) {
      flaws.push(shorterThanTick([...path, index, 'bake'], 'a bake', bake, tick));
    }
    if (bake !== undefined && maxBake !== undefined && maxBake < bake) {
      flaws.push({
        path: [...path, index, 'max-bake'],
        expected: `a max-bake of at least the bake (${formatDuration(bake)})`,
        seen: formatDuration(maxBake),
        fix: 'make max-bake longer, or leave it out',
      });
    }
    return flaws;
  });
}

function checkpointFlaws({ checkpoint, tick }: PlanView, path: Path): Flaw[] {
  if (checkpoint === undefined || tick === undefined || checkpoint >= tick) return [];
  return [shorterThanTick(path, 'a checkpoint', checkpoint, tick)];
}

/** For anything that must last at least one look at the metrics. */
export function shorterThanTick(path: Path, what: string, is: Milliseconds, tick: Milliseconds): Flaw {
  return {
    path,
    expected: `${what} of at least one tick (${formatDuration(tick)})`,
    seen: formatDuration(is),
    fix: `write \`${formatDuration(tick)}\` or more, or make the tick shorter`,
  };
}

function environmentFlaws(view: View): Flaw[] {
  if (view.environments === undefined) return [];
  return plansInUse(view).flatMap(({ environment, plan: { tick } }) => {
    const lease = view.environments?.[environment]?.lease;
    if (lease === undefined || tick === undefined || lease >= 3 * tick) return [];
    return {
      path: ['environments', environment, 'lease'],
      expected: `a lease of at least three ticks (${formatDuration(3 * tick)}), as one lost renewal must not end a rollout`,
      seen: formatDuration(lease),
      fix: `write \`lease: ${formatDuration(3 * tick)}\` or more`,
    };
  });
}

/** What nobody watched can only be looked at where it was kept. */
function parkedFlaws({ environments = {}, ...view }: View): Flaw[] {
  return plansInUse({ ...view, environments }).flatMap(({ environment, plan: { mode }, pathTo }) => {
    const metrics = environments[environment]?.metrics;
    if (mode !== 'parked' || metrics?.create === undefined || metrics.past !== undefined) return [];
    return {
      path: pathTo('mode'),
      expected: 'metrics that keep a history, as the mode `parked` looks at a bake in hindsight',
      seen: `'${metrics.type}' in ${environment}, which only knows the present`,
      fix: 'use `metrics: { type: prometheus, url: … }`, or write `mode: watched`',
    };
  });
}

import type { Kpi } from '../core/analysis/kpi.ts';
import type { Plan } from '../core/rollout/plan.ts';
import { formatDuration } from '../core/units.ts';
import type { Config, EnvironmentConfig } from './config.ts';
import type { Told } from './explain.ts';

/** What is allowed, and probably not meant. */
export function cautions(config: Config): Told[] {
  const environments = Object.values(config.environments);
  return environments.flatMap((environment) => [
    ...environment.kpis.flatMap((kpi, index) => kpiCautions(kpi, index, environment.plan)),
    ...planCautions(environment),
  ]);
}

function kpiCautions(kpi: Kpi, index: number, plan: Plan): Told[] {
  const blind = plan.steps.filter((step) => kpi.for + kpi.warmUp > step.bake);
  const [step] = blind;
  if (step === undefined) return [];
  const needs = formatDuration(kpi.for + kpi.warmUp);
  return [
    {
      path: ['kpis', index, 'for'],
      at: 'value',
      expected: `\`for\` and \`warm-up\` to end within each bake (${formatDuration(step.bake)} at ${step.weight} %)`,
      seen: needs,
      fix: `bake longer, or shorten \`for\`: '${kpi.id}' cannot end a rollout in that step`,
    },
  ];
}

function planCautions({ name, plan }: EnvironmentConfig): Told[] {
  const [only, second] = plan.steps;
  if (only === undefined || second !== undefined) return [];
  return [
    {
      path: ['environments', name, 'plan', 'steps'],
      at: 'value',
      expected: 'a step below 100 % first',
      seen: 'one step, which gives the canary all traffic at once',
      fix: 'add a small step such as `{weight: 10, bake: 30m}`',
    },
  ];
}

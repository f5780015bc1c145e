import type { Kpi } from '../core/analysis/kpi.ts';
import type { LimitPolicy } from '../core/analysis/policy.ts';
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
  return kpi.policy === undefined
    ? guardrailCautions(kpi, index, plan)
    : policyCautions(kpi, kpi.policy, index, plan);
}

/** A bake that has no time for the measurements is extended each time, and may not pass even then. */
function policyCautions(kpi: Kpi, policy: LimitPolicy, index: number, plan: Plan): Told[] {
  const { interval, initialDelay, count, consecutiveSuccessesNeeded } = policy;
  const measurements = Math.max(1, Math.min(count ?? Infinity, consecutiveSuccessesNeeded ?? count ?? 1));
  const needs = Math.max(kpi.warmUp, initialDelay) + measurements * interval;
  const step = plan.steps.find(({ bake }) => needs > bake);
  if (step === undefined) return [];
  const what = measurements === 1 ? 'a measurement' : `${measurements} measurements`;
  return [
    {
      path: ['kpis', index, 'policy'],
      at: 'value',
      expected: `time for ${what} in each bake (${formatDuration(step.bake)} at ${step.weight} %)`,
      seen: `the ${formatDuration(needs)} that takes`,
      fix: `bake longer, or measure '${kpi.id}' more often: that step cannot pass in time`,
    },
  ];
}

function guardrailCautions(kpi: Kpi, index: number, plan: Plan): Told[] {
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

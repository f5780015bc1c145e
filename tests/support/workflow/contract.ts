import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Action, HOME, type Job, readAction, readWorkflow, type Step, type Workflow } from './read.ts';

const OURS = /^(?:\$|shine\/deploy-canary)\/(.*?)(?:@.*)?$/;

/** The file in this repository that a `uses:` means; null for somebody else's. */
export function oursIn(uses: string): string | null {
  const path = OURS.exec(uses)?.[1] ?? null;
  if (path === null) return null;
  return path.endsWith('.yml') ? path : join(path, 'action.yml');
}

/** What a caller and what it calls do not agree on: keys that are not there, and keys that must be. */
export function misunderstandings(
  given: Readonly<Record<string, unknown>>,
  asked: Readonly<Record<string, { readonly required?: boolean | undefined; readonly default?: unknown }>>,
): string[] {
  const unknown = Object.keys(given).filter((key) => !(key in asked));
  const missing = Object.keys(asked).filter(
    (key) => asked[key]?.required === true && asked[key]?.default === undefined && !(key in given),
  );
  return [
    ...unknown.map((key) => `has no input ${key}; it has ${Object.keys(asked).join(', ')}`),
    ...missing.map((key) => `needs the input ${key}`),
  ];
}

function callProblems(job: Job): string[] {
  const path = oursIn(job.uses ?? '');
  if (path === null) return [`${job.uses} is not ours`];
  if (!existsSync(join(HOME, path))) return [`${path} is not there`];
  const called = readWorkflow(path);
  const { inputs = {}, secrets = {} } = called.on.workflow_call ?? {};
  const unknown = Object.keys(job.secrets).filter((name) => !(name in secrets));
  return [
    ...misunderstandings(job.with, inputs),
    ...unknown.map((name) => `has no secret ${name}`),
    ...permissionProblems(job, called),
  ];
}

const LEVELS = ['none', 'read', 'write'];
const levelOf = (level: string | undefined): number => LEVELS.indexOf(level ?? 'none');

/** A called workflow is refused as a whole when one of its jobs asks for more than the caller has. */
function permissionProblems({ permissions = {} }: Job, called: Workflow): string[] {
  const wanted: Record<string, number> = {};
  for (const inner of Object.values(called.jobs))
    for (const [key, level] of Object.entries(inner.permissions ?? {}))
      wanted[key] = Math.max(wanted[key] ?? 0, levelOf(level));
  const keys = new Set([...Object.keys(wanted), ...Object.keys(permissions)]);
  return [...keys]
    .filter((key) => levelOf(permissions[key]) !== (wanted[key] ?? 0))
    .map((key) => `is given ${key}: ${permissions[key] ?? 'none'} and needs ${LEVELS[wanted[key] ?? 0]}`);
}

/** The action of this repository that a step runs; null for another step. */
export function actionOf({ uses = '' }: Step): Action | null {
  const path = oursIn(uses);
  return path === null || !existsSync(join(HOME, path)) ? null : readAction(path);
}

function stepProblems(step: Step): string[] {
  const path = oursIn(step.uses ?? '');
  if (path === null) return [];
  const action = actionOf(step);
  return action === null ? [`${path} is not there`] : misunderstandings(step.with, action.inputs);
}

/** What the jobs and steps of a workflow say that those whom they say it to do not understand. */
export function usesProblems(workflow: Workflow): string[] {
  return Object.entries(workflow.jobs).flatMap(([id, job]) => [
    ...(job.uses === undefined ? [] : callProblems(job).map((problem) => `${id}: ${job.uses} ${problem}`)),
    ...stepsProblems(job.steps).map((problem) => `${id}: ${problem}`),
  ]);
}

export function stepsProblems(steps: readonly Step[]): string[] {
  return steps.flatMap((step) => stepProblems(step).map((problem) => `${step.uses} ${problem}`));
}

/** Names that an expression speaks of, such as `needs.canary.outputs.state`, and that nobody has. */
export function unheardOf(
  texts: readonly string[],
  scope: {
    readonly inputs?: readonly string[];
    readonly secrets?: readonly string[];
    readonly steps?: readonly Step[];
    readonly jobs?: Readonly<Record<string, Job>>;
    readonly needs?: readonly string[];
  },
): string[] {
  const has = (names: readonly string[] | undefined, name: string): boolean => names?.includes(name) ?? true;
  const outputOfStep = (id: string, name: string): boolean => {
    const step = scope.steps?.find((one) => one.id === id);
    if (step === undefined) return scope.steps === undefined;
    const action = actionOf(step);
    return action === null || name in action.outputs;
  };
  const outputOfJob = (id: string, name: string): boolean => name in (scope.jobs?.[id]?.outputs ?? {});
  const found: string[] = [];
  for (const [all, context, name = '', part, output = ''] of texts.flatMap((text) => [
    ...text.matchAll(
      /\b(inputs|secrets|needs|jobs|steps)\.([\w-]+)(?:\.(outputs|outcome|result)(?:\.([\w-]+))?)?/g,
    ),
  ])) {
    const known =
      context === 'inputs' || context === 'secrets'
        ? has(scope[context], name)
        : context === 'steps'
          ? part === 'outcome'
            ? (scope.steps?.some(({ id }) => id === name) ?? true)
            : outputOfStep(name, output)
          : (context === 'jobs' || has(scope.needs, name)) &&
            (part === 'result' || outputOfJob(name, output));
    if (!known) found.push(all);
  }
  return found;
}

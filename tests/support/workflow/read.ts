import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';
import { convertActionTemplate, parseAction } from '@actions/workflow-parser/actions/index';
import { parse } from 'yaml';
import { z } from 'zod';

export const HOME = resolve(import.meta.dirname, '../../..');
export const textOf = (path: string): string => readFileSync(join(HOME, path), 'utf8');

const scalar = z.union([z.string(), z.boolean(), z.number()]);
const step = z.object({
  id: z.string().optional(),
  name: z.string().optional(),
  if: scalar.optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), scalar).default({}),
  env: z.record(z.string(), scalar).default({}),
  'continue-on-error': z.boolean().default(false),
});
const job = z.object({
  name: z.string().optional(),
  needs: z
    .union([z.string(), z.array(z.string())])
    .default([])
    .transform((needs) => [needs].flat()),
  uses: z.string().optional(),
  with: z.record(z.string(), scalar).default({}),
  permissions: z.record(z.string(), z.enum(['read', 'write', 'none'])).optional(),
  environment: z.object({ name: z.string(), deployment: z.boolean().optional() }).optional(),
  concurrency: z.record(z.string(), scalar).optional(),
  'timeout-minutes': scalar.optional(),
  outputs: z.record(z.string(), z.string()).default({}),
  secrets: z.record(z.string(), z.string()).default({}),
  steps: z.array(step).default([]),
});
const given = z.object({
  type: z.string().optional(),
  required: z.boolean().default(false),
  default: scalar.optional(),
  description: z.string().optional(),
});
const call = z.object({
  inputs: z.record(z.string(), given).default({}),
  secrets: z.record(z.string(), given).default({}),
  outputs: z.record(z.string(), z.object({ description: z.string(), value: z.string() })).default({}),
});
const workflow = z.object({
  name: z.string(),
  on: z.looseObject({ workflow_call: call.optional() }),
  permissions: z.record(z.string(), z.string()).optional(),
  jobs: z.record(z.string(), job),
});
const action = z.object({
  inputs: z.record(z.string(), z.object({ required: z.boolean().optional() })).default({}),
  outputs: z.record(z.string(), z.object({ value: z.string().optional() })).default({}),
  runs: z.object({ using: z.string(), steps: z.array(step).default([]) }),
});

export type Step = z.output<typeof step>;
export type Job = z.output<typeof job>;
export type Workflow = z.output<typeof workflow>;
export type Action = z.output<typeof action>;

export const readWorkflow = (path: string): Workflow => workflow.parse(parse(textOf(path)));
export const readAction = (path: string): Action => action.parse(parse(textOf(path)));

/** What GitHub's own parser makes of a workflow: what is wrong with it, and the condition of each job and step. */
export interface Judged {
  readonly errors: readonly string[];
  /** By id, with the `success() &&` that GitHub adds where no status function is written. */
  readonly jobs: Readonly<Record<string, string>>;
  /** By id of job and step, as in `canary/home`; steps without an id by their place. */
  readonly steps: Readonly<Record<string, string>>;
}

export async function judgeWorkflow(path: string, content = textOf(path)): Promise<Judged> {
  const { context, value } = parseWorkflow({ name: path, content }, new NoOperationTraceWriter());
  const errors = (): string[] => context.errors.getErrors().map(({ message }) => message);
  if (value === undefined || errors().length > 0) return { errors: errors(), jobs: {}, steps: {} };
  const template = await convertWorkflowTemplate(context, value);
  const jobs: Record<string, string> = {};
  const steps: Record<string, string> = {};
  for (const one of template.jobs) {
    jobs[one.id.value] = one.if.expression;
    if (one.type !== 'job') continue;
    one.steps.forEach(({ id, if: condition }, index) => {
      const name = id.startsWith('__') ? String(index) : id;
      steps[`${one.id.value}/${name}`] = condition?.expression ?? 'success()';
    });
  }
  return { errors: errors(), jobs, steps };
}

/** What is wrong with an action.yml, in the words of GitHub's own parser. */
export function judgeAction(path: string, content = textOf(path)): readonly string[] {
  const { context, value } = parseAction({ name: path, content }, new NoOperationTraceWriter());
  if (value !== undefined) convertActionTemplate(context, value);
  return context.errors.getErrors().map(({ message }) => message);
}

import type { Answer } from '../core/checks/answer.ts';
import { type Answered, isShut } from '../core/checks/checklist.ts';
import type { CheckContext } from '../ports/check.ts';
import type { MigrateSteps, Step, Verification } from '../ports/deploy-service.ts';
import type { Course } from './deploy-course.ts';
import { answeredBy, type Phase } from './deploy-phases.ts';
import { ask } from './evaluate-gate.ts';

type Foreign = (line: string) => void;

/** Brings the database up to date, while the old version still answers. */
export function migrateSteps(course: Course, { dryRun, run, state }: MigrateSteps): Phase {
  const work = async (foreign: Foreign): Promise<readonly Answered[]> => {
    const { name } = course.service;
    if (!course.toDo.migrate) return [answeredBy(name, 'migrate', 'migrate', already(course))];
    const dry =
      dryRun === null ? [] : [await stepped(course, 'dry-run', 'migrate (dry run)', dryRun, foreign)];
    if (dry.some(({ answer }) => isShut(answer))) return dry;
    const ran = await stepped(course, 'migrate', 'migrate', run, foreign);
    course.migrated = isShut(ran.answer) ? 'failed' : 'done';
    if (course.migrated === 'done') return [...dry, ran];
    const after = await databaseState(course, state, foreign);
    return [...dry, ran, answeredBy(name, 'database', 'state of the database', after)];
  };
  return { name: 'migrate', title: 'migrate', work };
}

/** What a person needs to know after a migration that failed. */
async function databaseState(course: Course, state: Step | null, foreign: Foreign): Promise<Answer> {
  const base = { status: 'warn', code: 'failed', expected: 'a database that is up to date' } as const;
  const fix = 'look at it before you deploy again; the old version is still in place';
  if (state === null || course.signal.aborted) {
    const observed =
      state === null ? 'not known: there is no `state` program to ask' : 'not known: the run was cancelled';
    return { ...base, observed, fix };
  }
  const { world, request, signal } = course;
  const told = await state.run(contextOf(world.context, foreign), request.subject, signal);
  const observed = isShut(told)
    ? `not known: ${state.title} ended with ${told.observed}`
    : `as ${state.title} tells`;
  return { ...base, observed, fix, ...(told.detail === undefined ? {} : { detail: told.detail }) };
}

/** Makes the new version run. */
export function deploySteps(course: Course): Phase {
  const { service, toDo } = course;
  return {
    name: 'deploy',
    title: 'deploy',
    work: (foreign) =>
      toDo.deploy
        ? oneByOne(course, 'deploy', service.deploy, foreign)
        : Promise.resolve([answeredBy(service.name, 'deploy', 'deploy', already(course))]),
  };
}

/** Hands the version on to others, and keeps what the program said as evidence. */
export function trackSteps(course: Course): Phase {
  const { service, toDo } = course;
  return {
    name: 'track',
    title: 'track',
    work: (foreign) =>
      toDo.record
        ? oneByOne(course, 'track', service.track, foreign)
        : Promise.resolve([answeredBy(service.name, 'track', 'track', already(course))]),
  };
}

function already({ request, seen }: Course): Answer {
  const { version } = request.subject;
  const observed =
    seen.answers === true ? `already: ${version} answers` : `already: ${version} was recorded with success`;
  return { status: 'pass', code: 'met', observed, expected: `${version} in place` };
}

async function oneByOne(
  course: Course,
  name: string,
  steps: readonly Step[],
  foreign: Foreign,
): Promise<readonly Answered[]> {
  const found: Answered[] = [];
  for (const [index, step] of steps.entries()) {
    const title = steps.length === 1 ? name : `${name} (${step.title})`;
    const one = await stepped(course, index === 0 ? name : `${name}-${index + 1}`, title, step, foreign);
    found.push(one);
    if (isShut(one.answer)) break;
  }
  return found;
}

async function stepped(
  { service, world, request, signal }: Course,
  name: string,
  title: string,
  step: Step,
  foreign: Foreign,
): Promise<Answered> {
  const { clock } = world.context;
  const began = clock.monotonic();
  const answer = await step.run(contextOf(world.context, foreign), request.subject, signal);
  return {
    ...answeredBy(service.name, name, title, answer),
    durationMs: Math.round(clock.monotonic() - began),
  };
}

function contextOf(context: CheckContext, log: Foreign): CheckContext {
  return { ...context, log };
}

/** Whether this very version answers, as it should. */
export function verifications(
  { service, world, request, signal }: Course,
  { kind, check }: Verification,
): Phase {
  return {
    name: kind,
    title: kind,
    work: async () => {
      const all = await check(world.context, request.subject, signal);
      return all.map((one) => answeredBy(service.name, one.check, one.title.toLowerCase(), one.answer));
    },
  };
}

export function smokeChecks({ service, world, request, signal }: Course): Phase {
  return {
    name: 'smoke',
    title: 'smoke',
    work: async (foreign) => {
      const found: Answered[] = [];
      for (const check of service.smoke) {
        const named = {
          ...check,
          id: `${service.name}-smoke-${check.id}`,
          title: `${service.name}: ${check.title}`,
        };
        found.push(await ask(contextOf(world.context, foreign), named, request.subject, signal));
      }
      return found;
    },
  };
}

import type { Answer } from '../core/checks/answer.ts';
import type { Answered } from '../core/checks/checklist.ts';
import { decideRivals } from '../core/deploy/decision.ts';
import { AdapterError } from '../ports/adapter-error.ts';
import { deadline } from '../ports/deadline.ts';
import type { DeploymentState, RecordedDeployment } from '../ports/deployment-record.ts';
import type { Course } from './deploy-course.ts';
import { rivalsIn } from './deploy-look.ts';
import { answeredBy } from './deploy-phases.ts';
import { unanswered } from './evaluate-gate.ts';

/** What is left of a cancelled job is enough for one word. */
const LAST_WORD = 5_000;

/** Writes down that it begins, before anything is touched. Of two that begin at once, the later one yields. */
export async function beginRecord(course: Course): Promise<readonly Answered[]> {
  const { record, request, seen, signal, world, service } = course;
  const { version, sha } = request.subject;
  const { owner } = world;
  const id = await record.begin({ version, sha, migrations: seen.migrations, owner }, signal);
  course.deployment = id;
  const description = `deploying ${version}`;
  await record.mark(id, { state: 'in_progress', description }, signal);
  const expected = 'a deployment in the record';
  const answer: Answer = { status: 'pass', code: 'met', observed: `${record.name} #${id}`, expected };
  const begun = answeredBy(service.name, 'begin', 'begin', answer);
  const race = decideRivals(await earlierThan(course, id));
  return race === null || race.status === 'warn'
    ? [begun]
    : [begun, answeredBy(service.name, 'rivals', 'nobody else', race)];
}

/** Those that began in between, before us. */
async function earlierThan(course: Course, id: string) {
  const now = await course.record.history(course.signal);
  const known = new Set(course.seen.history.map((one) => one.id));
  const at = now.findIndex((one) => one.id === id);
  return rivalsIn(at < 0 ? [] : now.slice(at + 1).filter((one) => !known.has(one.id)), course);
}

/** Says that this version is the one in place, and that those before it are no longer. */
export async function closeRecord(course: Course): Promise<readonly Answered[]> {
  const { record, request, signal, service, seen, toDo } = course;
  const expected = `${request.subject.version} recorded as deployed`;
  if (!toDo.record) {
    course.deployment = seen.recorded?.id ?? null;
    const observed = `already: ${record.name} #${course.deployment ?? ''}`;
    return [
      answeredBy(service.name, 'record', 'record', { status: 'pass', code: 'met', observed, expected }),
    ];
  }
  const { deployment } = course;
  if (deployment === null) throw new Error('a deployment is begun before it is closed');
  await record.mark(
    deployment,
    { state: 'success', description: `${request.subject.version} is in place` },
    signal,
  );
  const unretired = await retire(course);
  const observed = `${record.name} #${deployment}`;
  const base = { observed, expected };
  const answer: Answer =
    unretired === null
      ? { ...base, status: 'pass', code: 'met' }
      : {
          ...base,
          status: 'warn',
          code: 'unavailable',
          detail: `an earlier one is still shown as active: ${unretired}`,
        };
  return [answeredBy(service.name, 'record', 'record', answer)];
}

/** Null when it is done; else why it is not. What is deployed is deployed all the same. */
async function retire({ seen, record, signal, deployment, request, world }: Course): Promise<string | null> {
  try {
    for (const one of seen.history.filter(({ id }) => id !== deployment)) {
      const state = await endOf(one, world, signal);
      const description =
        state === 'inactive' ? `${request.subject.version} took its place` : 'its run ended without a result';
      if (state !== null) await record.mark(one.id, { state, description }, signal);
    }
    return null;
  } catch (error) {
    if (error instanceof AdapterError) return error.message;
    throw error;
  }
}

async function endOf(
  { state, owner }: RecordedDeployment,
  { probe }: Course['world'],
  signal: AbortSignal,
): Promise<DeploymentState | null> {
  if (state === 'success') return 'inactive';
  if (state !== 'in_progress') return null;
  return (await probe.isAlive(owner, signal)) === 'dead' ? 'failure' : null;
}

/** Says in which state things are, and writes down that this deployment has failed. */
export async function failRecord(course: Course): Promise<void> {
  const { phases, deployment, record, service, signal } = course;
  const stopped = phases.stoppedAt() ?? '';
  const observed = await stateWords(course);
  const answer: Answer = {
    status: 'warn',
    code: 'failed',
    observed,
    expected: `${service.name} deployed`,
    fix: 'put the cause right, and run it again',
  };
  phases.add(answeredBy(service.name, 'state', 'state of things', answer));
  if (deployment === null) return;
  const patience = signal.aborted ? deadline(LAST_WORD) : signal;
  const description = signal.aborted ? `cancelled in ${stopped}` : `${stopped} was not green`;
  await record.mark(deployment, { state: 'failure', description }, patience).catch((error: unknown) => {
    if (!(error instanceof AdapterError)) throw error;
    phases.add(answeredBy(service.name, 'record', 'record of the failure', unanswered(error)));
  });
}

async function stateWords({ migrated, seen, service, world, request, signal }: Course): Promise<string> {
  const database =
    service.migrate === null
      ? []
      : [migrated === 'not run' ? 'no migration has run' : `migrations: ${migrated}`];
  const first = service.verify[0];
  if (first === undefined) return [...database, 'which version runs cannot be asked'].join('; ');
  const now = signal.aborted ? null : await first.running(world.context, request.subject, signal);
  const before = seen.running === null ? '' : `; before, it was ${seen.running}`;
  const answering = signal.aborted
    ? 'which version answers was not asked'
    : `${now ?? 'no version'} answers now`;
  return [...database, `${answering}${before}`].join('; ');
}

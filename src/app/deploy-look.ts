import type { Answered } from '../core/checks/checklist.ts';
import { decideOrder, decideRivals, type Rival } from '../core/deploy/decision.ts';
import type { RecordedDeployment } from '../ports/deployment-record.ts';
import type { Course } from './deploy-course.ts';
import { answeredBy } from './deploy-phases.ts';

/** Asks the record, the service and the clone, and says whether this version may go on. */
export async function look(course: Course): Promise<readonly Answered[]> {
  const { record, request, service, signal, world } = course;
  const history = await record.history(signal);
  const recorded = history.find(({ state }) => state === 'success') ?? null;
  const running = await runningNow(course);
  const migrations = world.migrations(service.name);
  const set = migrations === null ? null : await migrations.at(request.subject.sha, signal);
  course.seen = {
    history,
    recorded,
    running,
    answers: await answersNow(course),
    migrations: set === null || set.files === 0 ? null : set.digest,
    runningCommit: await commitOf(running, recorded, course),
  };
  const known = [running, recorded?.version ?? null].filter((one) => one !== null);
  const { version } = request.subject;
  const order = decideOrder({
    version,
    running: [...new Set(known)],
    allowDowngrade: request.allowDowngrade,
  });
  const rivals = decideRivals(await rivalsIn(history, course));
  const answered = [answeredBy(service.name, 'order', 'order of versions', order)];
  return rivals === null
    ? answered
    : [...answered, answeredBy(service.name, 'rivals', 'nobody else', rivals)];
}

async function runningNow({ service, world, request, signal }: Course): Promise<string | null> {
  for (const { running } of service.verify) {
    const version = await running(world.context, request.subject, signal);
    if (version !== null) return version;
  }
  return null;
}

async function answersNow({ service, world, request, signal }: Course): Promise<boolean | null> {
  if (service.verify.length === 0) return null;
  const all = await Promise.all(
    service.verify.map(({ answers }) => answers(world.context, request.subject, signal)),
  );
  return all.every(Boolean);
}

/** The record knows the commit of what it recorded; of anything else that answers, the clone may. */
async function commitOf(
  running: string | null,
  recorded: RecordedDeployment | null,
  { world, signal }: Course,
): Promise<string | null> {
  if (running === null || running === recorded?.version) return recorded?.sha ?? null;
  return (await world.commitOf(running, signal)) ?? recorded?.sha ?? null;
}

/** Others in the record that have begun and not ended. */
export async function rivalsIn(
  history: readonly RecordedDeployment[],
  { world, signal }: Course,
): Promise<readonly Rival[]> {
  const open = history.filter(({ state, owner }) => state === 'in_progress' && owner.id !== world.owner.id);
  return Promise.all(
    open.map(async ({ version, owner, url }) => {
      const alive = await world.probe.isAlive(owner, signal);
      return { version, name: owner.name, url, alive };
    }),
  );
}

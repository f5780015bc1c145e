import type { Answered } from '../core/checks/checklist.ts';
import { decideToDo } from '../core/deploy/decision.ts';
import type { DeployedService } from '../core/deploy/deploy-result.ts';
import type { DeployService } from '../ports/deploy-service.ts';
import type { Migrations } from '../ports/migrations.ts';
import type { Course, Seen } from './deploy-course.ts';
import { look } from './deploy-look.ts';
import { answeredBy, startPhases } from './deploy-phases.ts';
import { beginRecord, closeRecord, failRecord } from './deploy-record.ts';
import { deploySteps, migrateSteps, smokeChecks, trackSteps, verifications } from './deploy-steps.ts';
import type { DeployRequest, DeployWorld } from './deploy-world.ts';

export interface DeployedOne {
  readonly answered: readonly Answered[];
  readonly told: DeployedService;
}

const NOTHING_SEEN: Seen = {
  history: [],
  running: null,
  recorded: null,
  answers: null,
  migrations: null,
  runningCommit: null,
};

export async function deployOne(
  world: DeployWorld,
  service: DeployService,
  request: DeployRequest,
  stoppedBy: string | null,
  signal: AbortSignal,
): Promise<DeployedOne> {
  const course = begin(world, service, request, signal);
  const { phases } = course;
  if (stoppedBy !== null) {
    const observed = `not begun, because ${stoppedBy} was not green`;
    const answer = {
      status: 'skipped',
      code: 'not-needed',
      observed,
      expected: 'everything before it green',
    } as const;
    return {
      answered: [answeredBy(service.name, 'deploy', 'deploy', answer)],
      told: toldOf(course, 'not-begun'),
    };
  }
  await phases.run({ name: 'look', title: 'what runs', work: () => look(course) });
  const { recorded, answers, migrations } = course.seen;
  const { version, sha } = request.subject;
  course.toDo = decideToDo({ version, sha, migrations, recorded, answers, force: request.force });
  await runPhases(course);
  if (phases.stoppedAt() !== null) await failRecord(course);
  return { answered: phases.answered(), told: toldOf(course, outcomeOf(course)) };
}

async function runPhases(course: Course): Promise<void> {
  const { service, toDo, world } = course;
  const migrations = world.migrations(service.name);
  const { run } = course.phases;
  if (migrations !== null && toDo.migrate) await run(guardPhase(course, migrations));
  if (toDo.record) await run({ name: 'begin', title: 'begin', work: () => beginRecord(course) });
  if (service.migrate !== null) await run(migrateSteps(course, service.migrate));
  if (service.deploy.length > 0) await run(deploySteps(course));
  if (service.track.length > 0) await run(trackSteps(course));
  for (const verification of service.verify) await run(verifications(course, verification));
  if (service.smoke.length > 0) await run(smokeChecks(course));
  await run({ name: 'record', title: 'record', work: () => closeRecord(course) });
}

function guardPhase({ request, signal, seen }: Course, migrations: Migrations) {
  const range = { commit: request.subject.sha, running: seen.runningCommit };
  return { name: 'migrations', title: 'migrations', work: () => migrations.judge(range, signal) };
}

function begin(
  world: DeployWorld,
  service: DeployService,
  request: DeployRequest,
  signal: AbortSignal,
): Course {
  const { context, plan, logUrl, log } = world;
  const { environment } = request.subject;
  const named = { ...context, service: service.name, environment };
  const record = plan.record.create(named, { environment: service.url ?? plan.url, log: logUrl });
  return {
    world: { ...world, context: named },
    service,
    request,
    record,
    signal,
    phases: startPhases(service.name, log, context.clock),
    seen: NOTHING_SEEN,
    toDo: { migrate: true, deploy: true, record: true },
    deployment: null,
    migrated: 'not run',
  };
}

function outcomeOf({ phases, toDo }: Course): DeployedService['outcome'] {
  if (phases.stoppedAt() !== null) return 'failed';
  return toDo.record || toDo.deploy || toDo.migrate ? 'deployed' : 'already';
}

function toldOf(
  { service, seen, deployment, request, world }: Course,
  outcome: DeployedService['outcome'],
): DeployedService {
  return {
    name: service.name,
    version: request.subject.version,
    previousVersion: seen.running ?? seen.recorded?.version ?? null,
    deploymentId: deployment,
    migrations: seen.migrations,
    url: service.url ?? world.plan.url,
    outcome,
  };
}

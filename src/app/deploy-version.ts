import { evaluateChecklist } from '../core/checks/checklist.ts';
import { toGateResult } from '../core/checks/gate-result.ts';
import type { DeployedService, DeployResult } from '../core/deploy/deploy-result.ts';
import { type DeployedOne, deployOne } from './deploy-one.ts';
import type { DeployRequest, DeployWorld } from './deploy-world.ts';

/** Deploys a version to an environment, one service after the other. The first that is not green is the last that is touched. */
export async function deployVersion(
  world: DeployWorld,
  request: DeployRequest,
  signal: AbortSignal,
): Promise<DeployResult> {
  const { context, plan } = world;
  const startedAt = context.clock.now();
  const services = plan.services.filter(({ name }) => request.only === null || name === request.only);
  const done: DeployedOne[] = [];
  for (const service of services) done.push(await deployOne(world, service, request, stopOf(done), signal));
  const { subject } = request;
  const run = {
    operation: 'deploy',
    gate: services.length === 1 && services[0] !== undefined ? services[0].name : subject.environment,
    service: context.service,
    subject,
    startedAt,
    endedAt: context.clock.now(),
    cancelled: signal.aborted,
  } as const;
  const answered = done.flatMap((one) => one.answered);
  const told: DeployedService[] = done.map((one) => one.told);
  return { ...toGateResult(run, evaluateChecklist(answered, [], subject.now)), services: told };
}

/** The service that stopped everything; null as long as all are green. */
function stopOf(done: readonly DeployedOne[]): string | null {
  return (
    done.find(({ told }) => told.outcome === 'failed' || told.outcome === 'not-begun')?.told.name ?? null
  );
}

import { isShut } from '../../core/checks/checklist.ts';
import type { Proof } from '../../core/checks/rollback-plan.ts';
import type { Version } from '../../core/rollout/record.ts';
import type { CheckContext, DeployFacts } from '../../ports/check.ts';

/** For each service whose migrations are known: whether the version to go back to bears those that came since. */
export async function migrationProofs(
  context: CheckContext,
  version: Version,
  sha: string,
  signal: AbortSignal,
): Promise<readonly Proof[]> {
  const { deploying } = context;
  if (deploying === undefined || deploying.services.length === 0) return [];
  const running = await deploying.commitOf(version, signal);
  if (running === null) {
    const seen = `the commit of ${version} is not in this clone: fetch the history with its tags`;
    return [{ what: 'migrations that let us go back', holds: false, seen }];
  }
  const { services } = deploying;
  return Promise.all(
    services.map((service) => proofFor(deploying, service, { commit: sha, running }, version, signal)),
  );
}

async function proofFor(
  { migrations }: DeployFacts,
  service: string,
  range: { readonly commit: string; readonly running: string },
  version: Version,
  signal: AbortSignal,
): Promise<Proof> {
  const what = `migrations of ${service} that let us go back`;
  const answered = (await migrations(service)?.judge(range, signal)) ?? [];
  const unsafe = answered.filter(({ answer }) => isShut(answer));
  const seen =
    unsafe.length === 0
      ? `${version} bears the migrations of ${service}`
      : unsafe.map(({ answer }) => answer.observed).join('; ');
  return { what, holds: unsafe.length === 0, seen };
}

import { actionIo as io } from '../adapters/runner/action-io.ts';
import { onCancel } from '../adapters/runner/cancellation.ts';
import type { DeployResult } from '../core/deploy/deploy-result.ts';
import { runDeploy } from '../wire-deploy.ts';
import { groupedPhases } from './deploy-log.ts';
import { refuseGate, tellGateResult } from './gate-stage.ts';
import { INPUTS, readInputs } from './inputs.ts';
import { subjectOf } from './subject.ts';

/** Deploys a version. Its verdict is the verdict of the job. */
export async function deployMain(): Promise<void> {
  const stop = onCancel();
  const read = readInputs(INPUTS.deploy, io.input, { sha: process.env.GITHUB_SHA });
  if (!read.ok) return refuseGate(io, 'deploy', read.problems.join('\n'));
  const { inputs } = read;
  const { config, environment, 'github-token': token } = inputs;
  if (token !== null) io.mask(token);
  const unasked = { 'check-run-id': null, 'override-freeze': null };
  const subject = subjectOf({ ...inputs, ...unasked }, process.env, Date.now());
  const { service: only, 'allow-downgrade': allowDowngrade, force } = inputs;
  const setting = {
    config,
    environment,
    subject,
    request: { subject, only, allowDowngrade, force },
    baseDir: process.env.GITHUB_WORKSPACE ?? process.cwd(),
    env: token === null ? process.env : { ...process.env, GITHUB_TOKEN: token },
    mask: io.mask,
    phases: groupedPhases(io),
  };
  const run = await runDeploy(setting, stop);
  if (!run.ok) return refuseGate(io, 'deploy', run.report);
  await tellGateResult(io, run.result, { outputs: outputsOf(run.result) });
}

/** Of several services, ids stand in their order; what ran before is told when it is one version. */
export function outputsOf({ services }: DeployResult): Readonly<Record<string, string>> {
  const before = new Set(services.map(({ previousVersion }) => previousVersion ?? ''));
  return {
    'deployment-id': services.flatMap(({ deploymentId }) => deploymentId ?? []).join(','),
    'previous-version': before.size === 1 ? ([...before][0] ?? '') : '',
    url: services.find(({ url }) => url !== null)?.url ?? '',
  };
}

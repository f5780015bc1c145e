import { actionIo as io } from '../adapters/runner/action-io.ts';
import { onCancel } from '../adapters/runner/cancellation.ts';
import { runLoadTest } from '../wire-load-test.ts';
import { refuseGate, tellGateResult } from './gate-stage.ts';
import { INPUTS, readInputs } from './inputs.ts';
import { loadTestTold } from './load-test-told.ts';
import { subjectOf } from './subject.ts';

/** Carries out a load test, or reads of it. Its verdict is the verdict of the job. */
export async function loadTestMain(): Promise<void> {
  const stop = onCancel();
  const read = readInputs(INPUTS['load-test'], io.input, { sha: process.env.GITHUB_SHA });
  if (!read.ok) return refuseGate(io, 'load-test', read.problems.join('\n'));
  const { config, environment, report, 'load-test': name, 'github-token': token } = read.inputs;
  if (token !== null) io.mask(token);
  const baseDir = process.env.GITHUB_WORKSPACE ?? process.cwd();
  const setting = {
    config,
    environment,
    loadTest: name ?? environment,
    subject: subjectOf(read.inputs, process.env, Date.now()),
    baseDir,
    env: token === null ? process.env : { ...process.env, GITHUB_TOKEN: token },
    mask: io.mask,
    log: io.info,
    fence: io.fence,
  };
  const run = await runLoadTest(setting, stop);
  if (!run.ok) return refuseGate(io, 'load-test', run.report);
  await tellGateResult(io, run.result, await loadTestTold(run.result, { report, baseDir, warn: io.warning }));
}

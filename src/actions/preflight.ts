import { actionIo as io } from '../adapters/runner/action-io.ts';
import { onCancel } from '../adapters/runner/cancellation.ts';
import { runGate } from '../wire-gate.ts';
import { refuseGate, tellGateResult } from './gate-stage.ts';
import { INPUTS, readInputs } from './inputs.ts';
import { subjectOf } from './subject.ts';

/** Runs a checklist. Its verdict is the verdict of the job. */
export async function preflightMain(): Promise<void> {
  const stop = onCancel();
  const read = readInputs(INPUTS.preflight, io.input, { sha: process.env.GITHUB_SHA });
  if (!read.ok) return refuseGate(io, 'preflight', read.problems.join('\n'));
  const { config, environment, checklist, 'github-token': token } = read.inputs;
  if (token !== null) io.mask(token);
  const setting = {
    config,
    environment,
    checklist: checklist ?? environment,
    subject: subjectOf(read.inputs, process.env, Date.now()),
    baseDir: process.env.GITHUB_WORKSPACE ?? process.cwd(),
    env: token === null ? process.env : { ...process.env, GITHUB_TOKEN: token },
    mask: io.mask,
    log: io.info,
  };
  const run = await runGate(setting, stop);
  if (!run.ok) return refuseGate(io, 'preflight', run.report);
  await tellGateResult(io, run.result);
}

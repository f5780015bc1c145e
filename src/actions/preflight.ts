import { actionIo as io } from '../adapters/runner/action-io.ts';
import { onCancel } from '../adapters/runner/cancellation.ts';
import type { GateResult } from '../core/checks/gate-result.ts';
import { renderGateLine, renderGateSummary } from '../core/report/gate-summary.ts';
import { runGate } from '../wire-gate.ts';
import { INPUTS, readInputs } from './inputs.ts';
import { failWith } from './stage.ts';
import { subjectOf } from './subject.ts';

/** GitHub drops a summary over 1 MiB; some of it is left to whoever else writes into the same step. */
const SUMMARY_BYTES = 1_000_000;

/** Runs a checklist. Its verdict is the verdict of the job. */
export async function preflightMain(): Promise<void> {
  const stop = onCancel();
  const read = readInputs(INPUTS.preflight, io.input, { sha: process.env.GITHUB_SHA });
  if (!read.ok) return failWith(io, 'config-invalid', read.problems.join('\n'));
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
  if (!run.ok) return failWith(io, 'config-invalid', run.report);
  await tell(run.result);
}

async function tell(result: GateResult): Promise<void> {
  const { verdict } = result;
  io.output('verdict', verdict);
  io.output('failed', result.failed.join(','));
  io.output('reason-code', result.reasonCode);
  io.output('result', JSON.stringify(result));
  const line = renderGateLine(result);
  if (verdict === 'pass') io.notice(line);
  else io.error(line, `deploy-canary preflight: ${result.checklist}`);
  process.exitCode = verdict === 'pass' ? 0 : 1;
  await io.summary(renderGateSummary(result, SUMMARY_BYTES));
}

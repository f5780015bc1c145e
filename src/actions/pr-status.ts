import { actionIo as io } from '../adapters/runner/action-io.ts';
import { onCancel } from '../adapters/runner/cancellation.ts';
import { oneLine } from '../core/report/plain-text.ts';
import { renderShown, type ShownResult } from '../core/report/shown-gate.ts';
import { tellGate } from './gate-told.ts';
import { INPUTS, readInputs } from './inputs.ts';
import { failWith } from './stage.ts';

/** Shows what a gate says. It fails when that could not be shown, never because the gate is shut. */
export async function prStatusMain(): Promise<void> {
  const stop = onCancel();
  const read = readInputs(INPUTS['pr-status'], io.input, {});
  if (!read.ok) return failWith(io, 'config-invalid', read.problems.join('\n'));
  const told = await tellGate(read.inputs, { env: process.env, mask: io.mask }, stop);
  if (!told.ok) return failWith(io, 'config-invalid', told.report);
  await tell(told.result);
}

async function tell(result: ShownResult): Promise<void> {
  const { verdict, reasonCode, message, missed } = result;
  io.output('verdict', verdict);
  io.output('reason-code', reasonCode);
  io.output('result', JSON.stringify(result));
  const line = oneLine([message, ...missed].join('; '));
  if (verdict === 'fail') io.error(line, 'deploy-canary pr-status');
  else if (missed.length > 0) io.warning(line);
  else io.info(line);
  process.exitCode = verdict === 'pass' ? 0 : 1;
  await io.summary(renderShown(result));
}

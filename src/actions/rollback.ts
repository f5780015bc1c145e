import { randomUUID } from 'node:crypto';
import { actionIo as io } from '../adapters/runner/action-io.ts';
import { onCancel } from '../adapters/runner/cancellation.ts';
import { rollBack } from '../app/roll-back.ts';
import { INPUTS, readInputs } from './inputs.ts';
import { failWith, setStage } from './stage.ts';

/** Puts traffic back on an earlier version now. */
export async function rollbackMain(): Promise<void> {
  const stop = onCancel();
  const read = readInputs(INPUTS.rollback, io.input, {});
  if (!read.ok) return failWith(io, 'config-invalid', read.problems.join('\n'));
  const { inputs } = read;
  const stage = await setStage(io, inputs);
  if (stage === null) return;
  const result = await rollBack(stage.world, {
    id: `${stage.world.service}-${randomUUID().slice(0, 8)}`,
    version: inputs.version,
    reason: inputs.reason,
    requestedBy: process.env.GITHUB_ACTOR ?? stage.world.owner.name,
    plan: stage.chosen.plan,
    toSlot: inputs['to-slot'],
    onlyInProgress: inputs['only-in-progress'],
    stop,
  });
  await stage.close(result, inputs.report);
}

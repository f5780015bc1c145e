import { actionIo as io } from '../adapters/runner/action-io.ts';
import { onCancel } from '../adapters/runner/cancellation.ts';
import { reconcile } from '../app/reconcile.ts';
import { INPUTS, readInputs } from './inputs.ts';
import { failWith, setStage } from './stage.ts';

/**
 * Finds a rollout that nobody drives any more and brings it to a safe end, or goes on with one that was parked. A cancel
 * does not stop the way home; it is one for a rollout that was gone on with.
 */
export async function reconcileMain(): Promise<void> {
  const stop = onCancel();
  const read = readInputs(INPUTS.reconcile, io.input, {});
  if (!read.ok) return failWith(io, 'config-invalid', read.problems.join('\n'));
  const { inputs } = read;
  const stage = await setStage(io, inputs);
  if (stage === null) return;
  const ownerHasEnded = inputs['owner-has-ended'];
  const result = await reconcile(stage.world, {
    ownerHasEnded,
    onlyRollout: null,
    fallback: null,
    reason: null,
    stop,
  });
  await stage.close(result, null);
}

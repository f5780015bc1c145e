import { actionIo as io } from '../adapters/runner/action-io.ts';
import { reconcile } from '../app/reconcile.ts';
import { INPUTS, readInputs } from './inputs.ts';
import { failWith, setStage } from './stage.ts';

/** Finds a rollout that nobody drives any more and brings it to a safe end. A cancel does not stop it half way. */
export async function reconcileMain(): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => io.info(`${signal}: finishing first`));
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
  });
  await stage.close(result, null);
}

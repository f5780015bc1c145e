import { randomUUID } from 'node:crypto';
import { actionIo as io } from '../adapters/runner/action-io.ts';
import { onCancel } from '../adapters/runner/cancellation.ts';
import { reconcile } from '../app/reconcile.ts';
import { runRollout } from '../app/run-rollout.ts';
import { recall, rememberEnd, rememberForPost } from './for-post.ts';
import { INPUTS, readInputs } from './inputs.ts';
import { failWith, setStage } from './stage.ts';

/** Runs or resumes one rollout. A cancelled job takes traffic home before the runner loses patience. */
export async function canaryMain(): Promise<void> {
  const stop = onCancel();
  const read = readInputs(INPUTS.canary, io.input, { version: process.env.GITHUB_SHA });
  if (!read.ok) return failWith(io, 'config-invalid', read.problems.join('\n'));
  const { inputs } = read;
  const stage = await setStage(io, inputs, (happening) => rememberForPost(io, happening));
  if (stage === null) return;
  const id = `${stage.world.service}-${randomUUID().slice(0, 8)}`;
  const { version, readmit, 'job-limit': jobLimit } = inputs;
  io.saveState('config', inputs.config);
  io.saveState('environment', inputs.environment);
  const { plan } = stage.chosen;
  const result = await runRollout(stage.world, { id, version, plan, readmit, jobLimit, stop });
  rememberEnd(io, result);
  await stage.close(result, inputs.report);
}

/** After main has ended, however it ended: if its rollout is still open, traffic goes home now. */
export async function canaryPost(): Promise<void> {
  const { rollout, stableSlot: fallback, reason } = recall(io);
  if (rollout === '') return;
  const stage = await setStage(io, {
    config: io.state('config'),
    environment: io.state('environment'),
    'github-token': io.input('github-token') || null,
  });
  if (stage === null) return;
  const request = { ownerHasEnded: true, onlyRollout: rollout, fallback, reason };
  const result = await reconcile(stage.world, request);
  if (result.reasonCode === 'nothing-to-do') return io.info(result.message);
  await stage.close(result, null);
}

import { randomUUID } from 'node:crypto';
import { actionIo as io } from '../adapters/runner/action-io.ts';
import { onCancel } from '../adapters/runner/cancellation.ts';
import { reconcile } from '../app/reconcile.ts';
import { runRollout } from '../app/run-rollout.ts';
import { REASON_CODES, type Reason } from '../core/rollout/reason.ts';
import type { Happening } from '../ports/observer.ts';
import { INPUTS, readInputs } from './inputs.ts';
import { failWith, setStage } from './stage.ts';

/** Runs or resumes one rollout. A cancelled job takes traffic home before the runner loses patience. */
export async function canaryMain(): Promise<void> {
  const stop = onCancel();
  const read = readInputs(INPUTS.canary, io.input, { version: process.env.GITHUB_SHA });
  if (!read.ok) return failWith(io, 'config-invalid', read.problems.join('\n'));
  const { inputs } = read;
  const stage = await setStage(io, inputs, rememberForPost);
  if (stage === null) return;
  const id = `${stage.world.service}-${randomUUID().slice(0, 8)}`;
  const { version, readmit, 'job-limit': jobLimit } = inputs;
  io.saveState('config', inputs.config);
  io.saveState('environment', inputs.environment);
  const { plan } = stage.chosen;
  const result = await runRollout(stage.world, { id, version, plan, readmit, jobLimit, stop });
  io.saveState('reason-code', result.reasonCode);
  io.saveState('reason', result.message);
  await stage.close(result, inputs.report);
}

/** The post step must know which rollout was ours, before any traffic has moved. */
function rememberForPost(happening: Happening): void {
  if (happening.type !== 'moved') return;
  if (happening.event === 'started' || happening.event === 'resumed') {
    io.saveState('rollout', happening.record.rollout?.id ?? '');
    io.saveState('stable-slot', happening.record.stable?.slot ?? '');
  }
}

/** What main had to say when it came to its end; nothing when it was killed. */
function reasonOfMain(): Reason {
  const code = REASON_CODES.find((known) => known === io.state('reason-code'));
  if (code !== undefined) return { code, message: io.state('reason') };
  return { code: 'owner-lost', message: 'the step that drove the rollout ended without finishing it' };
}

/** After main has ended, however it ended: if its rollout is still open, traffic goes home now. */
export async function canaryPost(): Promise<void> {
  const rollout = io.state('rollout');
  if (rollout === '') return;
  const stage = await setStage(io, {
    config: io.state('config'),
    environment: io.state('environment'),
    'github-token': io.input('github-token') || null,
  });
  if (stage === null) return;
  const slot = io.state('stable-slot');
  const fallback = slot === 'a' || slot === 'b' ? slot : null;
  const result = await reconcile(stage.world, {
    ownerHasEnded: true,
    onlyRollout: rollout,
    fallback,
    reason: reasonOfMain(),
  });
  if (result.reasonCode === 'nothing-to-do') return io.info(result.message);
  await stage.close(result, null);
}

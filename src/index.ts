import { canaryMain, canaryPost } from './actions/canary.ts';
import { deployMain } from './actions/deploy.ts';
import { e2eGateMain } from './actions/e2e-gate.ts';
import { loadTestMain } from './actions/load-test.ts';
import { prStatusMain } from './actions/pr-status.ts';
import { preflightMain } from './actions/preflight.ts';
import { reconcileMain } from './actions/reconcile.ts';
import { rollbackMain } from './actions/rollback.ts';
import { taskMain } from './actions/task.ts';

export { runCli } from './cli/main.ts';

const ENTRIES = {
  'canary/main': canaryMain,
  'canary/post': canaryPost,
  'rollback/main': rollbackMain,
  'reconcile/main': reconcileMain,
  'preflight/main': preflightMain,
  'deploy/main': deployMain,
  'load-test/main': loadTestMain,
  'pr-status/main': prStatusMain,
  'e2e-gate/main': e2eGateMain,
  'task/main': taskMain,
} as const;

/** Entry of every action: the two-line files in actions/ call it with their own name. */
export async function runAction(entry: keyof typeof ENTRIES): Promise<void> {
  await ENTRIES[entry]();
}

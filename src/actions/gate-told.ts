import { createGitHub } from '../adapters/github/client.ts';
import { readPullEvent } from '../adapters/github/event.ts';
import { gatePage } from '../adapters/github/gate-page.ts';
import { systemClock } from '../adapters/runner/clock.ts';
import { showGate } from '../app/show-gate.ts';
import { gateLine } from '../core/report/gate-board.ts';
import { whereToShow } from '../core/report/pull-event.ts';
import { type ReadOnlyCause, type ShownResult, toShownResult } from '../core/report/shown-gate.ts';
import { AdapterError } from '../ports/adapter-error.ts';
import type { PrStatusInputs } from './pr-status-inputs.ts';
import { STATES, type ToldResult } from './told-result.ts';

export type GateTold =
  | { readonly ok: true; readonly result: ShownResult }
  | { readonly ok: false; readonly report: string };

/** Shows a gate where the inputs and the run say. */
export async function tellGate(
  inputs: PrStatusInputs,
  runner: { readonly env: NodeJS.ProcessEnv; readonly mask: (secret: string) => void },
  signal: AbortSignal,
): Promise<GateTold> {
  const { gate, 'github-token': token } = inputs;
  const env = token === '' ? runner.env : { ...runner.env, GITHUB_TOKEN: token };
  const event = await readPullEvent(env.GITHUB_EVENT_PATH);
  const where = whereToShow({
    sha: inputs.sha ?? null,
    pull: inputs['pull-request'] ?? null,
    event,
    eventName: env.GITHUB_EVENT_NAME ?? '',
    runSha: env.GITHUB_SHA ?? '',
  });
  if (!where.ok) return { ok: false, report: where.why };
  const pull = inputs.comment ? where.pull : null;
  const line = gateLine({ gate, ...sayingOf(inputs), url: inputs.url ?? runUrl(env), sha: where.sha });
  try {
    const page = gatePage(createGitHub({ env, clock: systemClock, mask: runner.mask }));
    const shown = await showGate(page, { line, pull }, signal);
    const readOnly = readOnlyCause(event?.isFork ?? false, env);
    return { ok: true, result: toShownResult({ ...shown, line, pull, readOnly }) };
  } catch (error) {
    if (error instanceof AdapterError) return { ok: false, report: error.message };
    throw error;
  }
}

/** A gate that was to answer and did not is no longer pending: nobody may wait for it in vain. */
function sayingOf({ result, verdict, pending, description }: PrStatusInputs): ToldResult {
  if (result !== undefined) return result;
  if (verdict !== undefined) return { state: STATES[verdict], description: description || verdict };
  if (pending) return { state: 'pending', description: description || 'not finished yet' };
  return { state: 'error', description: description || 'ended without a result; see the log of its job' };
}

/** Where the run of this job is seen; null outside of one. */
export function runUrl({
  GITHUB_SERVER_URL: server,
  GITHUB_REPOSITORY: repository,
  ...env
}: NodeJS.ProcessEnv) {
  const { GITHUB_RUN_ID: run, GITHUB_RUN_ATTEMPT: attempt = '1' } = env;
  if (run === undefined || run === '') return null;
  return `${server || 'https://github.com'}/${repository}/actions/runs/${run}/attempts/${attempt}`;
}

function readOnlyCause(isFork: boolean, { GITHUB_ACTOR: actor }: NodeJS.ProcessEnv): ReadOnlyCause | null {
  if (isFork) return 'fork';
  return actor === 'dependabot[bot]' ? 'dependabot' : null;
}

import { z } from 'zod';
import { AdapterError, messageOf } from '../../ports/adapter-error.ts';
import type { Forge, ForgeCall } from '../../ports/forge.ts';
import type { ForgeFacts, RecordWrite, WriteProof } from '../../ports/forge-facts.ts';
import { remembered } from './all-pages.ts';

/** No commit has this name. */
const NOWHERE = '0'.repeat(40);

/**
 * A write for each permission that leaves nothing behind: an object of git that nothing points to and that is the same
 * every time, and three requests that are refused for what they say by everybody who is let through.
 */
const PROBES: Readonly<Record<RecordWrite, Pick<ForgeCall<unknown>, 'route' | 'params'>>> = {
  contents: {
    route: 'POST /repos/{owner}/{repo}/git/blobs',
    params: { content: 'deploy-canary\n', encoding: 'utf-8' },
  },
  deployments: {
    route: 'POST /repos/{owner}/{repo}/deployments',
    params: { ref: NOWHERE, environment: 'none', auto_merge: false, required_contexts: [] },
  },
  statuses: {
    route: 'POST /repos/{owner}/{repo}/statuses/{sha}',
    params: { sha: NOWHERE, state: 'error', context: 'deploy-canary/permission' },
  },
  issues: { route: 'POST /repos/{owner}/{repo}/issues', params: { title: ' ' } },
};

/** Whether this token may write what a rollback writes. */
export function writeFacts(forge: Forge, signal: AbortSignal): Pick<ForgeFacts, 'mayWrite'> {
  return {
    mayWrite: remembered(async (what): Promise<WriteProof> => {
      const probe = { ...PROBES[what], answer: z.unknown(), repeatable: true };
      try {
        const answer = await forge.attempt(probe, signal);
        if (answer.kind === 'done') return { kind: 'written' };
        // GitHub hides what a token may not see.
        if (answer.status !== 404) return { kind: 'let-through' };
        return { kind: 'refused', why: `404 (${answer.message}) for ${probe.route}` };
      } catch (error) {
        const isRefused = error instanceof AdapterError && error.code === 'unauthorized';
        if (!isRefused) throw error;
        return { kind: 'refused', why: messageOf(error) };
      }
    }),
  };
}

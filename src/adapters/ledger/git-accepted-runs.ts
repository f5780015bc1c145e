import { z } from 'zod';
import type { AcceptedRuns, KeptRun, RegisteredAcceptedRuns } from '../../ports/accepted-runs.ts';
import { AdapterError } from '../../ports/adapter-error.ts';
import type { Forge } from '../../ports/forge.ts';
import { type AcceptedKey, readAccepted, writeAccepted } from './accepted-text.ts';
import { moveRef, readRef, readText, writeCommit } from './git-objects.ts';
import { safeName } from './safe-name.ts';

const PROVIDER = 'accepted-runs';

/** One commit for each accepted run, on a ref of its own that is only ever moved forward, as the ledger's is. */
export function gitAcceptedRuns(forge: Forge, key: AcceptedKey): AcceptedRuns {
  const ref = acceptedRef(key);
  const at = async (signal: AbortSignal): Promise<{ commit: string | null; kept: KeptRun | null }> => {
    const commit = await readRef(forge, ref, signal);
    if (commit === null) return { commit, kept: null };
    const text = await readText(forge, commit, signal);
    return { commit, kept: readAccepted(PROVIDER, text, `refs/${ref} at ${commit}`, key) };
  };
  return {
    newest: async (signal) => (await at(signal)).kept,
    keep: async (expected, run, signal) => {
      const { commit: parent, kept } = await at(signal);
      if ((kept?.revision ?? 0) !== expected) return 'superseded';
      const text = writeAccepted(key, expected + 1, run);
      const message = `Load test ${key.test} of ${key.service} in ${key.environment}: ${run.version} accepted`;
      const commit = await writeCommit(forge, { text, message, parent }, signal);
      const moved = await moveRef(forge, ref, { from: parent, to: commit }, signal);
      if (moved.kind === 'done') return 'kept';
      const now = await readRef(forge, ref, signal);
      // It is ours when only the answer to an earlier attempt was lost.
      if (now === commit) return 'kept';
      if (now === parent) throw unmoved(ref, moved.message);
      return 'superseded';
    },
  };
}

/** `deploy-canary-load/<environment>/<service>/<test>`: apart from the ledgers, whose names could be anything. */
export function acceptedRef({ environment, service, test }: AcceptedKey): string {
  const parts = [environment, service, test].map((name) => safeName(name).replaceAll('.', '%2e'));
  return `deploy-canary-load/${parts.join('/')}`;
}

function unmoved(ref: string, why: string): AdapterError {
  const message = `expected GitHub to move refs/${ref}, saw it refused (${why}); let the repository's rules allow it`;
  return new AdapterError(PROVIDER, 'refused', message, { retryable: true });
}

export const gitAcceptedRunsSchema = z
  .strictObject({
    type: z.literal('github').describe('Keeps them in the repository itself, on a git ref for each test.'),
  })
  .describe('Accepted runs in the repository that runs the workflow.')
  .transform(
    ({ type }): RegisteredAcceptedRuns => ({
      type,
      create: ({ forge, environment, service }, test) => {
        if (forge !== undefined) return gitAcceptedRuns(forge(), { environment, service, test });
        const message = 'expected a GitHub repository to keep accepted runs in, saw none; use `type: file`';
        throw new AdapterError(PROVIDER, 'refused', message, { retryable: false });
      },
    }),
  );

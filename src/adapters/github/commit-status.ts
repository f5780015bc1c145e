import { z } from 'zod';
import type { Forge } from '../../ports/forge.ts';

export interface CommitStatus {
  readonly state: 'pending' | 'success' | 'failure' | 'error';
  /** What tells it from the others on the same commit; never changes its meaning. */
  readonly context: string;
  /** At most 140 characters. */
  readonly description: string;
  readonly url: string | null;
}

const status = z.object({ state: z.string(), context: z.string(), description: z.string().nullable() });

/** Brings the newest status of that context to this one, unless it is that already. */
export async function setCommitStatus(
  forge: Forge,
  sha: string,
  wanted: CommitStatus,
  signal: AbortSignal,
): Promise<void> {
  const route = 'GET /repos/{owner}/{repo}/commits/{ref}/statuses';
  const call = { route, params: { ref: sha }, answer: z.array(status).readonly() };
  const newest = (await forge.paginate(call, 100, signal)).find(({ context }) => context === wanted.context);
  if (newest?.state === wanted.state && newest.description === wanted.description) return;
  await postCommitStatus(forge, sha, wanted, signal);
}

/** For who knows that it is news. */
export async function postCommitStatus(
  forge: Forge,
  sha: string,
  { state, context, description, url }: CommitStatus,
  signal: AbortSignal,
): Promise<void> {
  const target = url === null ? {} : { target_url: url };
  await forge.request(
    {
      route: 'POST /repos/{owner}/{repo}/statuses/{sha}',
      params: { sha, state, context, description, ...target },
      answer: status,
    },
    signal,
  );
}

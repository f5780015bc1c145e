import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { PullEvent } from '../../core/report/pull-event.ts';

const repository = z.object({ full_name: z.string() });
const event = z.object({
  pull_request: z.object({
    number: z.int().positive(),
    head: z.object({
      sha: z.string().regex(/^[0-9a-f]{40}$/),
      /** Null when the fork is gone. */
      repo: repository.nullable(),
    }),
    base: z.object({ repo: repository }),
  }),
});

/** The pull request that the run was started for; null when it was started for something else, or nobody can tell. */
export async function readPullEvent(path: string | undefined): Promise<PullEvent | null> {
  if (path === undefined || path === '') return null;
  try {
    const { pull_request: pull } = event.parse(JSON.parse(await readFile(path, 'utf8')));
    const isFork = pull.head.repo?.full_name !== pull.base.repo.full_name;
    return { number: pull.number, head: pull.head.sha, isFork };
  } catch {
    return null;
  }
}

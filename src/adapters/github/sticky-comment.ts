import { z } from 'zod';
import type { Forge } from '../../ports/forge.ts';
import { isMarked, markerOf, sameText } from './marker.ts';

const comment = z.object({ id: z.number(), body: z.string().optional() });
const MOST_COMMENTS = 1_000;

export interface StickyComment {
  /** Number of the pull request or issue. */
  readonly issue: number;
  /** What tells it from other comments of ours there. */
  readonly id: string;
  /** Markdown of at most 65,000 characters. */
  readonly body: string;
}

/** Keeps one comment up to date: the first one of that id is edited, and only when there is none yet one is written. */
export async function keepComment(
  forge: Forge,
  { issue, id, body }: StickyComment,
  signal: AbortSignal,
): Promise<void> {
  const marker = markerOf('sticky', id);
  const text = `${marker}\n${body}`;
  const route = '/repos/{owner}/{repo}/issues/{issue_number}/comments';
  const list = {
    route: `GET ${route}`,
    params: { issue_number: issue },
    answer: z.array(comment).readonly(),
  };
  const found = (await forge.paginate(list, MOST_COMMENTS, signal)).find((one) => isMarked(one.body, marker));
  if (found === undefined) {
    const params = { issue_number: issue, body: text };
    await forge.request({ route: `POST ${route}`, params, answer: comment }, signal);
  } else if (!sameText(found.body, text)) {
    const params = { comment_id: found.id, body: text };
    const edit = 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}';
    await forge.request({ route: edit, params, answer: comment, repeatable: true }, signal);
  }
}

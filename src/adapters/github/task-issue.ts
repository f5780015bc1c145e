import { z } from 'zod';
import type { Forge } from '../../ports/forge.ts';
import { isMarked, markerOf } from './marker.ts';

export interface TaskIssue {
  /** What it is about; there is one issue for each. */
  readonly task: string;
  readonly title: string;
  readonly body: string;
  readonly assignee: string | null;
}

export interface OpenedTask {
  readonly kind: 'opened' | 'open-already' | 'done-already';
  readonly url: string;
}

export const TASK_LABEL = 'deploy-canary-task';
const MOST_ISSUES = 300;

const issue = z.object({ body: z.string().nullable().optional(), state: z.string(), html_url: z.string() });

/** Opens the one issue of a task; one that was there before is left as its people have it. */
export async function openTask(
  forge: Forge,
  { task, title, body, assignee }: TaskIssue,
  signal: AbortSignal,
): Promise<OpenedTask> {
  const marker = markerOf('task', task);
  const list = {
    route: 'GET /repos/{owner}/{repo}/issues',
    params: { state: 'all', labels: TASK_LABEL, sort: 'created', direction: 'desc' },
    answer: z.array(issue).readonly(),
  };
  const found = (await forge.paginate(list, MOST_ISSUES, signal)).find((one) => isMarked(one.body, marker));
  if (found !== undefined)
    return { kind: found.state === 'open' ? 'open-already' : 'done-already', url: found.html_url };
  const assignees = assignee === null ? {} : { assignees: [assignee] };
  const params = { title, body: `${marker}\n${body}`, labels: [TASK_LABEL], ...assignees };
  const opened = await forge.request(
    { route: 'POST /repos/{owner}/{repo}/issues', params, answer: issue },
    signal,
  );
  return { kind: 'opened', url: opened.html_url };
}

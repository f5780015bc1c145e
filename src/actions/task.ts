import { createGitHub } from '../adapters/github/client.ts';
import { type OpenedTask, openTask } from '../adapters/github/task-issue.ts';
import { actionIo as io } from '../adapters/runner/action-io.ts';
import { onCancel } from '../adapters/runner/cancellation.ts';
import { systemClock } from '../adapters/runner/clock.ts';
import { renderTask } from '../core/report/task.ts';
import { AdapterError } from '../ports/adapter-error.ts';
import { runUrl } from './gate-told.ts';
import { INPUTS, readInputs } from './inputs.ts';
import { failWith } from './stage.ts';

const MESSAGES: Readonly<Record<OpenedTask['kind'], string>> = {
  opened: 'a task was opened',
  'open-already': 'the task is open already',
  'done-already': 'the task was done before',
};

/** Opens one issue for work that a person must do, with an owner and evidence, and never a second one for the same. */
export async function taskMain(): Promise<void> {
  const stop = onCancel();
  const read = readInputs(INPUTS.task, io.input, {});
  if (!read.ok) return failWith(io, 'config-invalid', read.problems.join('\n'));
  const { task, title, owner, steps, evidence, 'github-token': token } = read.inputs;
  const env = token === null ? process.env : { ...process.env, GITHUB_TOKEN: token };
  const { markdown: body } = renderTask({ owner, steps, evidence, runUrl: runUrl(env) });
  const assignee = owner.includes('/') ? null : owner;
  try {
    const forge = createGitHub({ env, clock: systemClock, mask: io.mask });
    await tell(await openTask(forge, { task, title, body, assignee }, stop), title, owner);
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    failWith(io, 'not-opened', error.message);
  }
}

async function tell({ kind, url }: OpenedTask, title: string, owner: string): Promise<void> {
  const message = `${MESSAGES[kind]} for ${owner}: ${title}`;
  const result = {
    schemaVersion: 1,
    operation: 'task',
    verdict: 'pass',
    reasonCode: kind,
    message,
    url,
    owner,
  } as const;
  io.output('verdict', 'pass');
  io.output('reason-code', kind);
  io.output('url', url);
  io.output('result', JSON.stringify(result));
  io.notice(`${message} (${url})`);
}

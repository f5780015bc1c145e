import { escapeMarkdown, joinLines, link, type Markdown, md } from './markdown.ts';

export interface Task {
  /** A user, or `organisation/team`. */
  readonly owner: string;
  readonly steps: readonly string[];
  readonly evidence: string;
  /** Where the run is that asks for it. */
  readonly runUrl: string | null;
}

/** The body of a task's issue. Nobody is mentioned in it but the owner. */
export function renderTask({ owner, steps, evidence, runUrl }: Task): Markdown {
  const mention: Markdown = { markdown: `@${owner}` };
  const run = runUrl === null ? [] : [link('The run that asks for it', runUrl)];
  const told = evidence.split('\n').map((line): Markdown => ({ markdown: escapeMarkdown(line) }));
  return joinLines([
    md`For ${mention}. Close this issue when it is done.`,
    md``,
    ...steps.map((step) => md`- [ ] ${step}`),
    ...(steps.length === 0 ? [] : [md``]),
    ...told,
    md``,
    ...run,
  ]);
}

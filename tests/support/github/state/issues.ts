export interface Issue {
  readonly id: number;
  readonly number: number;
  readonly title: string;
  readonly body: string | null;
  readonly state: string;
  readonly stateReason: string | null;
  readonly labels: readonly string[];
  readonly assignees: readonly string[];
  readonly creator: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly closedAt: string | null;
  /** A pull request is an issue too. */
  readonly isPull: boolean;
  /** Of its body, oldest first; none while it is as it was made. */
  readonly edits: readonly BodyEdit[];
}

export interface BodyEdit {
  /** Null for an account that is gone. */
  readonly by: string | null;
  readonly at: string;
  /** The whole body from then on; null where nobody kept it. */
  readonly body: string | null;
  /** Its making, kept when the first edit came. */
  readonly isCreation: boolean;
  /** Who took it out of the history. */
  readonly deletedBy?: string;
}

/** The same with a body of somebody's; nothing happens where it is the same. */
export function withBody(issue: Issue, body: string | null, by: string | null, at: string): Issue {
  if (body === issue.body) return issue;
  const first = { by: issue.creator, at: issue.createdAt, body: issue.body ?? '', isCreation: true };
  const before = issue.edits.length === 0 ? [first] : issue.edits;
  return { ...issue, body, edits: [...before, { by, at, body: body ?? '', isCreation: false }] };
}

export interface Comment {
  readonly id: number;
  readonly issue: number;
  readonly body: string;
  readonly creator: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface IssueEvent {
  readonly id: number;
  readonly issue: number;
  readonly event: string;
  readonly label?: string;
  readonly actor: string;
  readonly createdAt: string;
}

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

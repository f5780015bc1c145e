import type { GateLine } from '../core/report/gate-board.ts';

/** Where people look for what the gates say: the statuses of a commit, and one comment on its pull request. */
export interface GatePage {
  /** Makes this the newest status of its gate. Returns a number that grows from status to status. */
  postStatus(line: GateLine, signal: AbortSignal): Promise<number>;
  /** The newest status of each gate at the commit. */
  statuses(sha: string, signal: AbortSignal): Promise<readonly ToldStatus[]>;
  pull(pull: number, signal: AbortSignal): Promise<{ readonly head: string; readonly isOpen: boolean }>;
  /** Comments of ours there, oldest first: one, unless two gates began at once. */
  comments(pull: number, signal: AbortSignal): Promise<readonly GateComment[]>;
  write(pull: number, body: string, signal: AbortSignal): Promise<GateComment>;
  /** False when it is no longer there. */
  rewrite(comment: number, body: string, signal: AbortSignal): Promise<boolean>;
  remove(comment: number, signal: AbortSignal): Promise<void>;
}

export interface ToldStatus {
  readonly id: number;
  readonly line: GateLine;
}

export interface GateComment {
  readonly id: number;
  readonly body: string;
}

/** The pull request that a run was started for. */
export interface PullEvent {
  readonly number: number;
  /** The newest commit of its branch; the run itself is for a trial merge. */
  readonly head: string;
  readonly isFork: boolean;
}

export interface WhereAsked {
  readonly sha: string | null;
  readonly pull: number | null;
  /** Null when the run was started for something else, or its event file cannot be read. */
  readonly event: PullEvent | null;
  /** Name of the event that started the run. */
  readonly eventName: string;
  /** The commit of the run. */
  readonly runSha: string;
}

export type Where =
  | { readonly ok: true; readonly sha: string; readonly pull: number | null }
  | { readonly ok: false; readonly why: string };

const COMMIT = /^[0-9a-f]{40}$/;

/** The commit that a gate speaks of, and the pull request on which that is told. Never a guess: a wrong commit shows a wrong green. */
export function whereToShow({ sha, pull, event, eventName, runSha }: WhereAsked): Where {
  const aboutPull = event !== null && (pull === null || pull === event.number) ? event : null;
  const number = pull ?? event?.number ?? null;
  if (sha !== null) return { ok: true, sha, pull: number };
  if (aboutPull !== null) return { ok: true, sha: aboutPull.head, pull: number };
  if (/^(pull_request|issue_comment|workflow_run)/.test(eventName)) {
    const why = `expected a pull request in the event file of ${eventName}, saw none; set the input \`sha\` (and \`pull-request\`), since the commit of such a run is not that of the change`;
    return { ok: false, why };
  }
  if (COMMIT.test(runSha)) return { ok: true, sha: runSha, pull: number };
  const seen = runSha === '' ? 'nothing' : `"${runSha.slice(0, 80)}"`;
  return { ok: false, why: `expected a full commit SHA in GITHUB_SHA, saw ${seen}; set the input \`sha\`` };
}

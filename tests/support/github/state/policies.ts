export interface Environment {
  readonly id: number;
  readonly name: string;
  readonly reviewers: readonly string[];
  readonly preventSelfReview: boolean;
  /** Minutes. */
  readonly waitTimer: number;
  readonly protectedBranchesOnly: boolean;
  readonly createdAt: string;
}

export interface Protection {
  readonly branch: string;
  readonly requiredChecks: readonly string[] | null;
  readonly strict: boolean;
  readonly approvals: number | null;
  readonly codeOwners: boolean;
  readonly enforceAdmins: boolean;
}

/** A rule of a ruleset that holds for a branch, as the API tells of it: `{ type, parameters }`. */
export interface BranchRule {
  readonly branch: string;
  readonly type: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

export interface Release {
  readonly id: number;
  readonly tag: string;
  readonly name: string | null;
  readonly body: string;
  readonly draft: boolean;
  readonly prerelease: boolean;
  readonly target: string;
  readonly author: string;
  readonly createdAt: string;
}

export interface CodeScanningAlert {
  readonly number: number;
  readonly state: string;
  readonly rule: string;
  readonly severity: string | null;
  readonly securitySeverity: string | null;
  readonly tool: string;
  /** `refs/heads/main` */
  readonly ref: string;
  readonly sha: string;
  readonly path: string;
  readonly createdAt: string;
}

export interface CodeScanningAnalysis {
  readonly id: number;
  readonly ref: string;
  readonly sha: string;
  readonly tool: string;
  readonly category: string;
  readonly error: string;
  readonly results: number;
  readonly createdAt: string;
}

export interface DependabotAlert {
  readonly number: number;
  readonly state: string;
  readonly package: string;
  readonly ecosystem: string;
  readonly severity: string;
  readonly manifest: string;
  readonly scope: string;
  readonly summary: string;
  readonly createdAt: string;
}

export interface SecretAlert {
  readonly number: number;
  readonly state: string;
  readonly type: string;
  readonly resolution: string | null;
  readonly validity: string;
  readonly createdAt: string;
}

export type Scanner = 'code-scanning' | 'dependabot' | 'secret-scanning';

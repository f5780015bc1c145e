import { numbered } from '../handlers/call.ts';
import type {
  CodeScanningAlert,
  CodeScanningAnalysis,
  DependabotAlert,
  SecretAlert,
} from '../state/alerts.ts';
import type { Repository } from '../state/world.ts';
import type { Grown } from './grow.ts';

type Severity = 'low' | 'medium' | 'high' | 'critical';

export interface CodeScanningAlertSeed
  extends Partial<Omit<CodeScanningAlert, 'number' | 'createdAt' | 'sha'>> {
  readonly state?: 'open' | 'dismissed' | 'fixed';
  readonly severity?: 'none' | 'note' | 'warning' | 'error' | null;
  readonly securitySeverity?: Severity | null;
}

export type AnalysisSeed = Partial<Omit<CodeScanningAnalysis, 'id' | 'createdAt'>>;

export interface DependabotAlertSeed extends Partial<Omit<DependabotAlert, 'number' | 'createdAt'>> {
  readonly state?: 'auto_dismissed' | 'dismissed' | 'fixed' | 'open';
  readonly severity?: Severity;
  readonly scope?: 'development' | 'runtime';
}

export interface SecretAlertSeed extends Partial<Omit<SecretAlert, 'number' | 'createdAt'>> {
  readonly state?: 'open' | 'resolved';
}

const headOf = (repository: Repository) => ({
  ref: `refs/heads/${repository.defaultBranch}`,
  sha: repository.refs.get(`refs/heads/${repository.defaultBranch}`) ?? '',
});

export function withCodeScanningAlert(
  before: Repository,
  seed: CodeScanningAlertSeed,
  createdAt: string,
): Grown {
  const alert = {
    ...{
      number: before.codeScanningAlerts.length + 1,
      createdAt,
      state: 'open',
      rule: 'js/sql-injection',
      tool: 'CodeQL',
    },
    ...{ severity: 'error', securitySeverity: 'high', path: 'app.js', ...headOf(before), ...seed },
  };
  const told = { operationId: 'code-scanning/list-alerts-for-repo', query: { ref: alert.ref } };
  return { repository: { ...before, codeScanningAlerts: [...before.codeScanningAlerts, alert] }, told };
}

export function withAnalysis(before: Repository, seed: AnalysisSeed, createdAt: string): Grown {
  const { id, repository } = numbered(before);
  const analysis = {
    id,
    createdAt,
    tool: 'CodeQL',
    category: '/language:javascript',
    error: '',
    results: 0,
    ...headOf(before),
    ...seed,
  };
  const told = { operationId: 'code-scanning/list-recent-analyses' };
  return { repository: { ...repository, analyses: [...repository.analyses, analysis] }, told };
}

export function withDependabotAlert(before: Repository, seed: DependabotAlertSeed, createdAt: string): Grown {
  const alert = {
    ...{
      number: before.dependabotAlerts.length + 1,
      createdAt,
      state: 'open',
      package: 'lodash',
      ecosystem: 'npm',
    },
    ...{
      severity: 'high',
      manifest: 'package-lock.json',
      scope: 'runtime',
      summary: 'Prototype pollution',
      ...seed,
    },
  };
  const told = { operationId: 'dependabot/list-alerts-for-repo' };
  return { repository: { ...before, dependabotAlerts: [...before.dependabotAlerts, alert] }, told };
}

export function withSecretAlert(before: Repository, seed: SecretAlertSeed, createdAt: string): Grown {
  const alert = {
    ...{
      number: before.secretAlerts.length + 1,
      createdAt,
      state: 'open',
      type: 'github_personal_access_token',
    },
    ...{ resolution: null, validity: 'unknown', ...seed },
  };
  const told = { operationId: 'secret-scanning/list-alerts-for-repo' };
  return { repository: { ...before, secretAlerts: [...before.secretAlerts, alert] }, told };
}

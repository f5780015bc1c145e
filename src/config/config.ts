import type { ComparisonSettings } from '../core/analysis/comparison/rules.ts';
import type { JudgeSettings } from '../core/analysis/judge/settings.ts';
import type { Kpi } from '../core/analysis/kpi.ts';
import type { Waiver } from '../core/checks/checklist.ts';
import type { E2eSuite } from '../core/e2e/suite.ts';
import type { Plan } from '../core/rollout/plan.ts';
import type { Milliseconds, Percent } from '../core/units.ts';
import type { Registered } from '../ports/adapter-context.ts';
import type { RegisteredCheck } from '../ports/check.ts';
import type { DeployPlan } from '../ports/deploy-service.ts';
import type { DeployTarget } from '../ports/deploy-target.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { MetricsSpec, RegisteredMetrics } from '../ports/metrics-provider.ts';
import type { MigrationSpec } from '../ports/migrations.ts';
import type { Notifier } from '../ports/notifier.ts';
import type { TrafficRouter } from '../ports/traffic-router.ts';
import type { LoadTestConfig } from './load-test-config.ts';
import { nearest } from './nearest.ts';

/** What happens to the slot that no longer serves. */
export interface RetirePolicy {
  /** The previous version's slot, after a promotion. */
  readonly promoted: 'keep' | 'stop';
  /** The canary's slot, after an abort. */
  readonly aborted: 'keep' | 'stop';
}

/** What is shown on GitHub beside the ledger. */
export interface GitHubConfig {
  readonly deployments: boolean;
  readonly statuses: boolean;
  /** Labels of incident issues; null when none are opened. */
  readonly incidents: readonly string[] | null;
  readonly url: string | null;
}

export interface EnvironmentConfig<Judge = JudgeSettings> {
  readonly name: string;
  readonly plan: Plan;
  readonly kpis: readonly Kpi[];
  readonly metricsSpec: MetricsSpec;
  /** How long the router keeps a weight that nobody renews. */
  readonly leaseTtl: Milliseconds;
  readonly retire: RetirePolicy;
  /** How far, in points, the observed share may be from the weight; null when the share is not watched. */
  readonly share: { readonly tolerance: Percent } | null;
  /** How the canary is compared with stable; null when it is not. */
  readonly comparison: ComparisonSettings | null;
  /** Who is asked when a bake is served; null when nobody is. */
  readonly judge: Judge | null;
  readonly router: Registered<TrafficRouter>;
  readonly target: Registered<DeployTarget>;
  readonly metrics: RegisteredMetrics;
  readonly ledger: Registered<Ledger>;
  /** Null when nothing is shown there. */
  readonly github: GitHubConfig | null;
  readonly notifiers: readonly Registered<Notifier>[];
}

/** A config file that was read in full and holds together. `Judge`: how its judge is told, its own file read or not. */
export interface Config<Judge = JudgeSettings> {
  readonly service: string;
  readonly environments: Readonly<Record<string, EnvironmentConfig<Judge>>>;
  readonly checklists: Readonly<Record<string, readonly RegisteredCheck[]>>;
  readonly waivers: readonly Waiver[];
  readonly loadTests: Readonly<Record<string, LoadTestConfig>>;
  /** By environment. */
  readonly deploy: Readonly<Record<string, DeployPlan>>;
  /** By service. */
  readonly migrations: Readonly<Record<string, MigrationSpec>>;
  readonly e2e: Readonly<Record<string, E2eSuite>>;
}

export type EnvironmentLookup =
  | { readonly ok: true; readonly environment: EnvironmentConfig }
  | { readonly ok: false; readonly message: string };

/** The environment of that name, or a sentence that says which ones there are. */
export function findEnvironment(config: Config, name: string): EnvironmentLookup {
  const environment = Object.hasOwn(config.environments, name) ? config.environments[name] : undefined;
  if (environment !== undefined) return { ok: true, environment };
  return {
    ok: false,
    message: noSuch(name, 'environment', Object.keys(config.environments), 'environments'),
  };
}

export type ChecklistLookup =
  | { readonly ok: true; readonly checks: readonly RegisteredCheck[] }
  | { readonly ok: false; readonly message: string };

/** The checklist of that name, or a sentence that says which ones there are. */
export function findChecklist(config: Config, name: string): ChecklistLookup {
  const checks = Object.hasOwn(config.checklists, name) ? config.checklists[name] : undefined;
  if (checks !== undefined) return { ok: true, checks };
  return { ok: false, message: noSuch(name, 'checklist', Object.keys(config.checklists), 'checklists') };
}

export type LoadTestLookup =
  | { readonly ok: true; readonly loadTest: LoadTestConfig }
  | { readonly ok: false; readonly message: string };

/** The load test of that name, or a sentence that says which ones there are. */
export function findLoadTest({ loadTests }: Config, name: string): LoadTestLookup {
  const loadTest = Object.hasOwn(loadTests, name) ? loadTests[name] : undefined;
  if (loadTest !== undefined) return { ok: true, loadTest };
  return { ok: false, message: noSuch(name, 'load test', Object.keys(loadTests), 'load-tests') };
}

export type DeployLookup =
  | { readonly ok: true; readonly plan: DeployPlan }
  | { readonly ok: false; readonly message: string };

/** What is deployed to the environment of that name, or a sentence that says which ones there are. */
export function findDeploy(config: Config, name: string): DeployLookup {
  const plan = Object.hasOwn(config.deploy, name) ? config.deploy[name] : undefined;
  if (plan !== undefined) return { ok: true, plan };
  return { ok: false, message: noSuch(name, 'deployment', Object.keys(config.deploy), 'deploy') };
}

export type SuiteLookup =
  | { readonly ok: true; readonly suite: E2eSuite }
  | { readonly ok: false; readonly message: string };

/** The E2E suite of that name, or a sentence that says which ones there are. */
export function findSuite(config: Pick<Config, 'e2e'>, name: string): SuiteLookup {
  const suite = Object.hasOwn(config.e2e, name) ? config.e2e[name] : undefined;
  if (suite !== undefined) return { ok: true, suite };
  return { ok: false, message: noSuch(name, 'E2E suite', Object.keys(config.e2e), 'e2e') };
}

function noSuch(name: string, what: string, names: readonly string[], key: string): string {
  const near = nearest(name, names);
  const fix = near === null ? `name one of these, or add it under \`${key}:\`` : `did you mean '${near}'?`;
  return `expected one of the configured ${what}s (${names.join(', ') || 'none'}), saw '${name}'; ${fix}`;
}

import { type ComparisonSettings, DEFAULT_COMPARISON } from '../core/analysis/comparison/rules.ts';
import type { Kpi, Limit, Unit } from '../core/analysis/kpi.ts';
import type { LimitPolicy } from '../core/analysis/policy.ts';
import type { Plan, Step } from '../core/rollout/plan.ts';
import type { KpiSource, MetricsSpec } from '../ports/metrics-provider.ts';
import type { Config, EnvironmentConfig, GitHubConfig } from './config.ts';
import { toE2eSuites } from './e2e-shape.ts';
import { githubShape } from './github-shape.ts';
import type { JudgeShape } from './judge-shape.ts';
import type { KpiShape } from './kpi-shape.ts';
import { gaugeMeasure, histogramMeasure, type Measure } from './kpi-units.ts';
import { pointsUp, toLimit, type WrittenLimit } from './limit.ts';
import { toLoadTest } from './load-test-config.ts';
import { toMigrations } from './migrations-shape.ts';
import type { PlanOverrideShape, PlanShape } from './plan-shape.ts';
import type { PolicyShape } from './policy-shape.ts';
import type { EnvironmentShape, FileShape } from './shape.ts';

const DEFAULT_SHARE_TOLERANCE = 5;
const DEFAULT_FOR = 300_000;
const DEFAULT_INTERVAL = 60_000;

/** The file in the engine's own words. Only for a file without flaws. */
export function toConfig(file: FileShape): Config<JudgeShape> {
  const shapes = file.kpis ?? [];
  const kpis = shapes.map(toKpi);
  const metricsSpec: MetricsSpec = {
    sources: shapes.map((kpi) => ({ ...toSource(kpi), scope: kpi.scope })),
    traffic: file.traffic ?? null,
  };
  const environments = Object.entries(file.environments ?? {}).map(([name, environment]) => [
    name,
    toEnvironment(name, environment, file, { kpis, metricsSpec }),
  ]);
  const { service, checklists } = file;
  const waivers = file.waivers.map((waiver) => ({ ...waiver, checklist: waiver.checklist ?? null }));
  const loadTests = Object.entries(file['load-tests'] ?? {}).map(([name, shape]) => [
    name,
    toLoadTest(shape, file.environments?.[name]?.metrics ?? null),
  ]);
  return {
    service,
    environments: Object.fromEntries(environments),
    checklists,
    waivers,
    loadTests: Object.fromEntries(loadTests),
    deploy: toDeploy(file.deploy ?? {}),
    migrations: toMigrations(file.migrations ?? {}),
    e2e: toE2eSuites(file.e2e ?? {}),
  };
}

function toDeploy(shape: NonNullable<FileShape['deploy']>): Config['deploy'] {
  return Object.fromEntries(
    Object.entries(shape).map(([key, { url, record, services }]) => [
      key,
      {
        url: url ?? null,
        record,
        services: Object.entries(services).map(([name, service]) => ({ name, ...service })),
      },
    ]),
  );
}

function toEnvironment(
  name: string,
  shape: EnvironmentShape,
  { plan, comparison, judge }: Pick<FileShape, 'plan' | 'comparison' | 'judge'>,
  watched: Pick<EnvironmentConfig, 'kpis' | 'metricsSpec'>,
): EnvironmentConfig<JudgeShape> {
  const tolerance = shape['share-tolerance'] ?? DEFAULT_SHARE_TOLERANCE;
  const shareIsWatched = tolerance !== 'off' && watched.metricsSpec.traffic !== null;
  return {
    name,
    ...watched,
    plan: toPlan(plan, shape.plan ?? {}),
    leaseTtl: shape.lease,
    retire: shape.retire,
    comparison: toComparison(shape.comparison ?? comparison),
    judge: toJudge(shape.judge ?? judge),
    share: shareIsWatched ? { tolerance } : null,
    router: shape.router,
    target: shape.target,
    metrics: shape.metrics,
    ledger: shape.ledger,
    github: toGitHub(shape),
    notifiers: shape.notifications,
  };
}

/** A record that is kept on GitHub is shown there, unless the config says otherwise. */
function toGitHub({ github, ledger }: EnvironmentShape): GitHubConfig | null {
  const shape = github ?? (ledger.type === 'github' ? githubShape.parse({}) : null);
  if (shape === null) return null;
  const { deployments, statuses, incidents, labels, url } = shape;
  return { deployments, statuses, incidents: incidents ? labels : null, url: url ?? null };
}

function toComparison(shape: FileShape['comparison']): ComparisonSettings | null {
  return shape === 'off' ? null : (shape ?? DEFAULT_COMPARISON);
}

function toJudge(shape: FileShape['judge']): JudgeShape | null {
  return shape === undefined || shape === 'off' ? null : shape;
}

function toPlan(own: PlanShape, override: PlanOverrideShape): Plan {
  const budgets = override.budgets ?? {};
  return {
    steps: (override.steps ?? own.steps).map(toStep),
    tick: override.tick ?? own.tick,
    checkpoint: override.checkpoint ?? own.checkpoint,
    onInconclusive: override['on-inconclusive'] ?? own['on-inconclusive'],
    ...toParking(own, override),
    budgets: {
      deploy: budgets.deploy ?? own.budgets.deploy,
      shift: budgets.shift ?? own.budgets.shift,
      verify: budgets.verify ?? own.budgets.verify,
      abort: budgets.abort ?? own.budgets.abort,
      hold: budgets.hold ?? own.budgets.hold,
      record: budgets.record ?? own.budgets.record,
    },
  };
}

function toParking(own: PlanShape, override: PlanOverrideShape): Pick<Plan, 'parking'> {
  if ((override.mode ?? own.mode) !== 'parked') return {};
  const { watch = own.parked.watch, grace = own.parked.grace } = override.parked ?? {};
  return { parking: { watch, grace } };
}

/** Without a max-bake, missing evidence may extend a bake by half; at 100 % there is no comparison to wait for. */
function toStep(shape: PlanShape['steps'][number]): Step {
  const { weight, bake, 'max-bake': written, require, 'promote-early': promoteEarly } = shape;
  return {
    weight,
    bake,
    maxBake: written ?? (weight === 100 ? bake : Math.round(bake * 1.5)),
    ...(require === undefined ? {} : { require }),
    ...(promoteEarly === undefined ? {} : { promoteEarly }),
  };
}

function toKpi(shape: KpiShape): Kpi {
  const { unit } = measureOf(shape);
  const alert: WrittenLimit = shape.alert ?? { comparator: '>', amount: 0, unit: '' };
  const policy = 'policy' in shape && shape.policy !== undefined ? toPolicy(shape, shape.policy) : null;
  const holds = policy === null ? (shape.for ?? DEFAULT_FOR) : 0;
  const target = 'target' in shape && shape.target !== undefined ? limitIn(shape.target, unit) : null;
  return {
    id: shape.id,
    title: shape.title ?? titleFrom(shape.id),
    type: shape.type,
    unit,
    counts: shape.type === 'ratio' && !pointsUp(alert) ? 'good' : 'bad',
    quantile: shape.type === 'quantile' ? shape.quantile : 0.95,
    target,
    alert: limitIn(alert, unit),
    for: holds,
    window: policy?.interval ?? ('window' in shape ? shape.window : holds),
    minSamples: 'min-samples' in shape ? shape['min-samples'] : 0,
    warmUp: shape['warm-up'],
    scope: shape.scope,
    ...patience(shape, policy),
    ...(policy === null ? {} : { policy }),
  };
}

/** A policy counts what could not be measured, and so its budgets must not run out before. */
function patience(shape: KpiShape, policy: LimitPolicy | null): Pick<Kpi, 'noData' | 'errorBudget'> {
  const least = policy === null ? 0 : policy.interval * (policy.consecutiveErrorsAllowed + 2);
  const { budget, ...noData } = shape['no-data'];
  return {
    noData: { ...noData, budget: Math.max(budget, least) },
    errorBudget: Math.max(shape['error-budget'], least),
  };
}

function toPolicy(shape: KpiShape, policy: PolicyShape): LimitPolicy {
  const failures = policy['failures-allowed'];
  const interval = policy.interval ?? ('window' in shape ? shape.window : DEFAULT_INTERVAL);
  return {
    failuresAllowed: failures === 'unlimited' ? null : failures,
    inconclusiveAllowed: policy['inconclusive-allowed'],
    consecutiveErrorsAllowed: policy['consecutive-errors-allowed'],
    consecutiveSuccessesNeeded: policy['consecutive-successes-needed'] ?? null,
    count: policy.count ?? null,
    interval,
    initialDelay: policy['initial-delay'],
  };
}

/** The rules have refused a unit that does not fit; what is left can be read as it stands. */
function limitIn(written: WrittenLimit, unit: Unit): Limit {
  return toLimit(written, unit) ?? { comparator: written.comparator, value: written.amount };
}

const ABBREVIATION = /\b(api|cpu|db|http|io|p\d{2,3}|sql)\b/g;

function titleFrom(id: string): string {
  const words = id.replaceAll('-', ' ').replace(ABBREVIATION, (short) => short.toUpperCase());
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function measureOf(shape: KpiShape): Measure {
  switch (shape.type) {
    case 'ratio':
      return { unit: 'ratio', scale: 1 };
    case 'never':
      return { unit: 'count', scale: 1 };
    case 'quantile':
      return histogramMeasure(shape.histogram.metric, shape['histogram-unit']) ?? { unit: 'ms', scale: 1 };
    case 'gauge':
      return gaugeMeasure(shape.value.metric, shape['divided-by'] !== undefined, shape.unit);
  }
}

function toSource(shape: KpiShape): KpiSource {
  const { id } = shape;
  const { scale } = measureOf(shape);
  switch (shape.type) {
    case 'ratio':
      return shape.good === undefined
        ? { id, type: 'events', bad: shape.bad ?? [], total: shape.total }
        : { id, type: 'good-events', good: shape.good, total: shape.total };
    case 'never':
      return { id, type: 'events', bad: shape.bad, total: shape.total };
    case 'quantile':
      return { id, type: 'histogram', histogram: shape.histogram, scale };
    case 'gauge':
      return { id, type: 'gauge', value: shape.value, dividedBy: shape['divided-by'] ?? null, scale };
  }
}

import { z } from 'zod';
import type { JudgedKpi, JudgeSettings } from '../core/analysis/judge/settings.ts';
import { type CanaryConfig, type Outline, outlineOf, parseCanaryConfig } from './canary-config.ts';
import type { CheckedFile } from './checked-file.ts';
import type { Config } from './config.ts';
import type { Told } from './explain.ts';
import type { JudgeShape } from './judge-shape.ts';
import { editDistance, nearest } from './nearest.ts';
import type { Problem } from './problem.ts';
import { describeValue } from './words.ts';
import { readYaml } from './yaml-file.ts';

/** A file that the config names; `name` is what problems call it. */
export type NamedFile =
  | { readonly ok: true; readonly name: string; readonly text: string }
  | { readonly ok: false; readonly why: string };

/** By path, as the config has it. */
export type NamedFiles = ReadonlyMap<string, NamedFile>;

/** A judge whose file has been read, by where the config speaks of it: '' for the file's own. */
export type Judges = ReadonlyMap<
  string,
  Pick<JudgeSettings, 'metrics' | 'groupWeights'> & Pick<CanaryConfig, 'thresholds'>
>;

const DEFAULT_THRESHOLDS = { pass: 95, marginal: 75 };

const text = z.string().optional().catch(undefined);
const section = z
  .object({ config: z.string(), kpis: z.record(z.string(), z.string()).catch({}) })
  .optional()
  .catch(undefined);
/** What could be read of a file that may have flaws. */
const view = z
  .object({
    kpis: z.array(z.object({ id: text, type: text, scope: text }).catch({})).catch([]),
    judge: section,
    environments: z.record(z.string(), z.object({ judge: section }).catch({})).catch({}),
  })
  .partial()
  .catch({});

type View = z.output<typeof view>;
type KpiView = NonNullable<View['kpis']>[number];

interface Section {
  /** The environment; '' for the file's own. */
  readonly of: string;
  readonly path: readonly string[];
  readonly config: string;
  readonly kpis: Readonly<Record<string, string>>;
}

/** The paths of all files that a config names, as it has them. */
export function namedFiles(configText: string): readonly string[] {
  return [...new Set(sectionsOf(view.parse(readYaml(configText).data)).map(({ config }) => config))];
}

/** Reads the canary configs that a config names, and finds the KPI of each metric. */
export function checkJudges(
  file: CheckedFile<unknown>,
  files: NamedFiles,
): { readonly problems: readonly Problem[]; readonly judges: Judges } {
  const seen = view.parse(file.data);
  const problems: Problem[] = [];
  const judges = new Map<string, NonNullable<ReturnType<Judges['get']>>>();
  for (const one of sectionsOf(seen)) {
    const named = files.get(one.config) ?? { ok: false, why: 'it was not read' };
    if (!named.ok) {
      problems.push(file.placed(unreadable(one, named.why)));
      continue;
    }
    const canary = parseCanaryConfig(named.text, named.name);
    const kpis = seen.kpis ?? [];
    const metrics = outlineOf(canary.data).metrics ?? [];
    problems.push(
      ...mappingTold(one, metrics, named.name, kpis).map(file.placed),
      ...canary.problems,
      ...unpairedTold(one, metrics, kpis).map(canary.placed),
    );
    if (canary.value !== null)
      judges.set(one.of, { ...canary.value, metrics: paired(one, canary.value, kpis) });
  }
  const byText = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  return { problems: [...byText.values()], judges };
}

/** The config with its judges in full. Only for a config without problems. */
export function withJudges(config: Config<JudgeShape>, judges: Judges): Config {
  const environments = Object.entries(config.environments).map(([name, environment]) => {
    const canary = judges.get(name) ?? judges.get('');
    const { judge } = environment;
    if (judge === null || canary === undefined) return [name, { ...environment, judge: null }];
    const thresholds = judge['score-thresholds'] ?? canary.thresholds ?? DEFAULT_THRESHOLDS;
    return [name, { ...environment, judge: { ...canary, thresholds, interval: judge.interval } }];
  });
  return { ...config, environments: Object.fromEntries(environments) };
}

function sectionsOf({ judge, environments = {} }: View): Section[] {
  const own = judge === undefined ? [] : [{ of: '', path: ['judge'], ...judge }];
  const others = Object.entries(environments).flatMap(([of, environment]) =>
    environment.judge === undefined
      ? []
      : [{ of, path: ['environments', of, 'judge'], ...environment.judge }],
  );
  return [...own, ...others];
}

function unreadable({ path, config }: Section, why: string): Told {
  return {
    path: [...path, 'config'],
    at: 'value',
    expected: 'a canary config that can be read',
    seen: `'${config}' (${why})`,
    fix: 'correct the path: it starts in the directory of this file',
  };
}

/** A metric without a KPI is left out: where it counts, that has been told. */
function paired(section: Section, { metrics }: CanaryConfig, kpis: readonly KpiView[]): JudgedKpi[] {
  return metrics.flatMap((metric) => {
    const id = idFor(metric.name, section, kpis);
    return kpis.some((kpi) => kpi.id === id && isJudged(kpi)) && id !== undefined
      ? [{ ...metric, kpi: id }]
      : [];
  });
}

function idFor(name: string, { kpis: mapped }: Section, kpis: readonly KpiView[]): string | undefined {
  if (Object.hasOwn(mapped, name)) return mapped[name];
  return kpis.find(({ id }) => id === name || id === kebab(name))?.id;
}

/** `HTTP errors`, `httpErrors` and `http_errors` are all `http-errors`. */
function kebab(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .toLowerCase();
}

/** Whether each version has a value of its own that can be held against the other's. */
function isJudged({ type, scope }: KpiView): boolean {
  return type !== 'never' && scope !== 'shared';
}

function judgedIds(kpis: readonly KpiView[]): string[] {
  return kpis.filter(isJudged).flatMap(({ id }) => id ?? []);
}

type MetricOutlines = NonNullable<Outline['metrics']>;

/** Metrics that count and have no KPI. A mapping that leads nowhere is told where it stands. */
function unpairedTold(section: Section, metrics: MetricOutlines, kpis: readonly KpiView[]): Told[] {
  const ids = judgedIds(kpis);
  return metrics.flatMap(({ name, analysisConfigurations }, index): Told[] => {
    const isMuted = analysisConfigurations?.canary?.muted === true;
    if (name === undefined || isMuted || Object.hasOwn(section.kpis, name)) return [];
    const id = idFor(name, section, kpis);
    return id !== undefined && ids.includes(id) ? [] : [unpaired(name, ['metrics', index, 'name'], ids)];
  });
}

function unpaired(name: string, path: Told['path'], ids: readonly string[]): Told {
  const plain = kebab(name).slice(0, 64);
  const nearby = ids
    .map((id) => ({ id, distance: editDistance(plain, id) }))
    .toSorted((one, other) => one.distance - other.distance)
    .slice(0, 3)
    .map(({ id }) => id);
  return {
    path,
    at: 'value',
    expected: `a metric that a KPI measures on each version (nearest: ${nearby.join(', ') || 'none'})`,
    seen: describeValue(name),
    fix: `say which under \`judge:\`, such as \`kpis: {'${name}': ${nearest(plain, ids) ?? '<KPI id>'}}\`, add such a KPI, or mute the metric`,
  };
}

function mappingTold(
  section: Section,
  metrics: MetricOutlines,
  fileName: string,
  kpis: readonly KpiView[],
): Told[] {
  const names = metrics.flatMap(({ name }) => name ?? []);
  return Object.entries(section.kpis).flatMap(([name, id]): Told[] => {
    const path = [...section.path, 'kpis', name];
    if (!names.includes(name)) {
      const near = nearest(name, names);
      const fix = near === null ? 'remove it, or correct the name' : `did you mean '${near}'?`;
      const expected = `the name of a metric in ${fileName}`;
      return [{ path, at: 'key', expected, seen: `'${name}'`, fix }];
    }
    const ids = judgedIds(kpis);
    if (ids.includes(id)) return [];
    const near = nearest(id, ids);
    const fix = near === null ? 'choose one of them' : `did you mean \`${near}\`?`;
    const expected = `a KPI that each version has for itself (${ids.join(', ')})`;
    return [{ path, at: 'value', expected, seen: `'${id}'`, fix }];
  });
}

import { describe, expect, test } from 'vitest';
import { type NamedFile, namedFiles } from '../../src/config/judge-files.ts';
import { parseConfig } from '../../src/config/read.ts';
import { loadConfig } from '../../src/wire.ts';
import { schema, VALID } from './registered.ts';

type Json = Readonly<Record<string, unknown>>;

function metric(name: string, canary: Json = {}, groups: readonly string[] = ['g']): Json {
  return { name, query: { type: 'prometheus', any: ['thing'] }, groups, analysisConfigurations: { canary } };
}

/** A canary config of one line per metric, the first in line 4. */
function canary(metrics: readonly Json[], rest: Json = {}, judge = 'NetflixACAJudge-v1.0'): string {
  const lines = metrics.map((one) => JSON.stringify(one)).join(',\n');
  const classifier = JSON.stringify({ groupWeights: {}, ...rest });
  return `{"name": "x", "configVersion": 1, "templates": {"a": "\\n"},\n"judge": {"name": "${judge}"},\n"metrics": [\n${lines}\n],\n"classifier": ${classifier}}`;
}

function read(section: string, files: Readonly<Record<string, string>>, text = VALID) {
  const named = Object.entries(files).map(
    ([path, content]) => [path, { ok: true, name: path, text: content }] as const,
  );
  return parseConfig(`${text}${section}\n`, 'c.yml', schema, new Map<string, NamedFile>(named));
}

function judgeOf(section: string, files: Readonly<Record<string, string>>, text?: string) {
  const parsed = read(section, files, text);
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('\n'));
  return parsed.config.environments.production?.judge ?? null;
}

function told(section: string, files: Readonly<Record<string, string>>, text?: string): string[] {
  const parsed = read(section, files, text);
  if (parsed.ok) return [];
  return parsed.problems.map(
    ({ file, line, column, path, message }) => `${file}:${line}:${column} ${path}: ${message}`,
  );
}

const one = canary([metric('errorRate')]);

describe("a canary config of Kayenta's is taken as it is", () => {
  test('with its defaults, and metrics found by their names in any spelling', () => {
    const names = ['error-rate', 'errorRate', 'error_rate', 'Error Rate', 'API latency P95'];
    const judge = judgeOf('judge: {config: k.json}', { 'k.json': canary(names.map((name) => metric(name))) });
    expect(judge?.metrics.map(({ kpi }) => kpi)).toEqual([
      ...names.slice(1).map(() => 'error-rate'),
      'api-latency-p95',
    ]);
    expect(judge).toMatchObject({
      thresholds: { pass: 95, marginal: 75 },
      interval: 60_000,
      groupWeights: {},
    });
    expect(judge?.metrics[0]).toEqual({
      name: 'error-rate',
      kpi: 'error-rate',
      groups: ['g'],
      direction: 'either',
      missing: 'remove',
      outlierFactor: null,
      critical: false,
      mustHaveData: false,
      muted: false,
      effect: {
        measure: 'mean-ratio',
        allowedIncrease: 1,
        allowedDecrease: 1,
        criticalIncrease: 1,
        criticalDecrease: 1,
      },
    });
  });

  test('with every setting that its judge reads', () => {
    const full = metric('error-rate', {
      direction: 'increase',
      nanStrategy: 'replace',
      outliers: { strategy: 'remove', outlierFactor: 2.5 },
      critical: true,
      mustHaveData: true,
      muted: false,
      effectSize: { measure: 'cles', allowedIncrease: 0.6, criticalDecrease: 0.2 },
    });
    const judge = judgeOf('judge: {config: k.json, interval: 30s}', {
      'k.json': canary([full], { groupWeights: { g: 100 }, scoreThresholds: { pass: 80, marginal: 50 } }),
    });
    expect(judge).toMatchObject({
      interval: 30_000,
      thresholds: { pass: 80, marginal: 50 },
      groupWeights: { g: 100 },
      metrics: [
        {
          direction: 'increase',
          missing: 'replace',
          outlierFactor: 2.5,
          critical: true,
          mustHaveData: true,
          effect: {
            measure: 'cles',
            allowedIncrease: 0.6,
            allowedDecrease: 0.5,
            criticalIncrease: 0.5,
            criticalDecrease: 0.2,
          },
        },
      ],
    });
  });

  test('with thresholds of our own, which win', () => {
    const files = {
      'k.json': canary([metric('error-rate')], { scoreThresholds: { pass: 80, marginal: 50 } }),
    };
    const section = 'judge: {config: k.json, score-thresholds: {pass: 60, marginal: 40}}';
    expect(judgeOf(section, files)?.thresholds).toEqual({ pass: 60, marginal: 40 });
  });

  test('without the muted metrics that no KPI measures', () => {
    const files = { 'k.json': canary([metric('error-rate'), metric('CPU', { muted: true })]) };
    expect(judgeOf('judge: {config: k.json}', files)?.metrics.map(({ name }) => name)).toEqual([
      'error-rate',
    ]);
  });

  test("per environment, whose own judge wins over the file's", () => {
    const ours = (judge: string) => VALID.replace('  production:\n', `  production:\n    judge: ${judge}\n`);
    const files = { 'k.json': one, 'other.json': canary([metric('api-latency-p95')]) };
    const top = 'judge: {config: k.json}';
    expect(judgeOf(top, files)?.metrics[0]?.kpi).toBe('error-rate');
    expect(judgeOf(top, files, ours('{config: other.json}'))?.metrics[0]?.kpi).toBe('api-latency-p95');
    expect(judgeOf(top, files, ours('off'))).toBeNull();
    expect(judgeOf('', {})).toBeNull();
    expect(namedFiles(`${ours('{config: other.json}')}${top}\n`)).toEqual(['k.json', 'other.json']);
  });

  test('from the directory of the config, as the example does', async () => {
    const loaded = await loadConfig(
      new URL('../../', import.meta.url).pathname,
      'examples/kayenta/deploy-canary.yml',
    );
    expect(loaded).toMatchObject({ ok: true, warnings: [] });
    const judge = loaded.ok ? loaded.config.environments.production?.judge : null;
    expect(judge?.metrics.map(({ name, kpi }) => [name, kpi])).toEqual([
      ['error rate', 'error-rate'],
      ['Request latency', 'latency-p95'],
    ]);
  });
});

describe('a judge is refused, and told where, why and what to change', () => {
  const section = 'judge: {config: k.json}';
  const cases: readonly (readonly [string, string, string, readonly string[]])[] = [
    [
      'another judge',
      section,
      canary([metric('error-rate')], {}, 'dredd-v1.0'),
      [
        "k.json:2:19 judge.name: expected the judge NetflixACAJudge-v1.0, the only one there is here, saw 'dredd-v1.0'; name it, if its Mann-Whitney test is what you want",
      ],
    ],
    [
      'several slips at once',
      section,
      canary([metric('error-rate', { direction: 'up', critical: 'yes' }), metric('errorRat')]),
      [
        "k.json:4:131 metrics[0].analysisConfigurations.canary.direction: expected one of `increase`, `decrease`, `either`, saw 'up'; write it like `direction: either`",
        "k.json:4:147 metrics[0].analysisConfigurations.canary.critical: expected `true` or `false`, saw 'yes'; write it like `critical: false`",
        "k.json:5:9 metrics[1].name: expected a metric that a KPI measures on each version (nearest: error-rate, api-latency-p95), saw 'errorRat'; say which under `judge:`, such as `kpis: {'errorRat': error-rate}`, add such a KPI, or mute the metric",
      ],
    ],
    [
      'a name that is there twice, and a weight that nobody can earn',
      section,
      canary([metric('error-rate'), metric('error-rate')], { groupWeights: { g: 60, h: 40 } }),
      [
        "k.json:5:9 metrics[1].name: expected a name of its own for each metric, saw 'error-rate' again; rename one of the two",
        "k.json:7:43 classifier.groupWeights.h: expected a group that a metric is in (g), saw 'h'; remove it, or correct the name: its weight could never be earned",
      ],
    ],
    [
      'weights that do not come to 100',
      section,
      canary([metric('error-rate')], { groupWeights: { g: 60 } }),
      ['k.json:6:31 classifier.groupWeights: expected weights of 100 in all, saw 60; correct the weights'],
    ],
    [
      'thresholds that are swapped',
      section,
      canary([metric('error-rate')], { scoreThresholds: { pass: 50, marginal: 75 } }),
      [
        'k.json:6:74 classifier.scoreThresholds.marginal: expected a score of at most `pass` (50), saw 75; swap the two',
      ],
    ],
    [
      'a mapping that leads nowhere',
      'judge: {config: k.json, kpis: {CPU: error-rat, Errors: error-rate}}',
      canary([metric('CPU')]),
      [
        "c.yml:31:37 judge.kpis.CPU: expected a KPI that each version has for itself (error-rate, api-latency-p95), saw 'error-rat'; did you mean `error-rate`?",
        "c.yml:31:48 judge.kpis.Errors: expected the name of a metric in k.json, saw 'Errors'; remove it, or correct the name",
      ],
    ],
    [
      'intervals of which too few fit into a bake, and thresholds of ours that are swapped',
      'judge: {config: k.json, interval: 5m, score-thresholds: {pass: 50, marginal: 75}}',
      canary([metric('error-rate')]),
      [
        'c.yml:31:35 judge.interval: expected an interval that fits 10 times into each bake below 100 % (15m), saw 5m; write `interval: 1m 30s` or less, or bake longer',
        'c.yml:31:78 judge.score-thresholds.marginal: expected a score of at most `pass`, saw 75; swap the two',
      ],
    ],
    [
      'an interval below a tick',
      'judge: {config: k.json, interval: 5s}',
      canary([metric('error-rate')]),
      [
        'c.yml:31:35 judge.interval: expected an interval of at least one tick (10s), saw 5s; write `10s` or more, or make the tick shorter',
      ],
    ],
  ];

  test.each(cases)('%s', (_, judge, file, problems) => {
    expect(told(judge, { 'k.json': file })).toEqual(problems);
  });

  test('a file that is not there', () => {
    expect(told(section, {})).toEqual([
      "c.yml:31:17 judge.config: expected a canary config that can be read, saw 'k.json' (it was not read); correct the path: it starts in the directory of this file",
    ]);
  });

  test('a file that is no JSON, and one that is something else', () => {
    expect(told(section, { 'k.json': '{"judge": ' })[0]).toContain('k.json:1:');
    expect(told(section, { 'k.json': '[]' })[0]).toContain('k.json:1:1');
    expect(told(section, { 'k.json': '{}' }).length).toBeGreaterThan(1);
  });

  test('KPIs that have no value per version', () => {
    const shared = VALID.replace("    alert: '> 2 %'", "    alert: '> 2 %'\n    scope: shared");
    expect(told(section, { 'k.json': one }, shared)).toHaveLength(1);
  });
});

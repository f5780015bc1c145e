import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { EnvironmentConfig } from '../../src/config/config.ts';
import { formatProblems, parseConfig } from '../../src/config/read.ts';
import { formatLimit } from '../../src/core/analysis/kpi.ts';
import { fitsWithin } from '../../src/core/rollout/plan.ts';
import { formatDuration } from '../../src/core/units.ts';
import { configSchema } from '../../src/registry.ts';

function production(name: string): EnvironmentConfig {
  const text = readFileSync(new URL(`../../examples/${name}/deploy-canary.yml`, import.meta.url), 'utf8');
  const parsed = parseConfig(text, name, configSchema);
  if (!parsed.ok) throw new Error(formatProblems(parsed.problems));
  expect(parsed.warnings).toEqual([]);
  const environment = parsed.config.environments.production;
  if (environment === undefined) throw new Error('no production');
  return environment;
}

describe('the worked example carries out the handbook', () => {
  test('every KPI and alert, with its limits and times', () => {
    const rows = production('shine').kpis.map((kpi) => [
      kpi.id,
      kpi.type,
      kpi.target === null ? '' : formatLimit(kpi.target, kpi.unit),
      formatLimit(kpi.alert, kpi.unit),
      formatDuration(kpi.for),
    ]);
    expect(rows).toEqual([
      ['api-latency-p95', 'quantile', '<= 500 ms', '> 800 ms', '5m'],
      ['error-rate', 'ratio', '<= 1 %', '> 2 %', '5m'],
      ['booking-success', 'ratio', '>= 98 %', '< 95 %', '5m'],
      ['dispatch-p95', 'quantile', '<= 120 s', '> 180 s', '5m'],
      ['database-connections', 'gauge', '<= 80 %', '> 90 %', '5m'],
      ['booking-creation-500s', 'never', '', '> 0', '5m'],
      ['push-failure-rate', 'ratio', '', '> 5 %', '15m'],
      ['user-feedback', 'ratio', '', '> 20 %', '10m'],
    ]);
  });

  test('its steps and bakes', () => {
    const { plan } = production('shine');
    expect(plan.steps.map(({ weight, bake }) => `${weight} % ${formatDuration(bake)}`)).toEqual([
      '10 % 30m',
      '50 % 15m',
      '100 % 1h',
    ]);
  });

  test('only the database is shared by both versions', () => {
    const shared = production('shine').kpis.filter(({ scope }) => scope === 'shared');
    expect(shared.map(({ id }) => id)).toEqual(['database-connections']);
  });

  test('only complaints, for which the handbook has no number, may stay silent', () => {
    const silent = production('shine').kpis.filter(({ noData }) => noData.then === 'pass-with-warning');
    expect(silent.map(({ id }) => id)).toEqual(['user-feedback']);
  });
});

describe.each(['shine', 'minimal'])('the example %s', (name) => {
  test('ends within a hosted job of six hours', () => {
    expect(fitsWithin(production(name).plan, 6 * 3_600_000).fits).toBe(true);
  });

  test('names the schema for editors in its first line', () => {
    const text = readFileSync(new URL(`../../examples/${name}/deploy-canary.yml`, import.meta.url), 'utf8');
    const [, path = ''] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text) ?? [];
    const schema = new URL(path, new URL(`../../examples/${name}/deploy-canary.yml`, import.meta.url));
    expect(readFileSync(schema, 'utf8')).toContain('"title": "deploy-canary configuration"');
  });
});

import { describe, expect, test } from 'vitest';
import { type Config, findEnvironment } from '../../src/config/config.ts';
import { parseConfig } from '../../src/config/read.ts';
import { schema, VALID } from './registered.ts';

function read(text: string): Config {
  const parsed = parseConfig(text, 'c.yml', schema);
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('\n'));
  return parsed.config;
}

function production(text: string) {
  const found = findEnvironment(read(text), 'production');
  if (!found.ok) throw new Error(found.message);
  return found.environment;
}

describe('YAML', () => {
  test('anchors, aliases, merge keys and top-level x- keys are allowed', () => {
    const text = VALID.replace(
      'version: 1',
      'x-kpi: &kpi {type: ratio, total: all, alert: "> 1 %"}\nversion: 1',
    ).replace(
      'traffic:',
      '  - {<<: *kpi, id: one, bad: one_bad}\n  - {<<: *kpi, id: two, bad: two_bad, alert: "> 3 %"}\ntraffic:',
    );
    expect(production(text).kpis.map(({ alert }) => alert.value)).toEqual([0.02, 800, 0.01, 0.03]);
  });

  test('a problem inside an anchor is told where the anchor is', () => {
    const text = VALID.replace(
      'version: 1',
      'x-kpi: &kpi {type: ratio, total: all, alert: 1}\nversion: 1',
    ).replace('traffic:', '  - {<<: *kpi, id: one, bad: one_bad}\ntraffic:');
    const parsed = parseConfig(text, 'c.yml', schema);
    expect(parsed.ok ? [] : parsed.problems).toMatchObject([{ line: 1, column: 46, path: 'kpis[2].alert' }]);
  });

  test('aliases that multiply are refused', () => {
    const levels = Array.from(
      { length: 9 },
      (_, at) => `x-${at + 1}: &l${at + 1} [${`*l${at}, `.repeat(9)}]`,
    );
    const parsed = parseConfig(`x-0: &l0 [lol]\n${levels.join('\n')}\n${VALID}`, 'c.yml', schema);
    expect(parsed.ok ? '' : parsed.problems[0]?.message).toContain('Excessive alias count');
  });

  test.each([
    ['brackets', '['.repeat(20_000)],
    ['list marks', '- '.repeat(20_000)],
    ['key marks', '? '.repeat(20_000)],
    ['indentation', Array.from({ length: 480 }, (_, depth) => `${' '.repeat(depth)}k:`).join('\n')],
    ['bytes', `# ${'x'.repeat(300_000)}`],
    ['keys', Array.from({ length: 11_000 }, (_, at) => `k${at}: 1`).join('\n')],
    ['KPIs', `${VALID}kpis:\n${'- {}\n'.repeat(10_000)}`],
    ['aliases', `x: &x 1\ny: [${'*x,'.repeat(5_000)}]`],
    ['secrets', `${VALID}token: ${'token'.repeat(20_000)}`],
    [
      'blanks',
      VALID.replace("'> 2 %'", `>${' '.repeat(100_000)}`).replace(
        'for: 5m',
        `for: '5m${' '.repeat(20_000)}x'`,
      ),
    ],
  ])('too many %s are refused, and do not break the program', (_, text) => {
    const parsed = parseConfig(text, 'c.yml', schema);
    expect(parsed.ok ? [] : parsed.problems.map(({ line }) => line)).not.toEqual([]);
  });

  test('Windows line ends and a byte order mark change nothing', () => {
    expect(production(`\uFEFF${VALID.replaceAll('\n', '\r\n')}`)).toEqual(production(VALID));
  });

  test('an empty file is told how to begin', () => {
    const parsed = parseConfig('', 'c.yml', schema);
    expect(parsed.ok ? [] : parsed.problems).toMatchObject([
      {
        line: 1,
        column: 1,
        seen: 'nothing',
        fix: 'start with `version: 1`, `service:`, `kpis:` and `environments:`',
      },
    ]);
  });
});

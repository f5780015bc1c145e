import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config/read.ts';
import { configSchema } from '../../src/registry.ts';

const example = readFileSync(new URL('../../examples/shine/deploy-canary.yml', import.meta.url), 'utf8');

/** One slip each, on ten different lines of the worked example. */
const slips: readonly (readonly [string, string])[] = [
  ['service: booking-api', 'service: booking api'],
  ['target: "<= 500 ms"', 'target: "<= 500"'],
  ['alert: "> 2 %"', 'alert: > 2 %'],
  ['alert: "< 95 %"', 'alert: "> 95 %"'],
  ['    window: 5m', '    windw: 5m'],
  ['type: gauge', 'type: guage'],
  ['    for: 15m', '    for: 15'],
  ['weight: 50', 'weight: 5'],
  ['lease: 60s', 'lease: 20s'],
  ['8101/metrics", slot: a', '8101/metrics", slot: c'],
];

test('a file with ten slips is told ten problems, each on the line of its slip', () => {
  let text = example;
  const lines = slips.map(([right, wrong]) => {
    expect(text).toContain(right);
    const line = text.slice(0, text.indexOf(right)).split('\n').length;
    text = text.replace(right, () => wrong);
    return line;
  });
  const parsed = parseConfig(text, 'c.yml', configSchema);
  const told = parsed.ok ? [] : parsed.problems.map(({ line }) => line);
  expect(told).toEqual(lines.toSorted((one, other) => one - other));
});

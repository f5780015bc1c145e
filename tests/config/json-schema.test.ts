import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { schemaAt, toJsonSchema } from '../../src/config/json-schema.ts';
import { renderReference } from '../../src/config/reference.ts';
import { configSchema } from '../../src/registry.ts';
import { schema, VALID } from './registered.ts';

const formats = { uri: (text: string) => URL.canParse(text) };

function validator(jsonSchema: ReturnType<typeof toJsonSchema>) {
  return new Ajv({ strict: true, strictTypes: false, allErrors: true, formats }).compile(jsonSchema);
}

const real = validator(toJsonSchema(configSchema));
const ours = validator(toJsonSchema(schema));

describe('editors know the config by its JSON Schema', () => {
  test.each(['shine', 'minimal'])('the example %s is valid', (name) => {
    const text = readFileSync(new URL(`../../examples/${name}/deploy-canary.yml`, import.meta.url), 'utf8');
    real(parse(text));
    expect(real.errors).toBeNull();
  });

  test('a plain config is valid, and may have keys for anchors', () => {
    ours(parse(`x-mine: {a: 1}\n${VALID}`));
    expect(ours.errors).toBeNull();
  });

  test.each([
    ['an unknown key', 'traffic: http', 'trafic: http'],
    ['an unknown key in a KPI', 'for: 5m', 'fro: 5m'],
    ['a key of another type', 'for: 5m', 'quantile: 0.5'],
    ['an unknown type', 'type: quantile', 'type: percentile'],
    ['an unknown router', 'type: embedded', 'type: nginx'],
    ['a duration without unit', 'for: 5m', 'for: 5'],
    ['a duration in words', 'for: 5m', 'for: 5 min'],
    ['a limit without comparator', "alert: '> 2 %'", 'alert: 2 %'],
    ['a missing service', 'service: booking-api\n', ''],
    ['a service name with spaces', 'service: booking-api', 'service: booking api'],
    ['a quantile above 1', 'histogram: http', 'quantile: 95\n    histogram: http'],
    ['a weight above 100', 'traffic:', 'plan: {steps: [{weight: 101, bake: 1m}]}\ntraffic:'],
    ['an unknown policy', 'traffic:', 'plan: {on-inconclusive: pause}\ntraffic:'],
  ])('%s is not valid', (_, from, to) => {
    expect(VALID).toContain(from);
    expect(ours(parse(VALID.replace(from, to)))).toBe(false);
  });

  test('every key of the real schema says what it means', () => {
    const silent: string[] = [];
    const plain = ['type', 'a', 'b'];
    const look = (node: unknown, path: string): void => {
      if (typeof node !== 'object' || node === null) return;
      for (const [key, value] of Object.entries(Reflect.get(node, 'properties') ?? {})) {
        const described = typeof value === 'object' && value !== null && 'description' in value;
        if (!described && !plain.includes(key)) silent.push(`${path}.${key}`);
      }
      for (const [key, value] of Object.entries(node)) look(value, `${path}.${key}`);
    };
    look(toJsonSchema(configSchema), '');
    expect(silent).toEqual([]);
  });

  test('defaults, descriptions and examples are in it', () => {
    const bake = schemaAt(toJsonSchema(schema), ['plan', 'steps', 0, 'bake'], {});
    expect(bake).toMatchObject({ type: 'string', examples: ['30m'] });
    expect(bake?.description).toContain('How long the weight is held');
    expect(schemaAt(toJsonSchema(schema), ['plan', 'tick'], {})?.default).toBe('10s');
  });
});

describe('the reference page', () => {
  const page = renderReference(toJsonSchema(schema));
  const squeezed = page.replace(/ +/g, ' ');

  test.each([
    '| `service` | text such as booking-api | **required** |',
    '| `tick` | a duration such as 10s | `10s` |',
    "| `alert` | a limit such as '> 2 %' | **required** |",
    '## `environments.<name>.router` with `type: traefik`',
    '| `endpoints` | a list | **required** |',
  ])('has %s', (line) => {
    expect(squeezed).toContain(line);
  });

  test('tells the keys that every KPI has once, and an override of the plan not at all', () => {
    expect(page.match(/^\| `error-budget` /gm)).toHaveLength(1);
    expect(page).not.toContain('## `environments.<name>.plan`');
  });

  test('has tables whose rows all have four cells', () => {
    const rows = page.split('\n').filter((line) => line.startsWith('|'));
    expect(rows.filter((row) => row.replaceAll('\\|', '').split('|').length !== 6)).toEqual([]);
  });
});

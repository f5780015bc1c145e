import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { commandTargetSchema } from '../../../src/adapters/targets/command-target.ts';
import { fill, PLACEHOLDERS, strangersIn, valuesOf } from '../../../src/adapters/targets/placeholders.ts';

const place = { slot: 'b', version: '1.2.3', service: 'booking', environment: 'production' } as const;

describe('placeholders', () => {
  it.each([
    ['--slot={slot}', '--slot=b'],
    ['{service}-{slot-number}:{version}', 'booking-2:1.2.3'],
    ['{environment}{environment}', 'productionproduction'],
    ['{{slot}}', '{slot}'],
    ['{"json": 1}', '{"json": 1}'],
    ['{{.State}} {{json .}}', '{{.State}} {{json .}}'],
    ['{.status.phase}', '{.status.phase}'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell's own variable
    ['${slot}', '${slot}'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a workflow expression
    ['${{ version }} ${{version}}', '${{ version }} ${{version}}'],
    ['{}', '{}'],
  ])('turn %s into %s', (template, filled) => {
    expect(fill(template, valuesOf(place))).toBe(filled);
  });

  it('are filled once: a value is never read as a template', () => {
    fc.assert(
      fc.property(fc.constantFrom(...PLACEHOLDERS), fc.string(), (name, value) => {
        expect(fill(`<{${name}}>`, { [name]: `{slot}${value}$&` })).toBe(`<{slot}${value}$&>`);
      }),
    );
  });

  it.each([
    ['{verison}', 'version'],
    ['{Slot}', 'slot'],
    ['{env}', 'environment'],
    ['{slot_number}', 'slot-number'],
    ['{sevrice}', 'service'],
  ])('that are unknown, like %s, name the nearest one: %s', (template, nearest) => {
    expect(strangersIn(template, PLACEHOLDERS)).toMatchObject([{ nearest }]);
  });
});

describe('the configuration of a command target', () => {
  const good = {
    type: 'command',
    start: ['./start.sh', '{slot}', '{version}'],
    health: { url: 'http://127.0.0.1:810{slot-number}/healthz', 'version-field': 'version' },
  };
  const health = (changes: Record<string, unknown>) => ({ ...good, health: { ...good.health, ...changes } });

  function issuesOf(config: unknown): string[] {
    const parsed = commandTargetSchema.safeParse(config);
    return parsed.success
      ? []
      : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  }

  it('is accepted at its shortest', () => {
    expect(issuesOf(good)).toEqual([]);
  });

  it('names the nearest placeholder for one that it does not know, and where it stands', () => {
    expect(issuesOf({ ...good, start: ['./start.sh', '{verison}'] })).toEqual([
      expect.stringMatching(
        /^start\.1: expected one of the placeholders \{slot\}.*not \{verison\}; write \{version\}/,
      ),
    ]);
    expect(issuesOf(health({ url: 'http://{slott}.internal/' }))[0]).toMatch(
      /^health\.url: .*write \{slot\}/,
    );
  });

  it('has no version to give to the stop command', () => {
    expect(issuesOf({ ...good, stop: ['./stop.sh', '{version}'] })[0]).toMatch(/^stop\.1: .*not \{version\}/);
    expect(issuesOf({ ...good, stop: ['./stop.sh', '{slot}'] })).toEqual([]);
  });

  it('shows the URL that comes out wrong in one of the slots', () => {
    expect(issuesOf(health({ url: 'http://127.0.0.1:810{slot}/healthz' }))[0]).toMatch(
      /"http:\/\/127\.0\.0\.1:810a\/healthz" in slot a is not; .*\{slot-number\}/,
    );
  });

  it('takes one URL for each slot as well, and names the slot whose URL is wrong', () => {
    const [a, b] = ['http://127.0.0.1:8101/healthz', 'http://127.0.0.1:8102/healthz'];
    expect(issuesOf(health({ url: { a, b } }))).toEqual([]);
    expect(issuesOf(health({ url: { a, b: 'ftp://127.0.0.1/' } }))[0]).toMatch(/^health\.url\.b: .*"ftp:/);
    expect(issuesOf(health({ url: { a } }))).not.toEqual([]);
  });

  it.each([
    ['an empty command', { ...good, start: [] }],
    ['a command without a program', { ...good, start: ['', 'x'] }],
    ['a shell line instead of a list', { ...good, start: './start.sh {slot}' }],
    ['a field that it does not know', { ...good, strat: [] }],
    ['a variable with an impossible name', { ...good, env: { 'A=B': '1' } }],
    ['a value instead of a name to hand on', { ...good, 'env-from': ['TOKEN=abc'] }],
    ['a time without a unit', { ...good, timeout: '5' }],
    ['no time at all', { ...good, timeout: '0s' }],
    ['a URL that is not HTTP', health({ url: 'file:///etc/passwd' })],
    ['a URL with credentials', health({ url: 'http://user:pass@127.0.0.1/' })],
    ['no answer in a row', health({ consecutive: 0 })],
    ['an impossible status', health({ status: 42 })],
    ['no way to tell versions apart', health({ 'version-field': undefined })],
    ['two ways to tell versions apart', health({ 'version-header': 'x-version' })],
    ['a header that is none', health({ 'version-field': undefined, 'version-header': 'x version' })],
  ])('refuses %s', (_, config) => {
    expect(issuesOf(config)).not.toEqual([]);
  });

  it('has a description for each of its fields in its JSON Schema', () => {
    const schema = z.toJSONSchema(commandTargetSchema, { io: 'input' });
    const fields = Object.entries({ ...schema.properties });
    expect(fields.length).toBeGreaterThan(5);
    for (const [name, field] of fields)
      expect([name, field]).toEqual([name, expect.objectContaining({ description: expect.any(String) })]);
  });
});

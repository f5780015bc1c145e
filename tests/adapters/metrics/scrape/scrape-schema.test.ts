import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { scrapeMetricsSchema } from '../../../../src/adapters/metrics/scrape/scrape.ts';

const A = { url: 'http://10.0.0.1:9090/metrics', slot: 'a' };
const B = { url: 'https://b.example/metrics?x=1', slot: 'b' };
const LABELLED = { url: 'http://localhost:8404/metrics' };

describe('the metrics entry of the config', () => {
  it.each([
    [{ endpoints: [LABELLED] }],
    [{ endpoints: [A, B] }],
    [{ endpoints: [A, LABELLED] }],
    [{ endpoints: [A, B, LABELLED], 'slot-label': 'server', timeout: '500ms', 'token-env': 'TOKEN' }],
  ])('accepts %j', (entry) => {
    expect(scrapeMetricsSchema.parse({ type: 'scrape', ...entry }).type).toBe('scrape');
  });

  it.each([
    [{ endpoints: [] }, /at least one endpoint/],
    [{ endpoints: [{ ...LABELLED, slot: 'c' }] }, /expected one of "a"\|"b"/],
    [{ endpoints: [{ url: 'localhost:9090' }] }, /expected an http or https url such as/],
    [{ endpoints: [{ url: 'file:///etc/passwd' }] }, /expected an http or https url/],
    [
      { endpoints: [{ url: 'http://me:secret@localhost/metrics' }] },
      /without user and password; use token-env/,
    ],
    [{ endpoints: [A, B, A] }, /each url once, saw http:\/\/10\.0\.0\.1:9090\/metrics again/],
    [{ endpoints: [A] }, /expected endpoints of both slots, saw only slot a; add one of the other slot/],
    [
      { endpoints: [LABELLED], timeout: '0s' },
      /expected a duration above 0 and of at most 1m such as 3s, saw "0s"/,
    ],
    [{ endpoints: [LABELLED], timeout: '2m' }, /saw "2m"/],
    [{ endpoints: [LABELLED], timeout: 'soon' }, /saw "soon"/],
    [{ endpoints: [LABELLED], 'slot-label': 'a-b' }, /expected a label name/],
    [{ endpoints: [LABELLED], 'token-env': '' }, /token-env/],
    [{ endpoints: [LABELLED], headers: {} }, /Unrecognized key: "headers"/],
    [{ type: 'prometheus', endpoints: [LABELLED] }, /type/],
  ])('refuses %j', (entry, message) => {
    const parsed = scrapeMetricsSchema.safeParse({ type: 'scrape', ...entry });
    expect(parsed.success ? '' : z.prettifyError(parsed.error)).toMatch(message);
  });

  it('has a JSON Schema in which every field is described', () => {
    const schema = z.toJSONSchema(scrapeMetricsSchema, { io: 'input', target: 'draft-7' });
    const validate = new Ajv({ formats: { uri: true } }).compile(schema);
    expect(validate({ type: 'scrape', endpoints: [LABELLED] })).toBe(true);
    expect(validate({ type: 'scrape' })).toBe(false);
    const fields = z.object({ properties: z.record(z.string(), z.looseObject({ description: z.string() })) });
    const { properties } = fields.parse(schema);
    expect(Object.keys(properties)).toEqual(['type', 'endpoints', 'slot-label', 'timeout', 'token-env']);
    const endpoint = z.looseObject({ items: fields }).parse(properties.endpoints).items;
    expect(Object.keys(endpoint.properties)).toEqual(['url', 'slot']);
    expect(properties.timeout).toMatchObject({ default: '3s' });
  });
});

import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { prometheusMetricsSchema } from '../../../../src/adapters/metrics/prometheus/prometheus.ts';

const URL = 'https://prometheus.example/path';

describe('the prometheus entry of the config', () => {
  it.each([
    [{}],
    [{ 'slot-label': 'version', slots: { a: 'blue', b: 'green' }, matchers: 'ns="x", env=~"prod|live"' }],
    [{ 'scrape-interval': '1m', lag: '0s', timeout: '10s', 'token-env': 'TOKEN' }],
    [{ basic: { user: 'me', 'password-env': 'PASSWORD' }, 'ca-file': 'ca.pem', matchers: '' }],
  ])('accepts %j', (entry) => {
    expect(prometheusMetricsSchema.parse({ type: 'prometheus', url: URL, ...entry }).type).toBe('prometheus');
  });

  it.each([
    [{ url: undefined }, /url/],
    [{ url: 'prometheus:9090' }, /expected an http or https url such as http:\/\/prometheus:9090/],
    [{ url: 'http://me:hunter2@prometheus:9090' }, /without user and password; use token-env or basic/],
    [{ url: 'http://prometheus:9090/?x=1' }, /without \? and #/],
    [{ 'slot-label': 'a-b' }, /expected a label name/],
    [{ slots: { a: 'x', b: 'x' } }, /two different values/],
    [{ slots: { a: 'x' } }, /slots/],
    [{ matchers: 'namespace' }, /expected matchers such as namespace="booking", saw "namespace"/],
    [{ matchers: 'a="1"} or x{' }, /expected matchers such as/],
    [{ matchers: '__name__="y"' }, /expected matchers such as/],
    [{ lag: 'soon' }, /expected a duration of at most 10m such as 5s, saw "soon"/],
    [{ 'scrape-interval': '0s' }, /expected a duration above 0/],
    [{ 'token-env': 'T', basic: { user: 'me', 'password-env': 'P' } }, /token-env or basic, saw both/],
    [{ basic: { user: 'a:b', 'password-env': 'P' } }, /user name without a colon/],
    [{ headers: {} }, /Unrecognized key: "headers"/],
  ])('refuses %j', (entry, message) => {
    const parsed = prometheusMetricsSchema.safeParse({ type: 'prometheus', url: URL, ...entry });
    expect(parsed.success ? '' : z.prettifyError(parsed.error)).toMatch(message);
    expect(parsed.success ? '' : z.prettifyError(parsed.error)).not.toContain('hunter2');
  });

  it('has a JSON Schema in which every field is described', () => {
    const schema = z.toJSONSchema(prometheusMetricsSchema, { io: 'input', target: 'draft-7' });
    const validate = new Ajv({ formats: { uri: true } }).compile(schema);
    expect(validate({ type: 'prometheus', url: URL })).toBe(true);
    expect(validate({ type: 'prometheus' })).toBe(false);
    const fields = z.object({ properties: z.record(z.string(), z.looseObject({ description: z.string() })) });
    expect(Object.keys(fields.parse(schema).properties)).toContain('scrape-interval');
  });
});

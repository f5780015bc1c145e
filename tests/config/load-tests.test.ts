import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/read.ts';
import { configSchema } from '../../src/registry.ts';

const GENERATE = 'generate: { type: autocannon, url: "https://staging.example/slots", duration: 6m }';
const METRICS = 'metrics: { type: prometheus, url: "https://prometheus.example" }';
const RESOURCES = 'resources: [{ name: CPU, query: cpu, limit: "<= 80 %" }]';

/** A file of which one load test is all. */
function parse(...lines: readonly string[]) {
  const test = ['normal: 42 rps', 'version: off', ...lines].map((line) => `    ${line}`).join('\n');
  return parseConfig(
    `version: 1\nservice: booking-api\nload-tests:\n  staging:\n${test}\n`,
    'x.yml',
    configSchema,
  );
}

function problems(...lines: readonly string[]): string[] {
  const parsed = parse(...lines);
  return parsed.ok ? [] : parsed.problems.map(({ line, path, message }) => `${line} ${path}: ${message}`);
}

describe('a load test in the configuration', () => {
  it('needs little, and asks for what the handbook asks for', () => {
    const parsed = parse(GENERATE);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    expect(parsed.config.loadTests.staging?.rules).toMatchObject({
      times: 10,
      hold: 300_000,
      dip: 0.05,
      latency: [{ quantile: 0.95, limit: { comparator: '<=', value: 500 } }],
      errors: { comparator: '<=', value: 0.01 },
      omission: { tolerance: 0.05, severity: 'block' },
    });
  });

  it('is refused without a generator and without reports', () => {
    expect(problems()).toEqual([
      '4 load-tests.staging: expected `generate` or `reports`, saw neither of them; say what makes the load, or where its reports lie',
    ]);
  });

  it('is refused when it is over before it may pass', () => {
    expect(problems(GENERATE, 'hold: 10m')).toEqual([
      '7 load-tests.staging.generate.duration: expected at least the hold of 10m, saw 6m; make it longer than `hold`, by a few seconds at least',
    ]);
  });

  it('is refused when nobody can answer what it asks', () => {
    expect(problems(GENERATE, RESOURCES)).toHaveLength(1);
    const scrape =
      'metrics: { type: scrape, endpoints: [{ url: "http://127.0.0.1:1/metrics", slot: a }, { url: "http://127.0.0.1:2/metrics", slot: b }] }';
    expect(problems(GENERATE, RESOURCES, scrape)[0]).toContain(
      "saw 'scrape', which only reads what is there now",
    );
    expect(problems(GENERATE, RESOURCES, METRICS)).toEqual([]);
    expect(problems(GENERATE, RESOURCES, 'metrics: { type: prometheus }')).toHaveLength(1);
  });

  it('is refused with a limit that makes no sense, two resources of one name, and a regression against nothing', () => {
    expect(problems(GENERATE, 'latency: { p95: ">= 500 ms" }')[0]).toContain(
      "expected a limit such as '<= 500 ms'",
    );
    expect(problems(GENERATE, 'latency: { mean: "<= 500 ms" }')[0]).toContain('a percentile such as p95');
    expect(problems(GENERATE, 'errors: "<= 10 ms"')[0]).toContain("expected a limit such as '<= 1 %'");
    const twice =
      'resources: [{ name: CPU, query: a, limit: "<= 80 %" }, { name: cpu, query: b, limit: "<= 80 %" }]';
    expect(problems(GENERATE, twice, METRICS)[0]).toContain("saw 'cpu' twice");
    expect(problems(GENERATE, 'regression: {}')[0]).toContain('`accepted:` beside it');
  });

  it('is refused without a rate above 0', () => {
    expect(problems(GENERATE).length).toBe(0);
    const parsed = parseConfig(
      `version: 1\nservice: a\nload-tests:\n  staging: { version: off, normal: 0 rps, reports: [a] }\n`,
      'x.yml',
      configSchema,
    );
    expect(parsed.ok ? '' : parsed.problems[0]?.message).toContain('a rate above 0 such as 42 rps');
  });

  it('has checks that a waiver may name', () => {
    const waived = (check: string) => {
      const text = `version: 1
service: a
waivers: [{ checklist: staging, check: ${check}, person: Ada, reason: The cache is cold today, expires: 2027-01-01 }]
load-tests:
  staging: { version: off, normal: 4 rps, reports: [a], latency: { p99: "<= 1 s" } }
`;
      const parsed = parseConfig(text, 'x.yml', configSchema);
      return parsed.ok ? [] : parsed.problems.map(({ message }) => message);
    };
    expect(waived('latency-p99')).toEqual([]);
    expect(waived('latency-p95')[0]).toContain('did you mean `latency-p99`?');
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatProblems, parseConfig } from '../../src/config/read.ts';
import { configSchema } from '../../src/registry.ts';

const GUIDE = readFileSync(new URL('../../docs/guide/metrics.md', import.meta.url), 'utf8');

/** The entry that the guide gives to copy. */
function copied(type: string): string {
  const block = [...GUIDE.matchAll(/```yaml\n(metrics:\n[\s\S]*?)```/g)].find(([text]) =>
    text.includes(`type: ${type}\n`),
  );
  return block?.[1] ?? '';
}

const KPIS = `
  - { id: errors, type: ratio, bad: 'http_requests_total{code=~"5.."}', total: http_requests_total, alert: '> 2 %' }
  - { id: latency, type: quantile, histogram: http_request_duration_seconds, alert: '> 800 ms' }
`;

function config({
  metrics,
  kpis = KPIS,
  traffic = '',
  share = '',
}: Readonly<Record<'metrics', string>> & Partial<Record<'kpis' | 'traffic' | 'share', string>>): string {
  return `version: 1
service: booking
kpis:${kpis}${traffic}environments:
  production:
    router: {type: embedded, admin: 'http://127.0.0.1:9001'}
    target: {type: command, start: [./start.sh], stop: [./stop.sh], health: {url: 'http://127.0.0.1:8080/healthz', version-header: x-version}}
    ledger: {type: file, path: .deploy-canary}
${share}${metrics.replace(/^/gm, '    ')}
`;
}

function problems(text: string): readonly string[] {
  const parsed = parseConfig(text, 'deploy-canary.yml', configSchema);
  return parsed.ok
    ? []
    : formatProblems(parsed.problems)
        .split('\n')
        .filter((line) => line.includes('expected'));
}

describe.each(['datadog', 'cloudwatch', 'newrelic'])('%s', (type) => {
  it('can be copied from the guide', () => {
    expect(copied(type)).not.toBe('');
    expect(problems(config({ metrics: copied(type) }))).toEqual([]);
  });

  it('is refused for a histogram KPI whose metric has no bounds', () => {
    const metrics = copied(type).replace(/, bounds: \[[^\]]*\]/, '');
    expect(problems(config({ metrics }))).toEqual([
      expect.stringMatching(
        /kpis\[1\]\.histogram +expected bounds for the histogram http_request_duration_seconds, which is not kept as one, saw none in `metrics: \{type: \w+\}`; add them: `series: \{ http_request_duration_seconds: \{ .*, bounds: \[0\.3, 0\.8\] \} \}`/,
      ),
    ]);
  });

  it('is refused for watching the share of traffic, which it would judge by requests from before a shift', () => {
    const watched = { metrics: copied(type), traffic: 'traffic: http_requests_total\n' };
    expect(problems(config(watched))).toEqual([
      expect.stringMatching(
        /environments\.production\.share-tolerance +expected `off`, because \w+ tells of requests up to .* later, and the tick is .*; write `share-tolerance: off`, or leave `traffic` out/,
      ),
    ]);
    expect(problems(config({ ...watched, share: '    share-tolerance: off\n' }))).toEqual([]);
  });

  it.each([
    [
      'bounds that descend',
      /bounds: \[[^\]]*\]/,
      'bounds: [0.8, 0.3]',
      /bounds that ascend, saw a list; sort them/,
    ],
    [
      'one value for both slots',
      /slots: \{.*\}/,
      'slots: { a: x, b: x }',
      /two different values, saw a map; one \w+ value cannot be both/,
    ],
    [
      'a url with a password',
      /type: (\w+)/,
      "type: $1\n  url: 'https://me:hush@example.org'",
      /a url without user and password, saw 'https:.*; use/,
    ],
    [
      'a period that it does not have',
      /type: (\w+)/,
      'type: $1\n  period: 7500ms',
      /, saw "7500ms"; write it like/,
    ],
    ['a delay without end', /\n {2}delay: .*|$/, '\n  delay: 2h', /a duration of at most 15m such as/],
  ])('is refused with %s', (_, pattern, instead, why) => {
    const metrics = copied(type).replace(pattern, instead);
    expect(problems(config({ metrics })).join('\n')).toMatch(why);
    expect(problems(config({ metrics })).join('\n')).not.toContain('hush');
  });
});

it('of CloudWatch, every metric that a KPI names must be told', () => {
  const kpis = `${KPIS}  - { id: pool, type: gauge, value: pool_in_use, divided-by: pool_max, alert: '> 90 %' }\n`;
  expect(problems(config({ metrics: copied('cloudwatch'), kpis }))).toEqual([
    expect.stringMatching(
      /kpis\[2\]\.value +expected a metric of CloudWatch for pool_in_use, saw none in .*; name it: `series: \{ pool_in_use: \{ metric: DatabaseConnections \} \}`/,
    ),
    expect.stringMatching(/kpis\[2\]\.divided-by +expected a metric of CloudWatch for pool_max/),
  ]);
});

it('of CloudWatch, a metric without a namespace is refused', () => {
  const metrics = copied('cloudwatch').replace(/\n {2}namespace: .*/, '');
  expect(problems(config({ metrics }))).toEqual([
    expect.stringMatching(/namespace +expected a namespace, here or at each metric, saw none/),
  ]);
});

it('of Datadog, a slot that no tag can hold is refused, because it would change the query', () => {
  const metrics = copied('datadog').replace(/slots: \{.*\}/, "slots: { a: blue, b: 'green} by {host' }");
  expect(problems(config({ metrics }))).toEqual([
    expect.stringMatching(/slots +expected values of a tag, without blanks/),
  ]);
});

import { describe, expect, test } from 'vitest';
import { type Config, findEnvironment } from '../../src/config/config.ts';
import { parseConfig } from '../../src/config/read.ts';
import { configSchema } from '../../src/registry.ts';
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

/** VALID with more lines in its environment. */
function withEnvironment(lines: string): string {
  return VALID.replace('    router:', () => `${lines}    router:`);
}

function withKpi(lines: string): string {
  return VALID.replace('traffic:', () => `  - ${lines.trim().replaceAll('\n', '\n    ')}\ntraffic:`);
}

describe('what is left out has a default', () => {
  test('the plan is the handbook: 10 % for 30 minutes, 50 % for 15, 100 % for 60', () => {
    const minute = 60_000;
    expect(production(VALID).plan).toEqual({
      steps: [
        { weight: 10, bake: 30 * minute, maxBake: 45 * minute },
        { weight: 50, bake: 15 * minute, maxBake: 22.5 * minute },
        { weight: 100, bake: 60 * minute, maxBake: 60 * minute },
      ],
      tick: 10_000,
      checkpoint: 15 * minute,
      onInconclusive: 'abort',
      budgets: {
        deploy: 10 * minute,
        shift: 30_000,
        verify: 2 * minute,
        abort: 2 * minute,
        hold: 5 * minute,
        record: 10 * minute,
      },
    });
  });

  test('a KPI', () => {
    expect(production(VALID).kpis[1]).toEqual({
      id: 'api-latency-p95',
      title: 'API latency P95',
      type: 'quantile',
      unit: 'ms',
      counts: 'bad',
      quantile: 0.95,
      target: { comparator: '<=', value: 500 },
      alert: { comparator: '>', value: 800 },
      for: 300_000,
      window: 60_000,
      minSamples: 50,
      warmUp: 0,
      scope: 'per-arm',
      // biome-ignore lint/suspicious/noThenProperty: the word of the config, on an object that nobody awaits
      noData: { budget: 120_000, then: 'abort' },
      errorBudget: 120_000,
    });
  });

  test('an environment: lease, slots that are kept, share within 5 points, nobody told', () => {
    const { leaseTtl, retire, share, notifiers } = production(VALID);
    expect(leaseTtl).toBe(60_000);
    expect(retire).toEqual({ promoted: 'keep', aborted: 'keep' });
    expect(share).toEqual({ tolerance: 5 });
    expect(notifiers).toEqual([]);
  });

  test('a max-bake: half as long again, but not at 100 %', () => {
    const steps = 'plan: {steps: [{weight: 5, bake: 10m}, {weight: 100, bake: 10m}]}\ntraffic:';
    const { plan } = production(VALID.replace('traffic:', steps));
    expect(plan.steps.map(({ maxBake }) => maxBake)).toEqual([900_000, 600_000]);
  });
});

describe('KPIs become what the analysis and the metrics provider understand', () => {
  test('good events: the limits speak of the good share, as a ratio', () => {
    const { kpis, metricsSpec } = production(
      withKpi("id: booking-success\ntype: ratio\ngood: ok\ntotal: [a, b]\ntarget: '≥ 98%'\nalert: '< 95 %'"),
    );
    expect(kpis[2]).toMatchObject({
      counts: 'good',
      target: { comparator: '>=', value: 0.98 },
      alert: { comparator: '<', value: 0.95 },
    });
    expect(metricsSpec.sources[2]).toEqual({
      id: 'booking-success',
      type: 'good-events',
      scope: 'per-arm',
      good: [{ metric: 'ok', matchers: [] }],
      total: [
        { metric: 'a', matchers: [] },
        { metric: 'b', matchers: [] },
      ],
    });
  });

  test.each([
    ['told by the name, in seconds', 'histogram: dispatch_seconds', "'> 180 s'", 180_000, 1_000],
    ['told by the name, in milliseconds', 'histogram: dispatch_milliseconds', "'> 3 m'", 180_000, 1],
    ['written', 'histogram: dispatch\nhistogram-unit: s', "'> 180 s'", 180_000, 1_000],
    ['of no time', 'histogram: size_bytes\nhistogram-unit: number', "'> 4096'", 4_096, 1],
  ])('a histogram whose unit is %s', (_, source, alert, value, scale) => {
    const { kpis, metricsSpec } = production(withKpi(`id: p\ntype: quantile\n${source}\nalert: ${alert}`));
    expect(kpis[2]?.alert.value).toBe(value);
    expect(metricsSpec.sources[2]).toMatchObject({ type: 'histogram', scale });
  });

  test.each([
    [
      'divided by another',
      'value: used\ndivided-by: size',
      "'> 90 %'",
      { unit: 'ratio', value: 0.9, scale: 1 },
    ],
    ['in percent by its name', 'value: used_percent', "'> 90 %'", { unit: 'ratio', value: 0.9, scale: 0.01 }],
    [
      'in percent as written',
      'value: used\nunit: percent',
      "'> 90 %'",
      { unit: 'ratio', value: 0.9, scale: 0.01 },
    ],
    ['in seconds', 'value: lag_seconds', "'> 2 s'", { unit: 'ms', value: 2_000, scale: 1_000 }],
    ['a plain number', 'value: queue', "'> -5'", { unit: 'number', value: -5, scale: 1 }],
  ])('a gauge that is %s', (_, source, alert, { unit, value, scale }) => {
    const { kpis, metricsSpec } = production(
      withKpi(`id: g\ntype: gauge\nscope: shared\n${source}\nalert: ${alert}`),
    );
    expect(kpis[2]).toMatchObject({ unit, alert: { value }, scope: 'shared' });
    expect(metricsSpec.sources[2]).toMatchObject({ type: 'gauge', scale, scope: 'shared' });
  });

  test('`never` needs no alert', () => {
    const { kpis } = production(withKpi('id: crashes\ntype: never\nbad: crash_total\ntotal: start_total'));
    expect(kpis[2]).toMatchObject({ unit: 'count', target: null, alert: { comparator: '>', value: 0 } });
  });

  test('a limit in tenths of a percent is exact', () => {
    expect(production(VALID.replace("'> 2 %'", "'> 1.1 %'")).kpis[0]?.alert.value).toBe(0.011);
  });
});

describe('an environment', () => {
  test('follows the plan, but for the keys that it has itself', () => {
    const text = withEnvironment('    plan: {tick: 5s, budgets: {hold: 0s}}\n').replace(
      'traffic:',
      'plan: {checkpoint: 1m, budgets: {hold: 9m, deploy: 3m}}\ntraffic:',
    );
    const { plan } = production(text);
    expect(plan).toMatchObject({ tick: 5_000, checkpoint: 60_000, budgets: { hold: 0, deploy: 180_000 } });
    expect(plan.steps).toHaveLength(3);
  });

  test('may not watch the share, or has none to watch', () => {
    expect(production(withEnvironment('    share-tolerance: off\n')).share).toBeNull();
    expect(production(VALID.replace('traffic: http_requests_total\n', '')).share).toBeNull();
    expect(production(withEnvironment('    share-tolerance: 2.5\n')).share).toEqual({ tolerance: 2.5 });
  });

  test('compares the canary with stable, unless it is told not to', () => {
    const all = (text: string) => VALID.replace('traffic:', `comparison: ${text}\ntraffic:`);
    expect(production(VALID).comparison).toEqual({ alpha: 0.01, pace: 1 });
    expect(production(all('{ pace: 0.05 }')).comparison).toEqual({ alpha: 0.01, pace: 0.05 });
    expect(production(all('off')).comparison).toBeNull();
    const own = withEnvironment('    comparison: { alpha: 0.02 }\n').replace(
      'traffic:',
      'comparison: off\ntraffic:',
    );
    expect(production(own).comparison).toEqual({ alpha: 0.02, pace: 1 });
  });

  test('makes its adapters by type', () => {
    const { router, ledger } = production(VALID);
    expect([router.type, ledger.type]).toEqual(['embedded', 'file']);
  });

  test('that is not there is told with the ones that are', () => {
    expect(findEnvironment(read(VALID), 'prodution')).toEqual({
      ok: false,
      message:
        "expected one of the configured environments (production), saw 'prodution'; did you mean 'production'?",
    });
    expect(findEnvironment(read(VALID), 'constructor').ok).toBe(false);
  });
});

describe('a step', () => {
  test('may require a proof, and may end early by one', () => {
    const plan =
      'plan: {steps: [{weight: 10, bake: 30m, require: non-inferior, promote-early: 10m}, {weight: 100, bake: 1h}]}';
    const { steps } = production(VALID.replace('traffic:', `${plan}\ntraffic:`)).plan;
    expect(steps).toEqual([
      { weight: 10, bake: 1_800_000, maxBake: 2_700_000, require: 'non-inferior', promoteEarly: 600_000 },
      { weight: 100, bake: 3_600_000, maxBake: 3_600_000 },
    ]);
  });

  test('may rely on a proof where only another environment has no comparison', () => {
    const plan = 'plan: {steps: [{weight: 10, bake: 30m, require: non-inferior}, {weight: 100, bake: 1h}]}';
    const text = withEnvironment('    comparison: {alpha: 0.02}\n').replace(
      'traffic:',
      `comparison: off\n${plan}\ntraffic:`,
    );
    expect(production(text).plan.steps[0]?.require).toBe('non-inferior');
  });
});

describe('a policy', () => {
  const limited = (policy: string, more = '') =>
    VALID.replace('    for: 5m\n', `    policy: {${policy}}\n${more}`);
  const minute = 60_000;

  test('that is left empty allows as little as Argo does, and measures once per window', () => {
    expect(production(limited('', '    window: 2m\n')).kpis[0]).toMatchObject({
      for: 0,
      window: 2 * minute,
      policy: {
        failuresAllowed: 0,
        inconclusiveAllowed: 0,
        consecutiveErrorsAllowed: 4,
        consecutiveSuccessesNeeded: null,
        count: null,
        interval: 2 * minute,
        initialDelay: 0,
      },
    });
  });

  test('that is written in full', () => {
    const text = limited(
      'failures-allowed: unlimited, inconclusive-allowed: 1, consecutive-errors-allowed: 2, consecutive-successes-needed: 3, count: 9, interval: 30s, initial-delay: 1m',
    );
    expect(production(text).kpis[0]).toMatchObject({
      window: 30_000,
      policy: {
        failuresAllowed: null,
        inconclusiveAllowed: 1,
        consecutiveErrorsAllowed: 2,
        consecutiveSuccessesNeeded: 3,
        count: 9,
        interval: 30_000,
        initialDelay: minute,
      },
    });
  });

  test('counts what could not be measured before any budget runs out', () => {
    const [kpi] = production(limited('interval: 60s')).kpis;
    expect(kpi).toMatchObject({ errorBudget: 6 * minute, noData: { budget: 6 * minute } });
    const [patient] = production(limited('interval: 60s', '    error-budget: 1h\n')).kpis;
    expect(patient).toMatchObject({ errorBudget: 60 * minute });
  });

  test('of a gauge measures once a minute', () => {
    const text = withKpi(`id: pool
type: gauge
value: pool_ratio
alert: '> 90 %'
policy: {failures-allowed: 1}`);
    expect(production(text).kpis[2]).toMatchObject({ window: minute, policy: { interval: minute } });
  });

  test('leaves a KPI without one to its guardrail, with a `for` of five minutes', () => {
    expect(production(VALID.replace('    for: 5m\n', '')).kpis[0]).toMatchObject({ for: 5 * minute });
    expect(production(VALID).kpis[0]?.policy).toBeUndefined();
  });
});

describe('times may be compressed', () => {
  test('down to ticks of 50 ms', () => {
    const plan = `plan:
  tick: 50ms
  checkpoint: 200ms
  steps: [{weight: 10, bake: 1s}, {weight: 100, bake: 1s}]
  budgets: {deploy: 1s, shift: 500ms, verify: 500ms, abort: 1s, hold: 0s}
traffic:`;
    const text = withEnvironment('    lease: 150ms\n')
      .replace('traffic:', plan)
      .replaceAll('for: 5m', 'for: 0s');
    expect(production(text)).toMatchObject({ leaseTtl: 150, plan: { tick: 50 }, kpis: [{ for: 0 }, {}] });
  });
});

describe('what is allowed but probably not meant is a warning', () => {
  function warnings(text: string): readonly string[] {
    const parsed = parseConfig(text, 'c.yml', schema);
    return parsed.ok ? parsed.warnings : parsed.problems.map(({ message }) => message);
  }

  test('a KPI that needs longer than a bake to end it', () => {
    expect(warnings(VALID.replace('for: 5m', 'for: 20m'))).toEqual([
      "c.yml:10:10  kpis[0].for  expected `for` and `warm-up` to end within each bake (15m at 50 %), saw 20m; bake longer, or shorten `for`: 'error-rate' cannot end a rollout in that step",
    ]);
  });

  test('a policy whose measurements a bake has no time for', () => {
    const limited = (policy: string): string => VALID.replace('for: 5m', `policy: {${policy}}`);
    expect(warnings(limited('interval: 10m, initial-delay: 6m'))).toEqual([
      "c.yml:10:13  kpis[0].policy  expected time for a measurement in each bake (15m at 50 %), saw the 16m that takes; bake longer, or measure 'error-rate' more often: that step cannot pass in time",
    ]);
    expect(warnings(limited('count: 20'))[0]).toContain(
      'time for 20 measurements in each bake (15m at 50 %)',
    );
    expect(warnings(limited('count: 20, consecutive-successes-needed: 3'))).toEqual([]);
  });

  test('a plan of one step', () => {
    const text = withEnvironment('    plan: {steps: [{weight: 100, bake: 1h}]}\n');
    expect(warnings(text)).toEqual([
      'c.yml:19:19  environments.production.plan.steps  expected a step below 100 % first, saw one step, which gives the canary all traffic at once; add a small step such as `{weight: 10, bake: 30m}`',
    ]);
  });

  test('nothing in a plain config', () => {
    expect(warnings(VALID)).toEqual([]);
  });
});

describe('a file for gates alone', () => {
  const gates =
    'version: 1\nservice: shop\nchecklists:\n  production:\n    - { check: checkbox, text: done }\n';

  test('needs neither KPIs nor environments', () => {
    const parsed = parseConfig(gates, 'c.yml', configSchema);
    expect(parsed.ok && Object.keys(parsed.config.checklists)).toEqual(['production']);
  });

  test('needs KPIs as soon as it names an environment', () => {
    const parsed = parseConfig(`${gates}environments: {}\n`, 'c.yml', configSchema);
    expect(parsed.ok ? [] : parsed.problems.map(({ path }) => path)).toContain('kpis');
  });
});

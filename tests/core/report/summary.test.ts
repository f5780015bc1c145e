import { describe, expect, test } from 'vitest';
import { observe } from '../../../src/core/report/observe.ts';
import { emptySeries, marked } from '../../../src/core/report/series.ts';
import { renderSummary, type SummaryInput } from '../../../src/core/report/summary.ts';
import { CUTS } from '../../../src/core/report/summary-cuts.ts';
import { KPIS } from '../../support/samples.ts';
import { errorStory, healthyStory, reconciledStory, silentStory } from '../../support/stories.ts';

const PLENTY = 1_048_576;

function inputOf(story: ReturnType<typeof errorStory>, changes: Partial<SummaryInput> = {}): SummaryInput {
  const series = story.happenings.reduce(observe, emptySeries());
  return { result: story.result, record: story.record, series, kpis: KPIS, maxBytes: PLENTY, ...changes };
}

const error = inputOf(errorStory());
const bytes = (text: string): number => Buffer.byteLength(text);
const VERDICT = '## ✗ Rolled back: Error rate 4.1 % on the canary, limit &gt; 2 % for 5m.';

describe('the summary of an aborted rollout', () => {
  const text = renderSummary(error);

  test('begins with the verdict in plain words', () => {
    expect(text.split('\n')[0]).toBe(`${VERDICT} All traffic is on 9ab12cd again.`);
  });

  test('shows the facts, the steps, the KPIs and what to do', () => {
    expect(text).toContain(
      '| booking-api in production | <code>3f2c1ab</code> | <code>9ab12cd</code> | 0 % | 13m 33s | mara | 1,520 requests, 27 bad (1.78 %) |',
    );
    expect(text).toContain('| 1 | 10 % | 12m 40s of 30m | ✗ stopped |');
    expect(text).toContain('| 2 | 50 % | none of 15m | – not reached |');
    expect(text).toContain(
      '| **Error rate** | 4.12 % | 0.38 % | ≤ 1 % | &gt; 2 % | ✗ fail: 247 of 6,000 requests failed; stable had 27 of 54,000 |',
    );
    expect(text).toContain('| Traffic share | 10.2 % of 12,040 requests |  | 10 % ± 2 points |  | ✓ pass |');
    expect(text).toContain('- Fix it and roll out the new commit.');
    expect(text).toContain('| 13:24 | **Going back: error rate 4.1 %');
    expect(text).toContain('✓ What serves now was checked after the end, and is well.');
  });

  test('puts the deciding KPI first and draws it', () => {
    expect(text.indexOf('**Error rate**')).toBeLessThan(text.indexOf('| API latency P95'));
    expect(text).toMatch(/```mermaid\n[\s\S]*xychart-beta\n {2}title "Error rate"[\s\S]*```/);
    expect(text).toContain('red: the alert limit, &gt; 2 %.');
  });
});

describe('other summaries', () => {
  test('draw no line through a silence', () => {
    expect(renderSummary(inputOf(silentStory()))).not.toContain('mermaid');
  });

  test('put warnings right under the verdict', () => {
    const lines = renderSummary(inputOf(reconciledStory())).split('\n');
    expect(lines.slice(0, 4)).toEqual([
      '## ✗ Rolled back: Its owner mara (run-7123-1-af) is gone. All traffic is on 9ab12cd again.',
      '',
      '> [!WARNING]',
      '> - The canary served traffic for up to 1m with nobody watching.',
    ]);
  });

  test('of a promotion show every step passed', () => {
    const text = renderSummary(inputOf(healthyStory()));
    expect(text).toMatch(/^## ✓ Promoted 3f2c1ab to production\n/);
    expect(text.match(/✓ passed/g)).toHaveLength(3);
  });

  test('say which bake ended early, and why it might', () => {
    const story = inputOf(healthyStory());
    const [first, ...rest] = story.result.steps;
    if (first === undefined) throw new Error('the story has no steps');
    const result = { ...story.result, steps: [{ ...first, servedMs: 720_000 }, ...rest] };
    expect(renderSummary({ ...story, result })).toContain(
      '| 1 | 10 % | 12m of 30m | ✓ passed, ended early after 12m: proven no worse |',
    );
    expect(renderSummary(story)).not.toContain('ended early');
  });

  test('do with nothing but a result', () => {
    const text = renderSummary({ result: error.result, record: null, series: null, maxBytes: PLENTY });
    expect(text).toContain(VERDICT);
    expect(text).toContain('| **Error rate** | 4.1 % on the canary for 5m, 0.45 % on stable |');
    expect(text).toContain('| 1 | 10 % | 12m 40s of 30m | ✗ stopped |');
  });

  test('of a refusal tell nothing of the rollout before it', () => {
    const result = {
      ...error.result,
      reasonCode: 'version-rejected',
      message: 'it failed here before',
    } as const;
    const text = renderSummary({ ...error, result });
    expect(text).toContain('## ✗ Not started: It failed here before.');
    expect(text).not.toContain('Error rate');
    expect(text).not.toContain('Verification');
  });
});

describe('the size limit', () => {
  test('is kept to the byte: one byte less loses the charts first', () => {
    const full = bytes(renderSummary(error));
    expect(renderSummary({ ...error, maxBytes: full })).toContain('mermaid');
    const less = renderSummary({ ...error, maxBytes: full - 1 });
    expect(less).not.toContain('mermaid');
    expect(less).toContain('left out to fit the size limit: charts');
    expect(less).toContain('Timeline');
  });

  test('takes away in the declared order, and never the verdict', () => {
    const shortages: string[] = [];
    for (let max = bytes(renderSummary(error)); max >= 120; max -= 25) {
      const text = renderSummary({ ...error, maxBytes: max });
      expect(bytes(text)).toBeLessThanOrEqual(max);
      expect(text.startsWith(VERDICT)).toBe(true);
      const foot = text.match(/size limit: (.*)<\/sub>/)?.[1] ?? '';
      if (text.includes('<sub>')) shortages.push(foot);
    }
    // Nothing but the warnings, of which there are none, is left to take away at the end.
    const order = CUTS.slice(0, -2).map((_, index) => CUTS.slice(0, index + 1).join(', '));
    expect([...new Set(shortages)]).toEqual(['', ...order].filter((foot) => shortages.includes(foot)));
    expect(shortages).toContain(order.at(-1));
    expect(shortages).toContain(order[0]);
  });

  test('holds at every size down to nothing, whatever the message is', () => {
    const message = 'ä|<b>&*😀'.repeat(200);
    const input = { ...error, result: { ...error.result, message, warnings: [message, message] } };
    for (const maxBytes of [0, 1, 2, 3, 4, 7, 16, 40, 100, 333, 1_000, 4_000, 9_000]) {
      const text = renderSummary({ ...input, maxBytes });
      expect(bytes(text)).toBeLessThanOrEqual(maxBytes);
      if (maxBytes >= 16) expect(text).toMatch(/^## ✗ R/);
    }
  });

  test('at 1 MiB: a huge rollout fits, one byte over the limit does not', () => {
    let series = error.series ?? emptySeries();
    for (let at = 0; at < 400; at += 1)
      series = marked(series, { at, kind: 'warning', label: '|'.repeat(300) });
    const finding = error.result.findings[0];
    const findings = Array.from({ length: 900 }, (_, index) => ({
      check: `check-${index}`,
      title: 'Check <b>',
      status: index % 2 === 0 ? ('pass' as const) : ('fail' as const),
      observed: '&'.repeat(250),
      expected: finding?.expected ?? '',
    }));
    const text = renderSummary({ ...error, series, result: { ...error.result, findings }, maxBytes: PLENTY });
    expect(bytes(text)).toBeLessThanOrEqual(PLENTY);
    expect(text.startsWith(VERDICT)).toBe(true);
    const exact = bytes(text);
    expect(
      bytes(renderSummary({ ...error, series, result: { ...error.result, findings }, maxBytes: exact })),
    ).toBe(exact);
    expect(
      bytes(renderSummary({ ...error, series, result: { ...error.result, findings }, maxBytes: exact - 1 })),
    ).toBeLessThan(exact);
  });

  test('cuts the number of warnings before it cuts all of them', () => {
    const warnings = Array.from({ length: 30 }, (_, index) => `warning number ${index} is here`);
    const result = { ...error.result, warnings };
    const text = renderSummary({ ...error, result, maxBytes: 500 });
    expect(text).toContain('> - Warning number 0 is here.');
    expect(text).toContain('> - and 29 more');
  });
});

describe('text of others', () => {
  const hostile = '<script>alert(1)</script>|`x`**b**[l](javascript:a)@team\n# h';
  const kpis = KPIS.map((kpi) => ({ ...kpi, title: hostile }));
  const findings = error.result.findings.map((finding) => ({
    ...finding,
    title: hostile,
    observed: hostile,
    expected: hostile,
    detail: hostile,
  }));
  const result = {
    ...error.result,
    message: hostile,
    service: hostile,
    environment: hostile,
    version: hostile,
    stableVersion: hostile,
    rolloutId: hostile,
    findings,
    warnings: [hostile],
    verification: { outcome: 'fail', findings } as const,
  };
  const series = marked(error.series ?? emptySeries(), { at: 0, kind: 'warning', label: hostile });
  const text = renderSummary({ ...error, result, kpis, series });

  test('brings in no tag, no link, no mention and no heading', () => {
    const tags = new Set(text.match(/<\/?[a-z]+/g));
    expect([...tags].toSorted()).toEqual([
      '</code',
      '</details',
      '</sub',
      '</summary',
      '<code',
      '<details',
      '<sub',
      '<summary',
    ]);
    expect(text).not.toMatch(/(?<!\\)\]\(/);
    expect(text).not.toMatch(/@team/);
    expect(text.match(/^#/gm)).toHaveLength(1);
  });

  test('breaks no table', () => {
    const rows = text.split('\n').filter((line) => line.startsWith('| '));
    const widths = rows.map((row) => row.replace(/\\\\/g, '').replace(/\\\|/g, '').split('|').length - 2);
    expect(new Set(widths)).toEqual(new Set([7, 4, 6, 2]));
  });

  test('commands no chart', () => {
    const source = text.match(/```mermaid\n([\s\S]*?)```/)?.[1] ?? '';
    expect(source).toMatch(/title "script alert 1 \/script x b l javascript:a team h"\n/);
  });
});

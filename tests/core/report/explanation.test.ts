import { describe, expect, test } from 'vitest';
import { HANDBOOK_KPIS } from '../../../src/core/replay/handbook.ts';
import { type Explained, explain } from '../../../src/core/report/explanation.ts';
import { renderHtml } from '../../../src/core/report/html.ts';
import { observe } from '../../../src/core/report/observe.ts';
import { emptySeries } from '../../../src/core/report/series.ts';
import { judgedStory } from '../../support/judged.ts';
import { KPIS, START, type Story } from '../../support/samples.ts';
import { cancelledStory } from '../../support/stories.ts';
import { made } from '../replay/made.ts';

const worse = judgedStory(made({ canary: 0.05, stable: 0.01 }));
const alone = judgedStory(made({ canary: 0.06, stable: 0, from: 55 }));
const good = judgedStory(made({ canary: 0.002, stable: 0.002 }));

function pageOf(story: Story): string {
  const series = story.happenings.reduce(observe, emptySeries());
  const { result, record } = story;
  return renderHtml({ result, record, series, kpis: HANDBOOK_KPIS, generatedAt: START });
}

function explained(story: Story): Explained {
  return {
    result: story.result,
    analysis: story.record.rollout?.analysis ?? null,
    series: story.happenings.reduce(observe, emptySeries()),
    kpis: HANDBOOK_KPIS,
    isReplay: false,
  };
}

describe('why a rollout was decided as it was', () => {
  test('is when, by which counts, and what the traffic did, for one that was worse than stable', () => {
    const seen = explain(explained(worse));
    expect(seen?.title).toBe('Why it was rolled back');
    expect(seen?.why).toMatch(
      /^Under the same traffic at the same time, the share of the canary’s requests that failed was [\d.]+ times the share of stable\. The evidence reached [\d,]+ to 1; a rollout is aborted at 100 to 1\.$/,
    );
    expect(seen?.when).toMatchObject({
      note: expect.stringMatching(/^\d.* into step 1, with 10 % of traffic$/),
    });
    const { exposed } = worse.result;
    expect(seen?.traffic.value).toBe('All back on 9ab12cd, 1.4s after the decision');
    expect(seen?.traffic.note).toContain(
      `had served ${exposed.requests.toLocaleString('en-US')} requests, ${exposed.bad} of them bad`,
    );
  });

  test('counts the same events as the reason', () => {
    const { shares } = explain(explained(worse)) ?? {};
    const [canary, stable] = shares?.arms ?? [];
    const words = `canary ${canary?.bad} of ${canary?.total.toLocaleString('en-US')} failed`;
    expect(worse.result.message).toContain(words);
    expect(worse.result.message).toContain(
      `stable ${stable?.bad} of ${stable?.total.toLocaleString('en-US')}`,
    );
    expect(shares?.watched).toBeGreaterThan(0);
  });

  test('of a canary that served alone names what was to be expected', () => {
    const seen = explain(explained(alone));
    expect(alone.result.reasonCode).toBe('comparison-regressed');
    expect(seen?.why).toMatch(/^Serving alone/);
    expect(seen?.shares?.arms.map(({ arm }) => arm)).toEqual(['canary']);
    expect(seen?.shares?.limit?.words).toMatch(/^At most [\d.]+ % was to be expected/);
  });

  test('of a promotion says how near an abort was', () => {
    const seen = explain(explained(good));
    expect(seen?.title).toBe('Why it was promoted');
    expect(seen?.why).toMatch(/nothing fired; the evidence that the canary is worse was never more than/);
    expect(seen?.closest).not.toBeNull();
    expect(seen?.shares).toBeNull();
  });

  test('that nobody measured is the reason itself, and what was refused has none', () => {
    const cancelled = { ...explained(cancelledStory()), kpis: KPIS };
    expect(explain(cancelled)).toMatchObject({
      why: 'The workflow run was cancelled by mara.',
      shares: null,
    });
    const result = { ...cancelled.result, reasonCode: 'version-rejected' } as const;
    expect(explain({ ...cancelled, result })).toBeNull();
    expect(explain({ ...cancelled, series: null })).toBeNull();
  });
});

describe('the report of a compared rollout', () => {
  const page = pageOf(worse);

  test('draws the evidence above the KPIs, on one time axis, with the tick that decided on all of them', () => {
    const titles = [...page.matchAll(/<h2>([^<]*)</g)].map(([, title]) => title);
    expect(titles.slice(1, 4)).toEqual([
      'Why it was rolled back',
      'Evidence that the canary is worse',
      'KPIs',
    ]);
    const wide = page.match(/<svg class="chart wide"[^>]*>/g) ?? [];
    const edges = wide.map((tag) => /data-left="([^"]+)" data-right="([^"]+)"/.exec(tag)?.slice(1).join(' '));
    expect(wide).toHaveLength(4);
    expect(new Set(edges).size).toBe(1);
    const moments = [...page.matchAll(/<line class="decision" x1="([^"]+)"/g)].map(([, x]) => x);
    expect(moments).toHaveLength(6);
    expect(new Set(moments).size).toBe(2);
  });

  test('says the evidence in a table too, with the counts of both versions', () => {
    expect(page).toContain('<summary>The evidence as a table</summary>');
    expect(page).toMatch(/<td data-name="canary">\d+ of [\d,]+ failed \([\d.]+ %\)<\/td>/);
    expect(page).toContain('✗ decided');
  });

  test('draws no evidence when nothing was compared', () => {
    const series = worse.happenings.reduce(observe, emptySeries());
    const markup = renderHtml({
      result: worse.result,
      record: null,
      series: { ...series, evidence: null },
      kpis: HANDBOOK_KPIS,
      generatedAt: START,
    });
    expect(markup).not.toContain('data-chart="evidence"');
    expect(markup).toContain('<h2>Why it was rolled back</h2>');
  });
});

import { describe, expect, test } from 'vitest';
import { renderHtml } from '../../../src/core/report/html.ts';
import { observe } from '../../../src/core/report/observe.ts';
import type { PageInput } from '../../../src/core/report/page/page-input.ts';
import { emptySeries, marked } from '../../../src/core/report/series.ts';
import { KPIS, START, type Story } from '../../support/samples.ts';
import {
  cancelledStory,
  errorStory,
  healthyStory,
  reconciledStory,
  silentStory,
} from '../../support/stories.ts';

function inputOf(story: Story): PageInput {
  const series = story.happenings.reduce(observe, emptySeries());
  return { result: story.result, record: story.record, series, kpis: KPIS, generatedAt: START };
}

const pages = [healthyStory, errorStory, silentStory, cancelledStory, reconciledStory].map((tell) =>
  renderHtml(inputOf(tell())),
);
const error = inputOf(errorStory());
const page = renderHtml(error);

/** Every start tag with its attributes, outside of script and style. */
function tagsOf(markup: string): { name: string; attributes: string }[] {
  const body = markup.replace(/(<(script|style)[^>]*>)[\s\S]*?(<\/\2>)/g, '$1$3');
  return [...body.matchAll(/<([a-z][a-z0-9]*)((?:\s+[a-zA-Z-]+(?:="[^"<>]*")?)*)\s*\/?>/gi)].map(
    ([, name = '', attributes = '']) => ({ name, attributes }),
  );
}

describe('the report', () => {
  test('is one file that asks nothing of anybody', () => {
    for (const markup of pages) {
      expect(markup).not.toMatch(/@import|url\((?!#)|src=/);
      expect(tagsOf(markup).some(({ name }) => name === 'link' || name === 'img' || name === 'iframe')).toBe(
        false,
      );
      expect(markup).toContain("default-src 'none'");
      expect(Buffer.byteLength(markup)).toBeLessThan(400_000);
    }
  });

  test('begins with the verdict, the reason, who was exposed and what to do', () => {
    const body = page.slice(page.indexOf('<body>'));
    const places = [
      '<h1>Rolled back</h1>',
      'Error rate 4.1 % on the canary, limit &gt; 2 % for 5m.',
      'All traffic is on 9ab12cd again.',
      '1,520 requests',
      'What to do next',
      '<h2>Why it was rolled back</h2>',
      '<h2>KPIs</h2>',
      '<h2>Traffic</h2>',
      '<h2>Findings</h2>',
      '<h2>Plan</h2>',
      '<h2>Verification after the end</h2>',
      '<h2>Timeline</h2>',
      '<h2>Versions</h2>',
      'The result as JSON',
    ].map((text) => body.indexOf(text));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((one, other) => one - other));
  });

  test('closes what it opens, and names every id once', () => {
    for (const markup of pages) {
      for (const name of [
        'svg',
        'g',
        'figure',
        'section',
        'table',
        'tr',
        'td',
        'text',
        'ol',
        'li',
        'div',
        'dl',
        'main',
      ]) {
        const opened = tagsOf(markup).filter((tag) => tag.name === name).length;
        expect([name, markup.match(new RegExp(`</${name}>`, 'g'))?.length ?? 0]).toEqual([name, opened]);
      }
      const ids = [...markup.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
      expect(new Set(ids).size).toBe(ids.length);
    }
  });

  test('draws the deciding KPI first and large, with the moment of the decision', () => {
    const kpis = page.slice(page.indexOf('<h2>KPIs</h2>'));
    expect(kpis.match(/<h3>([^<]*)/)?.[1]).toBe('Error rate');
    expect(kpis).toContain('decided at 13:24');
    expect(page.match(/decided at/g)).toHaveLength(2);
  });

  test('says every chart in words, and tells lines apart without colour', () => {
    const charts = page.match(/<svg class="chart/g)?.length ?? 0;
    expect(charts).toBe(2 * (1 + KPIS.length));
    expect(page.match(/<title id=/g)).toHaveLength(charts);
    expect(page.match(/<desc id=/g)).toHaveLength(charts);
    expect(page).toMatch(
      /The canary lay between 0\.2 % \(at 4:34\) and 4\.22 % \(at 10:14\), and ended with 4\.12 %\./,
    );
    for (const label of ['canary 4.12 %', 'stable 0.38 %', 'alert &gt; 2 %', 'target ≤ 1 %']) {
      expect(page).toContain(`${label}</text>`);
    }
    for (const line of ['stable', 'target', 'alert', 'asked']) {
      expect(page).toMatch(new RegExp(`\\.${line}\\{[^}]*stroke-dasharray`));
    }
  });

  test('leaves a gap, hatched and in words, where there was no data', () => {
    const silent = renderHtml(inputOf(silentStory()));
    const first = silent.slice(silent.indexOf('<h2>KPIs</h2>'));
    expect(first).toMatch(/<rect [^>]*fill="url\(#kpi-2-wide-hatch\)"/);
    expect(first).toContain('? no data');
    const reconciled = renderHtml(inputOf(reconciledStory()));
    expect(reconciled).toMatch(/<rect [^>]*fill="url\(#traffic-wide-hatch\)"/);
    expect(reconciled).toContain('>no data</text>');
  });

  test('keeps every drawn number inside its chart', () => {
    for (const markup of pages) {
      for (const [, width, height, body = ''] of markup.matchAll(
        /viewBox="0 0 (\d+) (\d+)"([\s\S]*?)<\/svg>/g,
      )) {
        const xs = [...body.matchAll(/ (?:x|x1|x2|cx)="([^"]+)"/g)].map(([, x]) => Number(x));
        const ys = [...body.matchAll(/ (?:y|y1|y2|cy)="([^"]+)"/g)].map(([, y]) => Number(y));
        expect(Math.min(...xs, ...ys)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...xs)).toBeLessThanOrEqual(Number(width));
        expect(Math.max(...ys)).toBeLessThanOrEqual(Number(height));
        expect(body).not.toMatch(/NaN|Infinity|undefined|null/);
      }
    }
  });

  test('warns loudly, above the facts', () => {
    const markup = renderHtml(inputOf(reconciledStory()));
    expect(markup.indexOf('role="alert"')).toBeGreaterThan(0);
    expect(markup.indexOf('role="alert"')).toBeLessThan(markup.indexOf('class="card facts"'));
  });

  test('does with nothing but a result', () => {
    const markup = renderHtml({ ...error, record: null, series: null, kpis: [] });
    expect(markup).toContain('<h1>Rolled back</h1>');
    expect(markup).not.toContain('<svg');
    expect(markup).toContain('<h2>Findings</h2>');
  });

  test('does with a rollout of one moment, and with KPIs that never spoke', () => {
    const first = errorStory().happenings.slice(0, 3).reduce(observe, emptySeries());
    const markup = renderHtml({ ...error, series: first, result: { ...error.result, endedAt: null } });
    expect(markup).not.toMatch(/NaN|Infinity/);
    expect(markup).toContain('>no data</text>');
  });

  test('tells nothing of the rollout before when it was refused', () => {
    const result = {
      ...error.result,
      reasonCode: 'version-rejected',
      message: 'it failed here before',
    } as const;
    const markup = renderHtml({ ...error, result });
    expect(markup).toContain('<h1>Not started</h1>');
    for (const section of ['Traffic', 'KPIs', 'Findings', 'Plan', 'Timeline']) {
      expect(markup).not.toContain(`<h2>${section}</h2>`);
    }
  });
});

describe('text of others in the report', () => {
  const hostile = `"><img src=x onerror=alert(1)><script>alert('x')</script></script></style>`;
  const findings = error.result.findings.map((finding) => ({
    ...finding,
    title: hostile,
    observed: hostile,
    expected: hostile,
    detail: hostile,
    evidence: [
      { label: hostile, url: 'javascript:alert(1)' },
      { label: 'ok', url: `https://example.com/${hostile}` },
    ],
  }));
  const markup = renderHtml({
    ...error,
    kpis: KPIS.map((kpi) => ({ ...kpi, title: hostile })),
    series: marked(error.series ?? emptySeries(), { at: START, kind: 'warning', label: hostile }),
    result: {
      ...error.result,
      message: hostile,
      service: hostile,
      environment: hostile,
      version: hostile,
      stableVersion: hostile,
      rolloutId: hostile,
      findings,
      warnings: [hostile],
      verification: { outcome: 'fail', findings },
    },
  });

  test('brings in no element and no handler', () => {
    expect(markup.match(/<script/g)).toHaveLength(2);
    expect(markup.match(/<\/script>/g)).toHaveLength(2);
    const tags = tagsOf(markup);
    expect(tags.some(({ name }) => name === 'img')).toBe(false);
    expect(tags.some(({ attributes }) => /\son[a-z]+\s*=/i.test(attributes.replace(/"[^"]*"/g, '""')))).toBe(
      false,
    );
  });

  test('becomes a link only when it is a web address', () => {
    expect(markup).not.toMatch(/href="javascript/);
    expect(markup).toContain('<a href="https://example.com/&quot;&gt;&lt;img');
  });

  test('leaves the data of the charts readable', () => {
    const json = markup.match(/id="chart-data">([\s\S]*?)<\/script>/)?.[1] ?? '';
    expect(Object.keys(JSON.parse(json))).toEqual(['traffic', ...KPIS.map((_, index) => `kpi-${index}`)]);
  });
});

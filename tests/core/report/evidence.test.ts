import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Culprit } from '../../../src/core/analysis/comparison/evidence.ts';
import { oddsAgainst } from '../../../src/core/analysis/comparison/odds.ts';
import { evidenceChart } from '../../../src/core/report/chart/evidence-chart.ts';
import { evidenceSpark } from '../../../src/core/report/chart/evidence-spark.ts';
import { NARROW, WIDE } from '../../../src/core/report/chart/frame.ts';
import { type EvidenceSeries, withEvidence } from '../../../src/core/report/evidence-series.ts';
import { emptySeries, marked, placed, record, type SeriesTick } from '../../../src/core/report/series.ts';
import { MOST_POINTS } from '../../../src/core/report/thin-out.ts';

const THRESHOLD = Math.log(100);

function suspect(stream: string, bad = 1): Culprit {
  return {
    stream,
    kpi: 'error-rate',
    event: { type: 'bad' },
    canary: { bad, total: 100 },
    stable: { bad: 1, total: 900 },
    limit: null,
    watched: 10_000,
    chance: 0.01,
  };
}

/** A tick a second, from the first second on. */
function seriesOf(logs: readonly number[], who = (_: number): string => 'errors'): EvidenceSeries {
  const series = logs.reduce<EvidenceSeries | null>(
    (before, log, index) =>
      withEvidence(
        before,
        (index + 1) * 1_000,
        { log, threshold: THRESHOLD, suspect: log > 0 ? suspect(who(index), index) : null },
        null,
      ),
    null,
  );
  if (series === null) throw new Error('no tick was given');
  return series;
}

function chartOf(evidence: EvidenceSeries, seconds: number, decidedAt: number | null = null): string {
  const begun = placed(emptySeries(), { at: 0, asked: 10, read: 10, step: 0, phase: 'baking' });
  const series = marked(begun, { at: decidedAt ?? 0, kind: 'decision', label: 'x' });
  const to = seconds * 1_000;
  const chart = {
    id: 'e',
    series,
    evidence,
    from: 0,
    to,
    decidedAt,
    isDeciding: decidedAt !== null,
    left: 58,
  };
  return [WIDE, NARROW].map((size) => evidenceChart(chart, size).markup).join('');
}

/** Pixels of the wide plot. */
function plotOf(markup: string): Readonly<Record<'left' | 'right' | 'top' | 'bottom', number>> {
  const edge = (name: string) => Number(markup.match(new RegExp(`data-${name}="([^"]+)"`))?.[1]);
  return { left: edge('left'), right: edge('right'), top: edge('top'), bottom: edge('bottom') };
}

describe('the evidence kept for a report', () => {
  test('is a line, and who was suspected over which ticks, with the counts of the worst of them', () => {
    const series = seriesOf([0.5, 2, 1, 3], (tick) => (tick < 3 ? 'errors' : 'latency'));
    expect(series.line.map(({ value }) => value)).toEqual([0.5, 2, 1, 3]);
    expect(series.suspicions).toMatchObject([
      { from: 1_000, to: 3_000, peakAt: 2_000, log: 2, culprit: { stream: 'errors', canary: { bad: 1 } } },
      { from: 4_000, to: 4_000, peakAt: 4_000, log: 3, culprit: { stream: 'latency' } },
    ]);
  });

  test('is null as long as nothing is compared, and has a gap where nothing was', () => {
    expect(withEvidence(null, 1, null, null)).toBeNull();
    const gap = withEvidence(seriesOf([1]), 2_000, null, null);
    expect(gap?.line.at(-1)).toEqual({ at: 2_000, value: null });
    expect(gap?.threshold).toBe(THRESHOLD);
  });

  test('has a gap where nobody watched, as every other line has', () => {
    const tick: SeriesTick = {
      at: 10_000,
      elapsed: 10_000,
      asked: 10,
      read: 10,
      step: 0,
      phase: 'baking',
      kpis: {},
      requests: null,
      verdict: 'pass',
      evidence: { log: 1, threshold: THRESHOLD, suspect: null },
    };
    const series = [tick, { ...tick, at: 120_000 }].reduce(record, emptySeries());
    expect(series.evidence?.line.map(({ value }) => value)).toEqual([1, null, null, 1]);
  });

  test('stays bounded and keeps the strongest, and is plain JSON, whatever the evidence is', () => {
    let series: EvidenceSeries | null = null;
    for (let tick = 0; tick < 9_000; tick += 1) {
      const log = tick === 4_321 ? Number.POSITIVE_INFINITY : Math.sin(tick) * 3;
      const seen = { log, threshold: THRESHOLD, suspect: suspect(`s${tick % 7}`) };
      series = withEvidence(series, tick, seen, null);
    }
    expect(series?.line.length).toBeLessThanOrEqual(MOST_POINTS);
    expect(series?.suspicions.length).toBeLessThanOrEqual(100);
    expect(series?.suspicions.some((one) => one.peakAt === 4_321)).toBe(true);
    expect(JSON.parse(JSON.stringify(series))).toEqual(series);
  });
});

describe('the chart of the evidence', () => {
  test('has powers of ten at even distances, and each value at its place', () => {
    const markup = chartOf(seriesOf([0, Math.log(10), Math.log(100)]), 3);
    const { left, right, bottom } = plotOf(markup);
    const path = markup.match(/class="line evidence" d="([^"]+)"/)?.[1] ?? '';
    const places = path
      .slice(1)
      .split('L')
      .map((place) => place.split(' ').map(Number));
    const [[x1 = 0, y1 = 0] = [], [x2 = 0, y2 = 0] = [], [x3 = 0, y3 = 0] = []] = places;
    expect(x1).toBeCloseTo(left + (right - left) / 3, 0);
    expect(x3).toBeCloseTo(right, 0);
    expect(x2 - x1).toBeCloseTo(x3 - x2, 0);
    expect(y1 - y2).toBeCloseTo(y2 - y3, 0);
    expect(bottom - y1).toBeCloseTo(y1 - y2, 0);
    const line = Number(markup.match(/<line class="line alert"[^>]* y1="([^"]+)"/)?.[1]);
    expect(line).toBeCloseTo(y3, 0);
    for (const tick of ['1 : 10', '1 : 1', '10 : 1', '100 : 1']) expect(markup).toContain(`>${tick}</text>`);
    expect(markup).toContain('>abort at 100 to 1</text>');
  });

  test('marks the tick that decided, with its evidence', () => {
    const markup = chartOf(seriesOf([0, 2, Math.log(227)]), 4, 3_000);
    expect(markup).toContain('aborted at 0:03 with 227 to 1');
    expect(markup.match(/class="ring"/g)).toHaveLength(2);
    expect(markup).toContain('It reached the 100 to 1 that aborts.');
    const calm = chartOf(seriesOf([0, 2, 1]), 4);
    expect(calm).not.toContain('class="decision"');
    expect(calm).toContain('was at most 7.4 to 1 (at 0:02), and ended with 2.7 to 1. It never reached');
  });

  test('draws numbers, inside the chart, whatever the evidence is', () => {
    const log = fc.oneof(
      fc.constantFrom(
        Number.NEGATIVE_INFINITY,
        Number.POSITIVE_INFINITY,
        Number.NaN,
        Math.log(1e300),
        -1e300,
      ),
      fc.double({ noNaN: true }),
      fc.double({ min: -10, max: 30, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(log, { minLength: 1, maxLength: 30 }), (logs) => {
        const evidence = seriesOf(logs);
        const spark = evidenceSpark(evidence, 30_000, true, 'x').markup;
        const markup = chartOf(evidence, 30, logs.length * 1_000);
        expect(spark + markup).not.toMatch(/NaN|Infinity|undefined|null/);
        for (const [, width, height, body = ''] of markup.matchAll(
          /viewBox="0 0 (\d+) (\d+)"([\s\S]*?)<\/svg>/g,
        )) {
          const xs = [...body.matchAll(/ (?:x|x1|x2|cx)="([^"]+)"/g)].map(([, x]) => Number(x));
          const ys = [...body.matchAll(/ (?:y|y1|y2|cy)="([^"]+)"/g)].map(([, y]) => Number(y));
          expect(Math.min(...xs, ...ys)).toBeGreaterThanOrEqual(0);
          expect(Math.max(...xs)).toBeLessThanOrEqual(Number(width));
          expect(Math.max(...ys)).toBeLessThanOrEqual(Number(height));
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('evidence in words', () => {
  test('is odds that a person can read, and never more exact than it is', () => {
    const words = [-700, Math.log(0.4), 0, Math.log(12.6), Math.log(100), Math.log(4_312), 700].map(
      oddsAgainst,
    );
    expect(words).toEqual([
      'under 0.01 to 1',
      '0.4 to 1',
      '1 to 1',
      '12 to 1',
      '100 to 1',
      '4,312 to 1',
      'over 1,000,000,000 to 1',
    ]);
  });
});

import { oddsAgainst } from '../../analysis/comparison/odds.ts';
import { formatValue, type Kpi } from '../../analysis/kpi.ts';
import { drawable } from '../chart/lines.ts';
import { spanOf } from '../facts.ts';
import { type Markup, scriptJson } from '../markup.ts';
import type { Arm } from '../series.ts';
import { formatPercent } from '../words.ts';
import type { PageInput } from './page-input.ts';

/** Seconds since the start, and what to show there. */
type Shown = readonly [number, string];

interface ChartData {
  readonly seconds: number;
  readonly lines: readonly {
    readonly name: string;
    readonly points: readonly Shown[];
    readonly stairs?: boolean;
  }[];
}

/** What the pointer shows, by chart. */
export function chartData(input: PageInput): Markup {
  const { series, kpis } = input;
  const span = spanOf(input.result, series);
  if (series === null || span === null) return scriptJson({});
  const seconds = Math.max(1, (span.to - span.from) / 1_000);
  const since = (at: number): number => Math.round((at - span.from) / 1_000);
  const weights = (of: 'asked' | 'read'): Shown[] =>
    series.traffic.map((point) => [
      since(point.at),
      point[of] === null ? 'unknown' : formatPercent(point[of]),
    ]);
  const arm = (kpi: Kpi, of: Arm): Shown[] =>
    drawable(series.kpis[kpi.id]?.[of] ?? [], series.failedAt).map(({ at, value }) => [
      since(at),
      value === null ? 'no data' : formatValue(value, kpi.unit),
    ]);
  const charts: [string, ChartData][] = kpis.map((kpi, index) => {
    const canary = { name: kpi.scope === 'shared' ? 'shared' : 'canary', points: arm(kpi, 'canary') };
    const lines =
      kpi.scope === 'shared' ? [canary] : [canary, { name: 'stable', points: arm(kpi, 'stable') }];
    return [`kpi-${index}`, { seconds, lines }];
  });
  const traffic: ChartData = {
    seconds,
    lines: [
      { name: 'asked', points: weights('asked'), stairs: true },
      { name: 'read', points: weights('read'), stairs: true },
    ],
  };
  const { evidence } = series;
  const odds = drawable(evidence?.line ?? [], series.failedAt).map(
    ({ at, value }): Shown => [since(at), value === null ? 'no data' : oddsAgainst(value)],
  );
  const compared: [string, ChartData][] =
    evidence === null ? [] : [['evidence', { seconds, lines: [{ name: 'evidence', points: odds }] }]];
  return scriptJson(Object.fromEntries([['traffic', traffic], ...compared, ...charts]));
}

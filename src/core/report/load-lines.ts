import type { LoadTestResult, ShownBin } from '../load/load-test-result.ts';
import type { Point } from './thin-out.ts';

/** The lines of the load over time: each value holds from its moment to the next. */
export interface LoadLines {
  readonly borne: readonly Point[];
  /** Empty where the generators do not say what was due. */
  readonly offered: readonly Point[];
  readonly failed: readonly Point[];
  readonly required: number | null;
  readonly end: number;
  readonly most: number;
}

/** Null where there is nothing over time to draw. */
export function loadLines({ series, figures }: LoadTestResult): LoadLines | null {
  const last = series.at(-1);
  if (last === undefined || series.length < 2) return null;
  const line = (of: (bin: ShownBin) => number | null): Point[] =>
    series.map((bin) => ({ at: bin.at, value: of(bin) }));
  const offered = line(({ offeredRate }) => offeredRate);
  const isOffered = offered.every(({ value }) => value !== null);
  const required = figures.required?.value ?? null;
  const values = [...series.flatMap(({ rate, offeredRate }) => [rate, offeredRate ?? 0]), required ?? 0];
  return {
    borne: line(({ rate }) => rate),
    offered: isOffered ? offered : [],
    failed: series.some(({ failedRate }) => failedRate > 0) ? line(({ failedRate }) => failedRate) : [],
    required,
    end: last.at + last.span,
    most: Math.max(...values, 1),
  };
}

/** What the chart shows, for who cannot see it. */
export function loadWords({ figures, hold }: LoadTestResult): string {
  const rate = (name: string): string =>
    `${Math.round(figures[name]?.value ?? 0).toLocaleString('en-US')} requests/s`;
  const held = hold === null ? 'It was never held.' : `It was held for ${Math.round(hold.spanMs / 1_000)} s.`;
  return `The load that was borne rose to ${rate('peak')}; ${rate('required')} had to be held. ${held}`;
}

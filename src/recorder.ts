import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Kpi } from './core/analysis/kpi.ts';
import { renderHtml } from './core/report/html.ts';
import { observe } from './core/report/observe.ts';
import { emptySeries, type Series } from './core/report/series.ts';
import { renderSummary } from './core/report/summary.ts';
import type { Result } from './core/result.ts';
import type { ServiceRecord } from './core/rollout/record.ts';
import type { Happening, Observer } from './ports/observer.ts';

/** GitHub drops a summary over 1 MiB; some of it is left to whoever else writes into the same step. */
const SUMMARY_BYTES = 1_000_000;

/** Keeps what happened for the report and the summary. */
export interface Recorder {
  readonly observe: Observer;
  readonly summary: (result: Result, kpis: readonly Kpi[]) => string;
  /** Writes the HTML report; answers with its full path. */
  readonly report: (path: string, result: Result, kpis: readonly Kpi[]) => Promise<string>;
}

export function recorder(baseDir: string, ...others: readonly Observer[]): Recorder {
  let series: Series = emptySeries();
  let record: ServiceRecord | null = null;
  return {
    observe: (happening: Happening) => {
      series = observe(series, happening);
      if (happening.type === 'moved') record = happening.record;
      for (const other of others) other(happening);
    },
    summary: (result, kpis) => renderSummary({ result, record, series, kpis, maxBytes: SUMMARY_BYTES }),
    report: async (path, result, kpis) => {
      const file = resolve(baseDir, path);
      await writeFile(file, renderHtml({ result, record, series, kpis, generatedAt: Date.now() }));
      return file;
    },
  };
}

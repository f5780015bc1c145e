import type { Kpi } from '../core/analysis/kpi.ts';
import { decide, type Judgement, type Past, type Replayed } from '../core/replay/decide.ts';
import { type Decided, type KnownRollout, type Score, score } from '../core/replay/score.ts';
import { clip } from '../core/report/plain-text.ts';
import type { ReplayOrigin } from '../core/report/replay-page.ts';
import { REPLAY_HEADS, replayCells } from '../core/report/replay-row.ts';
import { gathered, NOTHING_GATHERED } from '../core/report/replay-series.ts';
import { paceWords, totalsOf, totalsWords } from '../core/report/replay-totals.ts';
import { scoreTables } from '../core/report/score-words.ts';
import { replayReport } from './replay-report.ts';
import { type TextColumn, textRow, textTable } from './text-table.ts';

export interface OutputOptions {
  readonly kpis: readonly Kpi[];
  readonly json: boolean;
  /** Where the page goes; null for none. */
  readonly report: string | null;
  readonly origin: ReplayOrigin;
  readonly write: (text: string) => unknown;
  /** Width of the window; null when the text goes elsewhere, and nothing is cut. */
  readonly columns: number | null;
}

/** Decides over rollouts of the past one by one and shows each at once; nothing but small things is kept of them. */
export interface ReplayOutput {
  readonly replay: (past: Past, judgement: Judgement) => void;
  /** Totals, scores where the truth is known, and the page. */
  readonly end: () => Promise<void>;
}

export function replayOutput(options: OutputOptions): ReplayOutput {
  const page = options.report === null ? null : replayReport(options.origin);
  const print = options.json ? jsonPrinter(options) : tablePrinter(options);
  const all: Replayed[] = [];
  const known: KnownRollout[] = [];
  return {
    replay: (past, judgement) => {
      let seen = NOTHING_GATHERED;
      const replayed = decide(past, judgement, (tick) => {
        if (page !== null) seen = gathered(seen, tick);
      });
      page?.add({ past, replayed, seen, kpis: judgement.kpis });
      print.row(replayed);
      all.push(replayed);
      const { id, tick, truth } = past;
      if (truth !== undefined) known.push({ id, tick, truth });
    },
    end: async () => {
      const scored = known.length === 0 ? null : score(known, decisionsOf(all));
      print.end(all, scored);
      if (page === null || options.report === null) return;
      const file = await page.write(options.report, scored);
      if (!options.json) options.write(`\nReport: ${file}\n`);
    },
  };
}

interface Printer {
  readonly row: (replayed: Replayed) => void;
  readonly end: (all: readonly Replayed[], scored: Score | null) => void;
}

function jsonPrinter({ write }: OutputOptions): Printer {
  return { row: (replayed) => write(`${jsonLine(replayed)}\n`), end: () => undefined };
}

/** Rows are printed as they come, so that the widths of their columns are guessed; a longer cell pushes the rest. */
function tablePrinter({ kpis, write, columns: room }: OutputOptions): Printer {
  const widest = Math.max(3, ...kpis.map(({ title }) => title.length));
  const widths = [30, 8, 10, widest, 0];
  const columns: readonly TextColumn[] = REPLAY_HEADS.map((name, index) => ({
    name,
    side: 'left',
    width: widths[index] ?? 0,
  }));
  const line = (cells: readonly string[]): unknown => {
    const text = textRow(cells, columns);
    return write(`${room === null ? text : clip(text, room)}\n`);
  };
  let isBegun = false;
  return {
    row: (replayed) => {
      if (!isBegun) line(REPLAY_HEADS);
      isBegun = true;
      line(replayCells(replayed, kpis));
    },
    end: (all, scored) => {
      const tables = scored === null ? [] : scoreTables(scored);
      const totals = totalsOf(all);
      const words = [totalsWords(totals), paceWords(totals)].filter((part) => part !== '').join('; ');
      write(`${isBegun ? '\n' : ''}${words}\n`);
      for (const { title, columns, rows, total } of tables) {
        write(`\n${title}\n\n${textTable(columns, [...rows, total]).join('\n')}\n`);
      }
    },
  };
}

function jsonLine({ id, decision, tick, seconds, reason, nonInferiorTick }: Replayed): string {
  const kpi = reason?.kpi ?? null;
  const reasonCode = reason?.code ?? null;
  return JSON.stringify({ id, decision, tick, seconds, reasonCode, kpi, nonInferiorTick });
}

function decisionsOf(all: readonly Replayed[]): Readonly<Record<string, Decided>> {
  return Object.fromEntries(
    all.map(({ id, tick, nonInferiorTick }) => [id, { abortedAt: tick, nonInferiorAt: nonInferiorTick }]),
  );
}

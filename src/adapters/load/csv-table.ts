import { csvRecords, missingColumn } from './csv-records.ts';
import type { ReportFile } from './report-file.ts';
import { eachLine } from './report-lines.ts';
import { problemAt, type ReportProblem } from './report-problem.ts';

/** A row by the names of the header. */
export interface Row {
  readonly line: number;
  readonly text: (column: string) => string;
  /** NaN where it is none, or below 0. */
  readonly number: (column: string) => number;
  readonly columns: readonly string[];
}

/** Reads a table with a header, row by row; problems name the line. The answer is the number of the last line. */
export async function eachRow(
  file: ReportFile,
  needed: readonly string[],
  onRow: (row: Row) => ReportProblem | null,
): Promise<number | ReportProblem> {
  const state: { header: readonly string[] | null; lines: number } = { header: null, lines: 0 };
  const records = csvRecords(',', (cells, line) => {
    if (state.header !== null) {
      if (cells.length === state.header.length) return onRow(rowOf(state.header, cells, line));
      return problemAt(line, `${state.header.length} columns`, `${cells.length}: ${cells.join(',')}`);
    }
    const missing = missingColumn(cells, needed);
    if (missing !== null) return problemAt(line, `the column "${missing}"`, cells.join(','));
    state.header = cells;
    return null;
  });
  const problem = await eachLine(file, (text, number) => {
    state.lines = number;
    return records.line(text, number);
  });
  return problem ?? records.end() ?? state.lines;
}

function rowOf(columns: readonly string[], cells: readonly string[], line: number): Row {
  const text = (column: string): string => cells[columns.indexOf(column)] ?? '';
  return {
    line,
    columns,
    text,
    number: (column) => (/^\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text(column)) ? Number(text(column)) : Number.NaN),
  };
}

import Papa from 'papaparse';
import type { OnLine } from './report-lines.ts';
import { problemAt, type ReportProblem } from './report-problem.ts';

/** Lines that one quoted field may take, such as a message with a stack trace. */
const MOST_LINES = 10_000;

/** Hears each record and the number of the line on which it begins. */
export type OnRecord = (cells: readonly string[], line: number) => ReportProblem | null;

/** Takes lines apart; only those with quotes in them need a parser. */
export function csvRecords(
  delimiter: string,
  onRecord: OnRecord,
): { line: OnLine; end: () => ReportProblem | null } {
  let open: { readonly lines: string[]; readonly since: number; quotes: number } | null = null;
  const finish = (text: string, line: number): ReportProblem | null => {
    const { data, errors } = Papa.parse<string[]>(text, { delimiter, newline: '\n' });
    const [cells] = data;
    if (cells === undefined || data.length !== 1 || errors.length > 0) {
      return problemAt(line, 'a record with its quotes in pairs', text);
    }
    return onRecord(cells, line);
  };
  return {
    line: (text, number) => {
      if (open === null && !text.includes('"')) return onRecord(text.split(delimiter), number);
      open ??= { lines: [], since: number, quotes: 0 };
      open.lines.push(text);
      open.quotes += text.split('"').length - 1;
      if (open.quotes % 2 === 1) return open.lines.length > MOST_LINES ? unclosed(open) : null;
      const record = open;
      open = null;
      return finish(record.lines.join('\n'), record.since);
    },
    end: () => (open === null ? null : unclosed(open)),
  };
}

function unclosed({
  lines,
  since,
}: {
  readonly lines: readonly string[];
  readonly since: number;
}): ReportProblem {
  return problemAt(since, 'a closing quote', lines[0] ?? '');
}

/** The first of the needed columns that a header does not have. */
export function missingColumn(header: readonly string[], needed: readonly string[]): string | null {
  return needed.find((name) => !header.includes(name)) ?? null;
}

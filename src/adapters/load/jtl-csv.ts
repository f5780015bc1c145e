import { csvRecords, missingColumn } from './csv-records.ts';
import { type JtlSample, type JtlSamples, jtlSamples } from './jtl-samples.ts';
import type { ReportFile } from './report-file.ts';
import { eachLine } from './report-lines.ts';
import { problemAt, type ReportProblem, type RunOrProblem } from './report-problem.ts';

const NEEDED = ['timeStamp', 'elapsed', 'responseCode', 'responseMessage', 'success', 'label', 'threadName'];

/** Whether a line is the header of a JTL, and what stands between its columns. */
export function jtlDelimiter(header: string): string | null {
  const found = /^(?:.*[^\w])?timeStamp([^\w])|([^\w])timeStamp$/.exec(header);
  const delimiter = found?.[1] ?? found?.[2] ?? null;
  return delimiter !== null && header.split(delimiter).includes('elapsed') ? delimiter : null;
}

export async function readJtlCsv(file: ReportFile, delimiter: string): Promise<RunOrProblem> {
  const samples = jtlSamples();
  const state: { columns: Columns | null; line: number; parent: Parent | null } = {
    columns: null,
    line: 0,
    parent: null,
  };
  const records = csvRecords(delimiter, (cells, line) => {
    if (state.columns === null) {
      const columns = columnsOf(cells);
      if (!('width' in columns)) return columns;
      state.columns = columns;
      return null;
    }
    return hear(samples, state.columns, state, cells, line);
  });
  const problem = await eachLine(file, (text, number) => {
    state.line = number;
    return records.line(text, number);
  });
  return problem ?? records.end() ?? samples.run(file.path, state.line);
}

interface Columns {
  readonly width: number;
  readonly at: Readonly<Record<string, number>>;
}

/** The sample that those after it may be parts of: `moved-0` and `moved-1` are the two hops of `moved`. */
interface Parent {
  readonly label: string;
  readonly thread: string;
  readonly from: number;
  readonly to: number;
}

function columnsOf(header: readonly string[]): Columns | ReportProblem {
  const missing = missingColumn(header, NEEDED);
  if (missing !== null) {
    const seen = header.join(' ');
    return problemAt(1, `the column ${missing} (jmeter.save.saveservice properties of JMeter)`, seen);
  }
  return { width: header.length, at: Object.fromEntries(NEEDED.map((name) => [name, header.indexOf(name)])) };
}

function hear(
  samples: JtlSamples,
  { width, at }: Columns,
  state: { parent: Parent | null },
  cells: readonly string[],
  line: number,
): ReportProblem | null {
  if (cells.length !== width)
    return problemAt(line, `${width} columns`, `${cells.length}: ${cells.join(' ')}`);
  const cell = (name: string): string => cells[at[name] ?? -1] ?? '';
  const sample = sampleOf(cell);
  if (sample === null) {
    return problemAt(line, 'timeStamp and elapsed in ms, success true or false', cells.join(' '));
  }
  const label = cell('label');
  if (state.parent !== null && isPart(sample, label, state.parent)) return null;
  state.parent = { label, thread: sample.thread, from: sample.at, to: sample.at + sample.took };
  return samples.add(sample, line);
}

function sampleOf(cell: (name: string) => string): JtlSample | null {
  const [at, took, success] = [cell('timeStamp'), cell('elapsed'), cell('success')];
  if (!/^\d{12,14}$/.test(at) || !/^\d+$/.test(took) || !/^(true|false)$/.test(success)) return null;
  return {
    at: Number(at),
    took: Number(took),
    thread: cell('threadName'),
    success: success === 'true',
    code: cell('responseCode'),
    message: cell('responseMessage'),
  };
}

function isPart({ at, took, thread }: JtlSample, label: string, parent: Parent): boolean {
  if (thread !== parent.thread || !label.startsWith(`${parent.label}-`)) return false;
  const isNumbered = /^(-\d+)+$/.test(label.slice(parent.label.length));
  return isNumbered && at >= parent.from && at + took <= parent.to + 1;
}

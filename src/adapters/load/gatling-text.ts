import type { ReportFile } from './report-file.ts';
import { eachLine } from './report-lines.ts';
import { problemAt, type ReportProblem, type RunOrProblem } from './report-problem.ts';
import { type RequestTally, requestTally } from './request-tally.ts';

/** Lines of `simulation.log` up to Gatling 3.10, and how many columns they have. */
const COLUMNS: Readonly<Record<string, number>> = {
  RUN: 6,
  USER: 4,
  GROUP: 6,
  ERROR: 3,
  ASSERTION: 2,
  REQUEST: 7,
};

export async function readGatlingText(file: ReportFile): Promise<RunOrProblem> {
  const tally = requestTally();
  const lines = { read: 0, runs: 0 };
  const problem = await eachLine(file, (text, number) => {
    lines.read = number;
    if (text.startsWith('RUN\t')) lines.runs += 1;
    return lines.runs > 1 ? problemAt(number, 'one RUN', text) : hear(tally, text, number);
  });
  if (problem !== null) return problem;
  if (tally.requests() === 0) return problemAt(lines.read, 'at least one REQUEST', 'none');
  return tally.run('gatling', file.path);
}

function hear(tally: RequestTally, text: string, number: number): ReportProblem | null {
  const cells = text.split('\t');
  const [kind = '', , , start = '', end = '', outcome = '', message = ''] = cells;
  const columns = COLUMNS[kind];
  if (columns === undefined || cells.length < columns) {
    return problemAt(number, 'a line that Gatling writes, with all of its columns', text);
  }
  if (kind !== 'REQUEST') return null;
  if (!/^\d{12,14}$/.test(start) || !/^\d{12,14}$/.test(end) || !/^(OK|KO)$/.test(outcome)) {
    return problemAt(number, 'REQUEST, groups, name, start and end in ms, OK or KO, message', text);
  }
  const error = outcome === 'OK' ? null : message.trim() || 'KO';
  const wrong = tally.add({ at: Number(start), took: Number(end) - Number(start), error });
  return wrong === null ? null : problemAt(number, wrong, text);
}

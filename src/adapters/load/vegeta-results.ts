import { z } from 'zod';
import type { LoadRun } from '../../core/load/load-run.ts';
import { csvRecords } from './csv-records.ts';
import { kindOf } from './error-kinds.ts';
import type { ReportFile } from './report-file.ts';
import { eachLine, type OnLine } from './report-lines.ts';
import { problemAt, type ReportProblem, type RunOrProblem } from './report-problem.ts';
import { type RequestTally, requestTally } from './request-tally.ts';
import { isSuccess } from './vegeta.ts';

/* `vegeta encode --to json` and `--to csv`: a line for every request. */

const NANOSECONDS = 1e6;
const CSV_COLUMNS = 12;

const result = z.object({
  code: z.number().int(),
  timestamp: z.string(),
  latency: z.number(),
  error: z.string(),
});

export async function readVegetaJson(file: ReportFile): Promise<RunOrProblem> {
  const tally = requestTally();
  return readLines(file, tally, (text, number) => {
    const told = parseResult(text);
    if (told === null) return problemAt(number, 'a result with code, timestamp, latency and error', text);
    return count(tally, Date.parse(told.timestamp), told.latency, told.code, told.error, number);
  });
}

export async function readVegetaCsv(file: ReportFile): Promise<RunOrProblem> {
  const tally = requestTally();
  const records = csvRecords(',', (cells, line) => {
    const [at = '', code = '', latency = '', , , error = ''] = cells;
    if (cells.length !== CSV_COLUMNS || ![at, code, latency].every((cell) => /^\d+$/.test(cell))) {
      return problemAt(line, `a result of ${CSV_COLUMNS} columns`, cells.join(','));
    }
    return count(tally, Number(at) / NANOSECONDS, Number(latency), Number(code), error, line);
  });
  return readLines(file, tally, records.line, records.end);
}

async function readLines(
  file: ReportFile,
  tally: RequestTally,
  onLine: OnLine,
  end: () => ReportProblem | null = () => null,
): Promise<RunOrProblem> {
  const problem = (await eachLine(file, onLine)) ?? end();
  if (problem !== null) return problem;
  if (tally.requests() === 0) return problemAt(1, 'at least one result', 'none');
  return withRate(tally.run('vegeta', file.path), tally);
}

function parseResult(text: string): z.infer<typeof result> | null {
  try {
    return result.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

function count(
  tally: RequestTally,
  at: number,
  latency: number,
  code: number,
  error: string,
  line: number,
): ReportProblem | null {
  const failed = error !== '' || !isSuccess(code);
  const kind = failed ? kindOf(isSuccess(code) ? 0 : code, error || 'no answer') : null;
  const wrong = tally.add({ at, took: latency / NANOSECONDS, error: kind });
  return wrong === null ? null : problemAt(line, wrong, `${at}, ${latency} ns`);
}

/** The rate at which it sent, as vegeta itself tells it: it does not wait for answers. */
function withRate(run: LoadRun, tally: RequestTally): LoadRun {
  const { first, last } = tally.sent();
  if (!(last > first)) return run;
  const offeredRate = (run.requests / (last - first)) * 1_000;
  return { ...run, offeredRate, series: run.series.map((one) => ({ ...one, offered: one.requests })) };
}

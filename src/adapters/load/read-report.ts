import type { LoadReading } from '../../core/load/load-reading.ts';
import { KNOWN, readDocument } from './documents.ts';
import { readGatlingBinary } from './gatling-binary.ts';
import { readGatlingText } from './gatling-text.ts';
import { readHey } from './hey.ts';
import { readJtlCsv } from './jtl-csv.ts';
import { readJtlXml } from './jtl-xml.ts';
import { readK6Points } from './k6-points.ts';
import { readLocustStats } from './locust-csv.ts';
import { type Recognised, recognise } from './recognise.ts';
import { openReport, type ReportFile, readWhole } from './report-file.ts';
import { isProblem, problemAt, type RunOrProblem } from './report-problem.ts';
import { readVegetaCsv, readVegetaJson } from './vegeta-results.ts';
import { readWrk } from './wrk.ts';

/** Bytes of a report that is not known. */
const SHOWN = 400;

/**
 * Reads the report of a load test, whichever tool wrote it: told by its content, not by its name. A report that is
 * not whole, or whose numbers contradict each other, is unreadable; an AdapterError says that a file could not be
 * opened. Those that grow with the test are streamed, in bounded memory.
 */
export async function readLoadReport(path: string, signal: AbortSignal): Promise<LoadReading> {
  const file = await openReport(path, signal);
  const { head } = file;
  const outcome =
    head.length === 0 ? problemAt(1, KNOWN, 'an empty file') : await readAs(recognise(head), file);
  if (isProblem(outcome)) return { kind: 'unreadable', file: path, ...outcome };
  return { kind: 'read', runs: [outcome] };
}

async function readAs(as: Recognised, file: ReportFile): Promise<RunOrProblem> {
  switch (as.kind) {
    case 'k6-points':
      return readK6Points(file);
    case 'vegeta-json':
      return readVegetaJson(file);
    case 'vegeta-csv':
      return readVegetaCsv(file);
    case 'jtl-csv':
      return readJtlCsv(file, as.delimiter);
    case 'jtl-xml':
      return readJtlXml(file);
    case 'gatling-text':
      return readGatlingText(file);
    case 'gatling-binary':
      return readGatlingBinary(file);
    case 'locust-stats':
      return readLocustStats(file);
    case 'wrk':
      return readText(file, readWrk);
    case 'hey':
      return readText(file, readHey);
    case 'document':
      return readText(file, readDocument);
    case 'instead':
      return problemAt(1, as.expected, file.head.toString('utf8', 0, SHOWN));
    case 'unknown':
      return problemAt(1, KNOWN, file.head.toString('utf8', 0, SHOWN));
  }
}

async function readText(
  file: ReportFile,
  read: (text: string, source: string) => RunOrProblem,
): Promise<RunOrProblem> {
  const text = await readWhole(file);
  return typeof text === 'string' ? read(text.replace(/^\uFEFF/, ''), file.path) : text;
}

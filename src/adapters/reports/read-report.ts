import type { ParsedReport, ReportParser } from './draft.ts';
import { jsonReport } from './json-report.ts';
import { junitReport } from './junit.ts';
import { ReportFlaw } from './report-flaw.ts';
import { tapReport } from './tap.ts';

/** More blank space than this at the beginning is no report. */
const MOST_BLANK = 1_024;
const TAP_START = /^(TAP version \d+|1\.\.\d+|(not )?ok\b|#|Bail out!)/;

/** Reads a report of any known format: what it is shows in its first characters, whatever its name is. */
export async function readReport(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<ParsedReport> {
  let parser: ReportParser | null = null;
  let head: Uint8Array = new Uint8Array();
  for await (const chunk of chunks) {
    if (parser !== null) {
      parser.write(chunk);
      continue;
    }
    head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
    parser = parserFor(head);
    parser?.write(withoutMark(head));
  }
  return (parser ?? lastResort(head)).end();
}

/** Null while too little is there to say. */
function parserFor(head: Uint8Array): ReportParser | null {
  const text = startOf(head);
  if (text.length < 16 && head.length < MOST_BLANK) return null;
  return choose(text);
}

/** The whole file was too little to say. */
function lastResort(head: Uint8Array): ReportParser {
  if (head.length === 0) throw new ReportFlaw('the file is empty', '');
  const parser = choose(startOf(head));
  parser.write(withoutMark(head));
  return parser;
}

function choose(text: string): ReportParser {
  if (text.startsWith('<')) return junitReport();
  if (text.startsWith('{') || text.startsWith('[')) return jsonReport();
  if (TAP_START.test(text)) return tapReport();
  const seen = text
    .slice(0, 40)
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim();
  const expected = 'expected a report in JUnit XML, JSON of Playwright, Jest, Vitest or CTRF, or TAP';
  throw new ReportFlaw(`${expected}, saw ${seen === '' ? 'nothing readable' : `'${seen}'`}`, 'byte 0');
}

function startOf(head: Uint8Array): string {
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) {
    throw new ReportFlaw('expected UTF-8, saw UTF-16', 'byte 0');
  }
  return Buffer.from(withoutMark(head).subarray(0, MOST_BLANK)).toString('latin1').trimStart();
}

function withoutMark(head: Uint8Array): Uint8Array {
  return head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? head.subarray(3) : head;
}

import { type ByteCursor, byteCursor } from './byte-cursor.ts';
import { eachChunk, type ReportFile } from './report-file.ts';
import { problemAtByte, type ReportProblem, type RunOrProblem } from './report-problem.ts';
import { type RequestTally, requestTally } from './request-tally.ts';

/*
 * `simulation.log` since Gatling 3.11, as its own LogFileDataWriter and LogFileReader say: big-endian records, each
 * with a byte that says which it is. Texts that come again are told by the negative of their number.
 */
const [RUN, REQUEST, USER, GROUP, ERROR] = [0, 1, 2, 3, 4];

/** A record of more is no record. */
const LONGEST_RECORD = 4 * 1_024 * 1_024;
const MOST_TEXTS = 100_000;

interface Log {
  readonly tally: RequestTally;
  readonly texts: Map<number, string>;
  startedAt: number | null;
}

/** Null: not enough bytes. A text: what should have stood there. */
type Outcome = 'read' | null | { readonly expected: string; readonly seen: string };

export async function readGatlingBinary(file: ReportFile): Promise<RunOrProblem> {
  const log: Log = { tally: requestTally(), texts: new Map(), startedAt: null };
  let rest: Buffer = Buffer.alloc(0);
  let before = 0;
  const problem = await eachChunk(file, (chunk) => {
    const bytes = Buffer.concat([rest, chunk]);
    const read = readRecords(log, bytes, before);
    if (typeof read !== 'number') return read;
    before += read;
    rest = bytes.subarray(read);
    return rest.length > LONGEST_RECORD
      ? problemAtByte(before, 'a record of at most 4 MB', 'a longer one')
      : null;
  });
  if (problem !== null) return problem;
  if (rest.length > 0) return problemAtByte(before, 'the rest of a record; the log was cut', 'end of file');
  if (log.tally.requests() === 0) return problemAtByte(before, 'at least one request', 'none');
  return log.tally.run('gatling', file.path);
}

/** How many bytes the whole records took. */
function readRecords(log: Log, bytes: Buffer, before: number): number | ReportProblem {
  let done = 0;
  while (done < bytes.length) {
    const cursor = byteCursor(bytes, done);
    const outcome = readRecord(log, cursor);
    if (outcome === null) return done;
    if (outcome !== 'read') return problemAtByte(before + done, outcome.expected, outcome.seen);
    done = cursor.at();
  }
  return done;
}

function readRecord(log: Log, cursor: ByteCursor): Outcome {
  const kind = cursor.byte();
  if (kind === undefined) return null;
  if ((kind === RUN) !== (log.startedAt === null))
    return { expected: 'one run record, first', seen: `record ${kind}` };
  switch (kind) {
    case RUN:
      return readRun(log, cursor);
    case REQUEST:
      return readRequest(log, cursor);
    case USER:
      return cursor.bytes(9) === undefined ? null : 'read';
    case GROUP:
      return readGroups(log, cursor) && cursor.bytes(13) !== undefined ? 'read' : null;
    case ERROR:
      return readCached(log, cursor) === undefined || cursor.int() === undefined ? null : 'read';
    default:
      return { expected: 'a record of Gatling', seen: `record ${kind}` };
  }
}

function readRun(log: Log, cursor: ByteCursor): Outcome {
  const [version, simulation, start] = [readText(cursor), readText(cursor), cursor.long()];
  const described = readText(cursor);
  if (version === undefined || simulation === undefined || start === undefined || described === undefined)
    return null;
  if (!/^\d+\.\d+/.test(version)) return { expected: 'the version of Gatling', seen: version };
  for (let left = cursor.int() ?? -1; left !== 0; left -= 1)
    if (left < 0 || readText(cursor) === undefined) return null;
  for (let left = cursor.int() ?? -1; left !== 0; left -= 1) {
    if (left < 0 || cursor.bytes(cursor.int() ?? -1) === undefined) return null;
  }
  log.startedAt = start;
  return 'read';
}

/** Times are milliseconds since the start of the run. */
function readRequest(log: Log, cursor: ByteCursor): Outcome {
  if (!readGroups(log, cursor) || readCached(log, cursor) === undefined) return null;
  const [start, end, ok] = [cursor.int(), cursor.int(), cursor.byte()];
  const message = readCached(log, cursor);
  if (start === undefined || end === undefined || ok === undefined || message === undefined) return null;
  if (ok > 1) return { expected: 'OK (1) or KO (0)', seen: String(ok) };
  const at = (log.startedAt ?? 0) + start;
  const wrong = log.tally.add({ at, took: end - start, error: ok === 1 ? null : message || 'KO' });
  return wrong === null ? 'read' : { expected: wrong, seen: `${start} to ${end} ms` };
}

function readGroups(log: Log, cursor: ByteCursor): boolean {
  for (let left = cursor.int() ?? -1; left !== 0; left -= 1) {
    if (left < 0 || readCached(log, cursor) === undefined) return false;
  }
  return true;
}

/** A text that has its number with it is new. */
function readCached({ texts }: Log, cursor: ByteCursor): string | undefined {
  const number = cursor.int();
  if (number === undefined) return undefined;
  if (number < 0) return texts.get(-number);
  const text = readText(cursor);
  if (text !== undefined && texts.size < MOST_TEXTS) texts.set(number, text);
  return text;
}

/** As Java holds it: Latin-1, or UTF-16 of the machine that wrote it. */
function readText(cursor: ByteCursor): string | undefined {
  const length = cursor.int();
  if (length === 0) return '';
  const bytes = cursor.bytes(length ?? -1);
  const coder = cursor.byte();
  if (bytes === undefined || coder === undefined) return undefined;
  return bytes.toString(coder === 0 ? 'latin1' : 'utf16le');
}

import { StringDecoder } from 'node:string_decoder';
import { eachChunk, type ReportFile } from './report-file.ts';
import { problemAt, type ReportProblem } from './report-problem.ts';

const LONGEST_LINE = 4 * 1_024 * 1_024;

/** Hears each line, without its end; null to go on. */
export type OnLine = (text: string, number: number) => ReportProblem | null;

/**
 * Reads a report that grows line by line, whatever its size. The tools end every line, so that a last line without
 * an end is one that was cut.
 */
export async function eachLine(file: ReportFile, onLine: OnLine): Promise<ReportProblem | null> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let number = 0;
  const problem = await eachChunk(file, (chunk) => {
    const text = rest + decoder.write(chunk);
    let from = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      number += 1;
      const found = onLine(text.slice(from, text[end - 1] === '\r' ? end - 1 : end), number);
      if (found !== null) return found;
      from = end + 1;
    }
    rest = text.slice(from);
    return rest.length > LONGEST_LINE ? problemAt(number + 1, 'a line of at most 4 MB', rest) : null;
  });
  if (problem !== null) return problem;
  return rest === '' ? null : cutAt(number + 1, rest + decoder.end());
}

function cutAt(line: number, rest: string): ReportProblem {
  return problemAt(
    line,
    'the end of the line; the report was cut: wait until the tool has written it',
    `end of file after "${rest.slice(-40)}"`,
    rest.length + 1,
  );
}

import { StringDecoder } from 'node:string_decoder';
import { SaxesParser } from 'saxes';
import { type JtlSample, jtlSamples } from './jtl-samples.ts';
import { eachChunk, type ReportFile } from './report-file.ts';
import { problemAt, type ReportProblem, type RunOrProblem } from './report-problem.ts';

const TRANSACTION = 'Number of samples in transaction';

/** JMeter's log as XML. What a document type could define is never expanded: none is taken. */
export async function readJtlXml(file: ReportFile): Promise<RunOrProblem> {
  const samples = jtlSamples();
  const parser = new SaxesParser({ xmlns: false });
  const state: { problem: ReportProblem | null; depth: number; counted: number | null } = {
    problem: null,
    depth: 0,
    counted: null,
  };
  const fail = (problem: ReportProblem | null): void => {
    state.problem ??= problem;
  };
  const here = (expected: string, seen: string): ReportProblem =>
    problemAt(parser.line, expected, seen, parser.column + 1);
  parser.on('error', ({ message }) => fail(here('whole XML; the report was cut or changed', message)));
  parser.on('doctype', () => fail(here('XML as JMeter writes it', 'a document type')));
  parser.on('opentag', ({ name, attributes }) => {
    state.depth += 1;
    if (state.depth === 1 && name !== 'testResults') fail(here('<testResults>', `<${name}>`));
    if ((name !== 'sample' && name !== 'httpSample') || state.counted !== null) return;
    const sample = sampleOf(attributes);
    if (sample === null)
      return fail(here('a sample with ts, t, s, rc, rm and tn', JSON.stringify(attributes)));
    if (!sample.message.startsWith(TRANSACTION)) state.counted = state.depth;
    fail(samples.add(sample, parser.line));
  });
  parser.on('closetag', () => {
    if (state.counted === state.depth) state.counted = null;
    state.depth -= 1;
  });
  const decoder = new StringDecoder('utf8');
  const problem = await eachChunk(file, (chunk) => {
    parser.write(decoder.write(chunk));
    return state.problem;
  });
  if (problem !== null) return problem;
  parser.close();
  return state.problem ?? samples.run(file.path, parser.line);
}

function sampleOf(told: Readonly<Record<string, string>>): JtlSample | null {
  const { ts = '', t = '', s = '', rc, rm, tn } = told;
  if (!/^\d{12,14}$/.test(ts) || !/^\d+$/.test(t) || !/^(true|false)$/.test(s)) return null;
  if (rc === undefined || rm === undefined || tn === undefined) return null;
  return { at: Number(ts), took: Number(t), thread: tn, success: s === 'true', code: rc, message: rm };
}

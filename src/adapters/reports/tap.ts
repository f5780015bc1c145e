import type { TestCase, TestOutcome } from '../../core/e2e/test-case.ts';
import { draftReport, type ReportParser, tagsIn, toTest } from './draft.ts';
import { ReportFlaw } from './report-flaw.ts';
import { type Diagnostics, readDiagnostics } from './tap-diagnostics.ts';
import { textDecoder } from './text-decoder.ts';

/** Points of one depth that no point above them has claimed. */
interface Level {
  readonly tests: TestCase[];
  points: number;
  plan: number | null;
}

interface Point {
  readonly depth: number;
  readonly isOk: boolean;
  readonly name: string;
  readonly directive: string;
  diagnostics: Diagnostics | null;
}

const LONGEST_LINE = 65_536;
const DEEPEST = 50;
/** The Test Anything Protocol, 13 and 14: four columns for each depth of subtests. */
const POINT = /^( *)(not )?ok\b(?: +\d+)?(?: +-)? *(.*)$/;
const PLAN = /^( *)1\.\.(\d+)\s*(?:#.*)?$/;

const BAIL_OUT = /^\s*Bail out!\s*(.*)$/;
const LONGEST_DIAGNOSTICS = 200;

/** How far the report has come. */
interface Reading {
  readonly report: ReturnType<typeof draftReport>;
  readonly levels: Level[];
  /** The last point, whose diagnostics may follow. */
  point: Point | null;
  /** Diagnostics that have begun. */
  block: { readonly indent: string; readonly lines: string[] } | null;
  line: number;
  bailed: boolean;
}

export function tapReport(): ReportParser {
  const report = draftReport();
  const decoder = textDecoder();
  const reading: Reading = { report, levels: [], point: null, block: null, line: 0, bailed: false };
  let rest = '';
  const feed = (text: string): void => {
    const lines = (rest + text).split('\n');
    rest = (lines.pop() ?? '').slice(0, LONGEST_LINE);
    for (const one of lines) take(reading, one.endsWith('\r') ? one.slice(0, -1) : one);
  };
  const end = () => {
    feed(decoder.end());
    if (rest !== '') wrong(reading, 'cut off: the last line does not end');
    for (const test of testsOf(reading)) report.addTest(test);
    return report.finish('tap');
  };
  return { write: (chunk) => feed(decoder.write(chunk)), end };
}

function take(reading: Reading, text: string): void {
  reading.line += 1;
  if (reading.block !== null) takeDiagnostics(reading, reading.block, text);
  else if (reading.point !== null && /^ +---\s*$/.test(text)) {
    reading.block = { indent: text.slice(0, text.indexOf('-')), lines: [] };
  } else if (!takePlan(reading, text) && !takePoint(reading, text)) takeBailOut(reading, text);
}

function takeDiagnostics(reading: Reading, block: NonNullable<Reading['block']>, text: string): void {
  if (text === `${block.indent}...`) {
    if (reading.point !== null) reading.point.diagnostics = readDiagnostics(block.lines);
    reading.block = null;
  } else if (block.lines.length < LONGEST_DIAGNOSTICS) block.lines.push(text);
}

/** Whether the line is one. */
function takePlan(reading: Reading, text: string): boolean {
  const [, indent, count] = PLAN.exec(text) ?? [];
  if (indent === undefined || indent.length % 4 !== 0) return false;
  settle(reading);
  const level = levelAt(reading, indent.length / 4);
  if (level.plan !== null) wrong(reading, 'a second plan');
  level.plan = Number(count);
  return true;
}

/** Whether the line is one. */
function takePoint(reading: Reading, text: string): boolean {
  const [, indent, not, words = ''] = POINT.exec(text) ?? [];
  if (indent === undefined || indent.length % 4 !== 0) return false;
  settle(reading);
  const point = toPoint(indent.length / 4, not === undefined, words);
  levelAt(reading, point.depth).points += 1;
  reading.point = point;
  return true;
}

function takeBailOut(reading: Reading, text: string): void {
  const [, why] = BAIL_OUT.exec(text) ?? [];
  if (why === undefined) return;
  reading.bailed = true;
  reading.report.trouble(`bailed out: ${why}`);
}

/** A point ends when the next thing begins: its diagnostics follow it. */
function settle(reading: Reading): void {
  const { point, levels } = reading;
  if (point === null) return;
  const { tests } = levelAt(reading, point.depth);
  const below = levels.splice(point.depth + 1).flatMap((level) => endLevel(reading, level));
  const own = toCase(point);
  for (const test of below) tests.push({ ...test, suites: [own.name, ...test.suites] });
  const isSuite = below.length > 0 && (own.outcome !== 'failed' || below.some(isFailed));
  if (!isSuite) tests.push(own);
  reading.point = null;
}

function levelAt(reading: Reading, depth: number): Level {
  const { levels } = reading;
  if (depth >= DEEPEST) wrong(reading, `nested more than ${DEEPEST} deep`);
  while (levels.length <= depth) levels.push({ tests: [], points: 0, plan: null });
  return levels[depth] ?? wrong(reading, 'no such depth');
}

function endLevel(reading: Reading, level: Level): readonly TestCase[] {
  if (reading.bailed) return level.tests;
  if (level.plan === null) wrong(reading, 'cut off: there is no plan such as `1..5`');
  if (level.plan !== level.points) {
    wrong(reading, `cut off: the plan says ${level.plan} tests, and ${level.points} were read`);
  }
  return level.tests;
}

/** All of them, once the report has ended. */
function testsOf(reading: Reading): readonly TestCase[] {
  const { levels, bailed } = reading;
  if (reading.block !== null) wrong(reading, 'cut off in the diagnostics of a test');
  settle(reading);
  if (levels.length === 0 && !bailed) wrong(reading, 'no plan and no test');
  if (levels.length > 1 && !bailed) wrong(reading, 'cut off: subtests without the test that they are of');
  return levels.flatMap((level) => endLevel(reading, level));
}

function wrong({ line }: Reading, why: string): never {
  throw new ReportFlaw(why, `line ${line}`);
}

function toPoint(depth: number, isOk: boolean, words: string): Point {
  const [, before = words, directive = ''] = /^(.*?)(?<!\\)\s*#\s*(skip|todo)/i.exec(words) ?? [];
  const name = before
    .replace(/\s+#\s+time=\S+\s*$/, '')
    .replace(/\\([#\\])/g, '$1')
    .trim();
  return { depth, isOk, name, directive: directive.toLowerCase(), diagnostics: null };
}

/** What is still to do proves nothing, whether it works already or not. */
function outcomeOf({ isOk, directive }: Point): TestOutcome {
  if (directive === 'todo' || (directive === 'skip' && isOk)) return 'skipped';
  return isOk ? 'passed' : 'failed';
}

function toCase(point: Point): TestCase {
  const { name, diagnostics } = point;
  const { file = null, line = null, duration = null, message = '' } = diagnostics ?? {};
  const shown = name === '' ? 'a test without a name' : name;
  const outcome = outcomeOf(point);
  return toTest({ name: shown, suites: [], file, line, duration, message, tags: tagsIn(name), outcome });
}

function isFailed({ outcome }: TestCase): boolean {
  return outcome === 'failed';
}

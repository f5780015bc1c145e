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

export function tapReport(): ReportParser {
  const report = draftReport();
  const decoder = textDecoder();
  const levels: Level[] = [];
  let point: Point | null = null;
  let block: { readonly indent: string; readonly lines: string[] } | null = null;
  let rest = '';
  let line = 0;
  let bailed = false;
  const wrong = (why: string): never => {
    throw new ReportFlaw(why, `line ${line}`);
  };

  const levelAt = (depth: number): Level => {
    if (depth >= DEEPEST) wrong(`nested more than ${DEEPEST} deep`);
    while (levels.length <= depth) levels.push({ tests: [], points: 0, plan: null });
    return levels[depth] ?? wrong('no such depth');
  };
  const endLevel = (level: Level): readonly TestCase[] => {
    if (bailed) return level.tests;
    if (level.plan === null) wrong('cut off: there is no plan such as `1..5`');
    if (level.plan !== level.points) {
      wrong(`cut off: the plan says ${level.plan} tests, and ${level.points} were read`);
    }
    return level.tests;
  };
  /** A point ends when the next thing begins: its diagnostics follow it. */
  const settle = (): void => {
    if (point === null) return;
    const { depth } = point;
    const { tests } = levelAt(depth);
    const below = levels.splice(depth + 1).flatMap(endLevel);
    const own = toCase(point);
    for (const test of below) tests.push({ ...test, suites: [own.name, ...test.suites] });
    const isSuite = below.length > 0 && (own.outcome !== 'failed' || below.some(isFailed));
    if (!isSuite) tests.push(own);
    point = null;
  };
  const plan = (depth: number, count: number): void => {
    settle();
    const level = levelAt(depth);
    if (level.plan !== null) wrong('a second plan');
    level.plan = count;
  };
  const take = (text: string): void => {
    line += 1;
    if (block !== null) {
      if (text === `${block.indent}...`) {
        if (point !== null) point.diagnostics = readDiagnostics(block.lines);
        block = null;
      } else if (block.lines.length < 200) block.lines.push(text);
      return;
    }
    if (point !== null && /^ +---\s*$/.test(text)) {
      block = { indent: text.slice(0, text.indexOf('-')), lines: [] };
      return;
    }
    const [, planIndent, count] = PLAN.exec(text) ?? [];
    if (planIndent !== undefined && planIndent.length % 4 === 0) {
      plan(planIndent.length / 4, Number(count));
      return;
    }
    const [, indent, not, words = ''] = POINT.exec(text) ?? [];
    if (indent !== undefined && indent.length % 4 === 0) {
      settle();
      point = toPoint(indent.length / 4, not === undefined, words);
      levelAt(point.depth).points += 1;
      return;
    }
    const [, why] = /^\s*Bail out!\s*(.*)$/.exec(text) ?? [];
    if (why === undefined) return;
    bailed = true;
    report.trouble(`bailed out: ${why}`);
  };
  const feed = (text: string): void => {
    const lines = (rest + text).split('\n');
    rest = (lines.pop() ?? '').slice(0, LONGEST_LINE);
    for (const one of lines) take(one.endsWith('\r') ? one.slice(0, -1) : one);
  };
  const end = () => {
    feed(decoder.end());
    if (rest !== '') wrong('cut off: the last line does not end');
    if (block !== null) wrong('cut off in the diagnostics of a test');
    settle();
    if (levels.length === 0 && !bailed) wrong('no plan and no test');
    if (levels.length > 1 && !bailed) wrong('cut off: subtests without the test that they are of');
    for (const test of levels.flatMap(endLevel)) report.addTest(test);
    return report.finish('tap');
  };
  return { write: (chunk) => feed(decoder.write(chunk)), end };
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

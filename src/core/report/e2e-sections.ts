import { firstLine } from '../e2e/notes.ts';
import { type E2eResult, type ToldTest, timeWords } from '../e2e/result.ts';
import { type Cell, codeSpan, joinLines, type Markdown, md, table } from './markdown.ts';
import { clip, oneLine } from './plain-text.ts';
import { STATUS_WORDS } from './words.ts';

const MOST_ROWS = 20;
const LONGEST_CELL = 240;

/** What an E2E gate shows under its findings. The first matter most: with too little room the last go. */
export function e2eSections(result: E2eResult): readonly Markdown[] {
  const sections = [flows(result), failures(result), flaky(result), quarantined(result), slowest(result)];
  return sections.filter((section) => section !== null);
}

function flows({ flows: all }: E2eResult): Markdown | null {
  const columns = ['Flow', '', 'Passed', 'Failed', 'Flaky', 'Skipped', 'Quarantined', 'Time'];
  const rows = all.map((flow): Cell[] => [
    md`**${clip(oneLine(flow.title), 80)}**`,
    `${STATUS_WORDS[flow.status].mark} ${STATUS_WORDS[flow.status].word}`,
    ...[flow.passed, flow.failed, flow.flaky, flow.skipped, flow.quarantined].map(figure),
    timeWords(flow.durationMs),
  ]);
  return section('Flows', columns, rows, all.length);
}

function failures({ failures: all, tests }: E2eResult): Markdown | null {
  const rows = all.map((test): Cell[] => [
    nameCell(test),
    placeCell(test),
    textCell(firstLines(test.message)),
  ]);
  return section('Failures', ['Test', 'Where', 'What it says'], rows, tests.failed);
}

function flaky({ flaky: all, tests }: E2eResult): Markdown | null {
  const rows = all.map((test): Cell[] => [
    nameCell(test),
    String(test.attempts),
    textCell(firstLine(test.message)),
  ]);
  return section('Passed only when tried again', ['Test', 'Attempts', 'What it said'], rows, tests.flaky);
}

function quarantined({ quarantined: all, tests }: E2eResult): Markdown | null {
  const rows = all.map((test): Cell[] => [
    nameCell(test),
    test.outcome,
    textCell(test.owner),
    textCell(test.reason),
    String(test.daysLeft),
  ]);
  return section('In quarantine', ['Test', 'Now', 'Owner', 'Reason', 'Days left'], rows, tests.quarantined);
}

function slowest({ slowest: all }: E2eResult): Markdown | null {
  const rows = all.map((test): Cell[] => [nameCell(test), timeWords(test.durationMs)]);
  return section('Slowest tests', ['Test', 'Time'], rows, rows.length);
}

function section(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
  total: number,
): Markdown | null {
  if (rows.length === 0) return null;
  const shown = rows.slice(0, MOST_ROWS);
  const list = table(
    columns.map((column) => ({ title: column })),
    shown,
  );
  const more =
    total > shown.length ? [md``, md`${total - shown.length} more in the \`result\` output or the log.`] : [];
  return joinLines([md`### ${title}`, md``, list, ...more]);
}

function figure(count: number): string {
  return count === 0 ? '' : String(count);
}

function textCell(text: string): string {
  return clip(oneLine(text), LONGEST_CELL);
}

function nameCell({ name, variant }: ToldTest): string {
  return textCell(variant === null ? name : `${name} [${variant}]`);
}

function placeCell({ file, line }: ToldTest): Cell {
  if (file === null) return '';
  return codeSpan(clip(line === null ? file : `${file}:${line}`, 120));
}

function firstLines(message: string): string {
  const lines = message
    .split('\n')
    .map(oneLine)
    .filter((text) => text !== '');
  return lines.slice(0, 3).join(' / ');
}

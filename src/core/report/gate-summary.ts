import { isShut } from '../checks/checklist.ts';
import type { Evidence, Finding, FindingStatus } from '../checks/finding.ts';
import type { GateResult } from '../checks/gate-result.ts';
import { formatDuration } from '../units.ts';
import { ANNOTATION_LENGTH } from './annotation.ts';
import { type Cell, codeSpan, joinLines, link, type Markdown, md, table } from './markdown.ts';
import { asSentence, clip, oneLine, utf8Bytes } from './plain-text.ts';
import { formatInstant, STATUS_WORDS, shortVersion } from './words.ts';

const MARKS = { pass: '✅', fail: '❌', inconclusive: '⚠️' } as const;
/** What keeps the gate shut stands first. */
const ORDER: readonly FindingStatus[] = ['fail', 'error', 'no-data', 'warn', 'waived', 'pass', 'skipped'];
/** With too little room, cells are cut shorter and shorter; the verdict never is. */
const CELL_LENGTHS = [400, 120, 40];

/**
 * A gate as GitHub-flavoured markdown, to be read in ten seconds, with what more it has to tell under its findings.
 * Never longer than `maxBytes`: the last sections go first, then cells are cut shorter, then the findings go.
 */
export function renderGateSummary(
  result: GateResult,
  maxBytes: number,
  sections: readonly Markdown[] = [],
): string {
  for (const length of CELL_LENGTHS) {
    for (let kept = sections.length; kept >= 0; kept -= 1) {
      const parts = [...bodyOf(result, length), ...sections.slice(0, kept).flatMap((one) => [md``, one])];
      const text = `${joinLines(parts).markdown}\n`;
      if (utf8Bytes(text) <= maxBytes) return text;
    }
  }
  const verdict = `${headingOf(result).markdown}\n`;
  return utf8Bytes(verdict) <= maxBytes ? verdict : MARKS[result.verdict];
}

function bodyOf(result: GateResult, length: number): Markdown[] {
  const { service, subject, findings } = result;
  const what = md`${service} → ${subject.environment}, version ${codeSpan(shortVersion(subject.version))}`;
  const commit = md`commit ${codeSpan(subject.sha.slice(0, 7))}`;
  const when = `${formatInstant(result.startedAt)}, ${formatDuration(result.endedAt - result.startedAt)}`;
  const columns = ['Check', 'Verdict', 'Seen', 'Expected', 'Evidence', 'What to do'];
  const rows = inOrder(findings).map((finding) => cellsOf(finding, length));
  const list = table(
    columns.map((title) => ({ title })),
    rows,
  );
  const by = subject.actor === '' ? md`` : md`, started by ${subject.actor}`;
  return [
    headingOf(result),
    md``,
    md`${what}, ${commit}${by}. ${when}.`,
    md``,
    list,
    md``,
    md`<sub>${codeSpan(result.reasonCode)}</sub>`,
  ];
}

function headingOf({ verdict, message }: GateResult): Markdown {
  return md`## ${MARKS[verdict]} ${clip(asSentence(message), 500)}`;
}

/** What needs a person first, else in the order of the checklist. */
export function inOrder(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((one, other) => ORDER.indexOf(one.status) - ORDER.indexOf(other.status));
}

function cellsOf(finding: Finding, length: number): Cell[] {
  const { title, status, observed, expected, detail = '', fix = '', evidence = [] } = finding;
  const { mark, word } = STATUS_WORDS[status];
  const cut = (text: string): string => clip(oneLine(text), length);
  const seen = detail === '' ? md`${cut(observed)}` : md`${cut(observed)}<br>${cut(detail)}`;
  const name = cut(title);
  return [
    isShut(finding) ? md`**${name}**` : name,
    `${mark} ${word}`,
    seen,
    cut(expected),
    evidenceCell(evidence, length),
    status === 'pass' ? '' : cut(fix),
  ];
}

function evidenceCell(evidence: readonly Evidence[], length: number): Markdown {
  const shown = evidence
    .slice(0, 5)
    .map(({ label, url }) => link(clip(oneLine(label), 60), url ?? '').markdown);
  const text = shown.join('<br>');
  return { markdown: utf8Bytes(text) > 6 * length ? '' : text };
}

/** The verdict and what keeps the gate shut, as one line of plain text for an annotation. */
export function renderGateLine(result: GateResult): string {
  const shut = result.findings.filter(isShut).map((finding) => `${finding.title}: ${finding.observed}`);
  const parts = [`${asSentence(result.message)} [${result.reasonCode}]`, ...shut.map(asSentence)];
  return clip(parts.map(oneLine).join(' '), ANNOTATION_LENGTH);
}

/** One finding as a line of a log. */
export function renderFindingLine(
  finding: Pick<Finding, 'title' | 'status' | 'observed' | 'detail' | 'fix'>,
): string {
  const { mark, word } = STATUS_WORDS[finding.status];
  const detail = finding.detail === undefined ? '' : ` (${finding.detail})`;
  const fix = finding.fix === undefined || finding.status === 'pass' ? '' : ` -> ${finding.fix}`;
  return clip(oneLine(`${mark} ${word}  ${finding.title}: ${finding.observed}${detail}${fix}`), 1_000);
}

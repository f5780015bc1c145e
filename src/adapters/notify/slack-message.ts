import type { Finding } from '../../core/checks/finding.ts';
import { headlineOf } from '../../core/report/headline.ts';
import { clip, oneLine } from '../../core/report/plain-text.ts';
import { formatCount, formatPercent, STATUS_WORDS, shortVersion } from '../../core/report/words.ts';
import type { Result } from '../../core/result.ts';
import { formatDuration } from '../../core/units.ts';

/** Slack's limits, in characters as they are sent: a header, the text of a section, one of its fields, and a message. */
const HEADER = 150;
const SECTION = 3_000;
const FIELD = 2_000;
const FALLBACK = 3_000;
const MOST_FINDINGS = 10;
const MOST_WARNINGS = 5;

type Mrkdwn = { readonly type: 'mrkdwn'; readonly text: string };

export type SlackBlock =
  | { readonly type: 'header'; readonly text: { readonly type: 'plain_text'; readonly text: string } }
  | { readonly type: 'section'; readonly text: Mrkdwn }
  | { readonly type: 'section'; readonly fields: Mrkdwn[] }
  | { readonly type: 'context'; readonly elements: Mrkdwn[] };

export interface SlackMessage {
  /** What a notification shows, and who cannot see the blocks. */
  readonly text: string;
  readonly blocks: SlackBlock[];
}

/** One result as Slack's Block Kit has it: at most seven blocks, each within its limit. `link` leads to the run. */
export function slackMessage(result: Result, link: string | null): SlackMessage {
  const { mark, title, why, traffic } = headlineOf(result);
  const place = `${result.service} in ${result.environment}`;
  const head = `${mark} ${title}`;
  const story = [why, traffic].filter((part) => part !== '').join(' ');
  return {
    text: escaped([`${head} (${place})`, story].filter((part) => part !== '').join(': '), FALLBACK),
    blocks: [
      // Shown as it is; without what Slack might take for markup after all.
      {
        type: 'header',
        text: { type: 'plain_text', text: clip(oneLine(head).replace(/[<>&]/g, '·'), HEADER) },
      },
      ...(story === '' ? [] : [section([story])]),
      { type: 'section', fields: fieldsOf(result) },
      ...listed('', result.findings.filter(isTold).map(lineOf), MOST_FINDINGS),
      ...listed(':warning: ', result.warnings, MOST_WARNINGS),
      { type: 'context', elements: [mrkdwn(contextOf(result, link))] },
    ],
  };
}

function isTold({ status }: Finding): boolean {
  return status !== 'pass' && status !== 'skipped';
}

function lineOf({ status, title, observed, expected }: Finding): string {
  return `${STATUS_WORDS[status].mark} ${title}: ${observed} (expected ${expected})`;
}

function fieldsOf(result: Result): Mrkdwn[] {
  const { version, serving, weight, exposed, startedAt, endedAt } = result;
  const took = startedAt !== null && endedAt !== null ? formatDuration(endedAt - startedAt) : null;
  const bad = exposed.bad === 0 ? '' : `, ${formatCount(exposed.bad)} of them bad`;
  const fields: readonly (readonly [string, string | null])[] = [
    ['Service', result.service],
    ['Environment', result.environment],
    ['Version', version === null ? null : shortVersion(version)],
    ['Serving', serving === null ? null : shortVersion(serving)],
    ['Weight of the new version', weight === null ? 'not known' : formatPercent(weight)],
    ['Reason', result.reasonCode],
    ['Requests on the canary', exposed.requests === 0 ? null : `${formatCount(exposed.requests)}${bad}`],
    ['Took', took],
  ];
  return fields.flatMap(([name, value]) =>
    value === null ? [] : [mrkdwn(`*${name}*\n${escaped(value, FIELD - name.length - 3)}`)],
  );
}

/** Nothing for nothing; else one section of at most so many lines, and how many more there are. */
function listed(mark: string, lines: readonly string[], most: number): SlackBlock[] {
  if (lines.length === 0) return [];
  const room = Math.floor((SECTION - 100) / most) - mark.length - 1;
  const shown = lines.slice(0, most).map((line) => `${mark}${escaped(line, room)}`);
  const more = lines.length > most ? [`and ${lines.length - most} more`] : [];
  return [{ type: 'section', text: mrkdwn([...shown, ...more].join('\n')) }];
}

function section(lines: readonly string[]): SlackBlock {
  return { type: 'section', text: mrkdwn(escaped(lines.join(' '), SECTION)) };
}

function contextOf({ rolloutId, operation }: Result, link: string | null): string {
  const what = rolloutId === null ? operation : `${operation}, rollout ${rolloutId}`;
  const told = escaped(what, 500);
  return link === null ? told : `${told} · <${link}|the run>`;
}

function mrkdwn(text: string): Mrkdwn {
  return { type: 'mrkdwn', text };
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Foreign text on one line, in which Slack finds no mention and no link; at most `length` long, never half an entity. */
export function escaped(text: string, length: number): string {
  const pieces = [...oneLine(text)].map((character) => ENTITIES[character] ?? character);
  if (pieces.join('').length <= length) return pieces.join('');
  let cut = '';
  for (const piece of pieces) {
    if (cut.length + piece.length > length - 1) break;
    cut += piece;
  }
  return `${cut}…`;
}

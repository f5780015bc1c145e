import { joinLines, link, type Markdown, md, table } from './markdown.ts';
import { clip, oneLine } from './plain-text.ts';
import { shortVersion } from './words.ts';

/** The four states of a commit status on GitHub. */
export const GATE_STATES = ['pending', 'success', 'failure', 'error'] as const;
export type GateState = (typeof GATE_STATES)[number];

/** What one gate says of one commit. */
export interface GateLine {
  readonly gate: string;
  readonly state: GateState;
  /** Why, in plain text of at most 140 characters. */
  readonly description: string;
  /** Where the evidence is. */
  readonly url: string | null;
  /** The commit that it says it of. */
  readonly sha: string;
}

/** GitHub's limit on the description of a commit status. */
export const WHY_LENGTH = 140;
const LONGEST_URL = 1_000;
/** A gate of ours is known by this; the rest is its name. */
const PREFIX = 'deploy-canary/';

const WORDS: Readonly<Record<GateState, { readonly mark: string; readonly word: string }>> = {
  pending: { mark: '⏳', word: 'Pending' },
  success: { mark: '✅', word: 'Pass' },
  failure: { mark: '❌', word: 'Fail' },
  error: { mark: '⚠️', word: 'No answer' },
};

export const contextOf = (gate: string): string => `${PREFIX}${gate}`;

/** Null for the status of somebody else. */
export function gateOf(context: string): string | null {
  return context.startsWith(PREFIX) ? context.slice(PREFIX.length) : null;
}

/** A line that keeps to every limit, whoever wrote it. */
export function gateLine({ gate, state, description, url, sha }: GateLine): GateLine {
  const isLink = url !== null && url.length <= LONGEST_URL && /^https?:\/\//.test(url);
  return {
    gate: clip(oneLine(gate), 100),
    state,
    description: clip(oneLine(description), WHY_LENGTH),
    url: isLink ? oneLine(url) : null,
    sha: clip(oneLine(sha), 64),
  };
}

/** What was known, with what is told now in its place; the later of two that tell of one gate counts. */
export function mergeLines(...sources: readonly (readonly GateLine[])[]): readonly GateLine[] {
  const byGate = new Map(sources.flat().map((line) => [line.gate, gateLine(line)]));
  return [...byGate.values()].sort((one, other) => (one.gate < other.gate ? -1 : 1));
}

/** With too little room, reasons are cut first, then lines are left out; how many, is said. */
const ROOM = [
  { reason: WHY_LENGTH, lines: 200 },
  { reason: 40, lines: 200 },
  { reason: 40, lines: 40 },
  { reason: 40, lines: 15 },
  { reason: 40, lines: 5 },
] as const;

/** All gates of a pull request as one comment of at most `maxLength` characters, from which `readBoard` reads them back. */
export function renderBoard(lines: readonly GateLine[], maxLength: number): string {
  const urgent = lines.toSorted((one, other) => urgency(one) - urgency(other));
  for (const { reason, lines: most } of ROOM) {
    const kept = new Set(urgent.slice(0, most));
    const shown = lines.filter((line) => kept.has(line));
    const text = `${stateOf(shown)}\n${bodyOf(lines, shown, reason).markdown}\n`;
    if (text.length <= maxLength) return text;
  }
  return `${headingOf(lines).markdown}\n`.slice(0, maxLength);
}

/** The table alone, for a job summary. */
export function renderGates(lines: readonly GateLine[]): string {
  return `${bodyOf(lines, lines, WHY_LENGTH).markdown}\n`;
}

const urgency = ({ state }: GateLine): number => ['failure', 'error', 'pending', 'success'].indexOf(state);

function bodyOf(all: readonly GateLine[], shown: readonly GateLine[], reason: number): Markdown {
  const columns = ['Gate', 'Verdict', 'Why', 'Commit', 'Evidence'].map((title) => ({ title }));
  const rows = shown.map(({ gate, state, description, sha, url }) => [
    md`**${gate}**`,
    `${WORDS[state].mark} ${WORDS[state].word}`,
    clip(description, reason),
    shortVersion(sha),
    url === null ? '' : link('Report', url),
  ]);
  const hidden = all.length - shown.length;
  const rest = hidden === 0 ? [] : [md``, md`${hidden} more are among the statuses of the commit.`];
  return joinLines([headingOf(all), md``, table(columns, rows), ...rest]);
}

function headingOf(lines: readonly GateLine[]): Markdown {
  const of = (...states: readonly GateState[]): number =>
    lines.filter(({ state }) => states.includes(state)).length;
  const shut = of('failure', 'error');
  const total = `${lines.length} ${lines.length === 1 ? 'gate' : 'gates'}`;
  if (shut > 0) return md`### ❌ deploy-canary: ${shut} of ${total} shut`;
  if (of('pending') > 0) return md`### ⏳ deploy-canary: ${of('pending')} of ${total} pending`;
  return md`### ✅ deploy-canary: ${total} open`;
}

/** For machines. Nothing in it can end the comment that it stands in. */
function stateOf(lines: readonly GateLine[]): string {
  return `<!-- deploy-canary:board ${encodeURIComponent(JSON.stringify(lines)).replaceAll('-', '%2D')} -->`;
}

/** The lines of a comment; of one that somebody has spoilt, what can still be read. */
export function readBoard(body: string): readonly GateLine[] {
  const [, text] = /<!-- deploy-canary:board (\S+) -->/.exec(body) ?? [];
  if (text === undefined) return [];
  try {
    const told: unknown = JSON.parse(decodeURIComponent(text));
    return Array.isArray(told) ? told.flatMap(readLine) : [];
  } catch {
    return [];
  }
}

function readLine(told: unknown): GateLine[] {
  const fields = new Map<string, unknown>(
    typeof told === 'object' && told !== null ? Object.entries(told) : [],
  );
  const text = (name: string): string => {
    const value = fields.get(name);
    return typeof value === 'string' ? value : '';
  };
  const state = GATE_STATES.find((known) => known === fields.get('state'));
  const [gate, sha, url] = [text('gate'), text('sha'), text('url')];
  if (state === undefined || gate === '' || sha === '') return [];
  return [gateLine({ gate, state, description: text('description'), url: url === '' ? null : url, sha })];
}

import type { Finding, FindingStatus } from '../checks/finding.ts';
import type { Rollout } from '../rollout/record.ts';
import { type Happening, weightAsked } from './happening.ts';
import { describeMove } from './move-words.ts';
import { clip, oneLine } from './plain-text.ts';
import { formatPercent, formatServed, STATUS_WORDS } from './words.ts';

const LONGEST_LINE = 500;
/** Worst first; what is skipped or waived is no trouble. */
const TROUBLE: readonly FindingStatus[] = ['fail', 'error', 'no-data', 'warn'];
const MOST_TROUBLES = 3;

/** A happening as one line of plain text for a log. */
export function renderLogLine(happening: Happening): string {
  return clip(wordsFor(happening), LONGEST_LINE);
}

function wordsFor(happening: Happening): string {
  switch (happening.type) {
    case 'moved': {
      const { rollout } = happening.record;
      return rollout === null ? 'No rollout' : describeMove(happening.event, rollout);
    }
    case 'tick':
      return tickWords(happening);
    case 'note':
      return happening.level === 'info'
        ? oneLine(happening.message)
        : `${happening.level}: ${oneLine(happening.message)}`;
  }
}

function tickWords({ rollout, verdict, traffic }: Extract<Happening, { type: 'tick' }>): string {
  const read = traffic.shares[rollout.canary.slot];
  const parts = [weightWords(weightAsked(rollout), read), bakeWords(rollout), ...findingWords(rollout)];
  if (verdict.kind === 'hold' || verdict.kind === 'fail') {
    parts.push(`${verdict.kind}: ${oneLine(verdict.reason.message)}`);
  }
  return parts.filter((part) => part !== '').join(', ');
}

function weightWords(asked: number, read: number): string {
  return asked === read ? formatPercent(read) : `${formatPercent(read)} (asked for ${formatPercent(asked)})`;
}

function bakeWords({ phase, steps, plan }: Rollout): string {
  if (phase.name !== 'baking' && phase.name !== 'catching-up') return phase.name;
  const served = steps[phase.step]?.servedMs ?? 0;
  const planned = plan.steps[phase.step]?.bake ?? 0;
  const how = phase.name === 'catching-up' ? 'in hindsight, ' : '';
  return `${how}baked ${formatServed(served, planned)}`;
}

/** How many checks are well, and the worst of those that are not. */
function findingWords({ phase, steps }: Rollout): string[] {
  const findings = 'step' in phase ? (steps[phase.step]?.findings ?? []) : [];
  if (findings.length === 0) return [];
  const passing = findings.filter((finding) => finding.status === 'pass').length;
  const others = TROUBLE.flatMap((status) => findings.filter((finding) => finding.status === status));
  const told = others.slice(0, MOST_TROUBLES).map(troubleWords);
  const rest = others.length - told.length;
  return [
    `${passing} of ${findings.length} checks pass`,
    ...told,
    ...(rest > 0 ? [`and ${rest} more not well yet`] : []),
  ];
}

function troubleWords({ title, status, observed }: Finding): string {
  return `${oneLine(title)} ${STATUS_WORDS[status].word}: ${oneLine(observed)}`;
}

import type { Kpi } from '../analysis/kpi.ts';
import type { Replayed } from '../replay/decide.ts';
import { formatDuration } from '../units.ts';
import { oneLine } from './plain-text.ts';

/** Heads of the columns of a replayed rollout in plain text. */
export const REPLAY_HEADS = ['Rollout', 'Decision', 'After', 'KPI', 'Why'] as const;

/** A replayed rollout in the same columns: `err-3#0`, `abort`, `5m 40s`, `Error rate`, `canary 46 of 1,419 failed …`. */
export function replayCells(
  { id, decision, seconds, reason, provenAfter }: Replayed,
  kpis: readonly Kpi[],
): readonly string[] {
  const title = kpis.find((kpi) => kpi.id === reason?.kpi)?.title ?? reason?.kpi ?? '';
  const after = seconds === null ? '' : formatDuration(seconds * 1_000);
  const calm =
    provenAfter === null
      ? 'nothing fired'
      : `nothing fired; proven no worse after ${formatDuration(provenAfter)}`;
  const why = reason === null ? calm : shortReason(reason.message, title);
  return [id, decision, after, title, why].map(oneLine);
}

/** The reason without the name of its KPI, which has a column, and without what stands after it for completeness. */
function shortReason(message: string, title: string): string {
  const [first = ''] = message.split('; ');
  return first.startsWith(title) ? first.slice(title.length).replace(/^:? */, '') : first;
}

import type { Replayed } from '../core/replay/decide.ts';
import { formatDuration } from '../core/units.ts';

export function jsonLine({ id, decision, tick, seconds, reason, nonInferiorTick }: Replayed): string {
  const kpi = reason?.kpi ?? null;
  const reasonCode = reason?.code ?? null;
  return JSON.stringify({ id, decision, tick, seconds, reasonCode, kpi, nonInferiorTick });
}

export function row({ id, decision, seconds, reason, nonInferiorTick }: Replayed): string {
  const when = seconds === null ? '' : `after ${formatDuration(seconds * 1_000)}`;
  const calm = nonInferiorTick === null ? 'nothing fired' : 'nothing fired; proven no worse';
  return `${id.padEnd(28)} ${decision.padEnd(8)} ${when.padEnd(16)} ${reason?.message ?? calm}`;
}

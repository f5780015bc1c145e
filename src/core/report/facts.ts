import type { Result } from '../result.ts';
import type { ServiceRecord } from '../rollout/record.ts';
import { type EpochMs, formatDuration } from '../units.ts';
import { isRefusal } from './headline.ts';
import { oneLine } from './plain-text.ts';
import type { Series } from './series.ts';
import { formatCount, formatPercent } from './words.ts';

export interface Fact {
  readonly name: string;
  readonly value: string;
  /** A version or an id, shown in a fixed-width face; `value` is its whole text. */
  readonly isCode: boolean;
  /** What belongs to it, in smaller letters; empty for nothing. */
  readonly note: string;
}

/** What somebody asks first about a rollout. */
export function factsOf(result: Result, record: ServiceRecord | null, series: Series | null): Fact[] {
  if (isRefusal(result)) return refusalFacts(result, record);
  const owner = record?.rollout?.owner.name ?? null;
  const facts: (Fact | null)[] = [
    version(result.kind === 'rollback' ? 'Restored' : 'Version', result.version),
    version(result.kind === 'rollback' ? 'Taken back' : 'Stable', result.stableVersion),
    plain('Weight now', result.weight === null ? 'unknown' : formatPercent(result.weight)),
    plain('Duration', duration(result, series)),
    owner === null ? null : plain('Owner', oneLine(owner)),
    result.kind === 'canary' ? exposure(result.exposed) : null,
  ];
  return facts.filter((fact) => fact !== null);
}

function refusalFacts(result: Result, record: ServiceRecord | null): Fact[] {
  const owner = record?.rollout?.owner.name ?? null;
  const facts = [
    version('Serving now', record?.stable?.version ?? null),
    result.reasonCode === 'rollout-in-progress' && owner !== null ? plain('Driven by', oneLine(owner)) : null,
  ];
  return facts.filter((fact) => fact !== null);
}

/** `1,204 requests` and `51 bad (4.24 %)`: who met the canary, and how many of them suffered. */
function exposure(exposed: Result['exposed']): Fact {
  if (exposed.requests === 0) return plain('Exposed', 'no requests');
  const share = Number(((exposed.bad / exposed.requests) * 100).toFixed(2));
  const bad = exposed.bad === 0 ? 'none bad' : `${formatCount(exposed.bad)} bad (${share} %)`;
  return { ...plain('Exposed', `${formatCount(exposed.requests)} requests`), note: bad };
}

/** When a rollout began and when it ended, or was last heard of. */
export function spanOf(
  result: Result,
  series: Series | null,
): { readonly from: EpochMs; readonly to: EpochMs } | null {
  const from = result.startedAt ?? series?.traffic[0]?.at ?? null;
  if (from === null) return null;
  const last = Math.max(series?.traffic.at(-1)?.at ?? from, series?.marks.at(-1)?.at ?? from);
  return { from, to: Math.max(result.endedAt ?? last, from) };
}

function duration(result: Result, series: Series | null): string {
  const span = spanOf(result, series);
  return span === null || span.to === span.from ? 'unknown' : formatDuration(span.to - span.from);
}

function plain(name: string, value: string): Fact {
  return { name, value, isCode: false, note: '' };
}

function version(name: string, value: string | null): Fact {
  return value === null ? plain(name, 'none') : { name, value, isCode: true, note: '' };
}

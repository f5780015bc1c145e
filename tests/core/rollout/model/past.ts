import type { Rollout } from '../../../../src/core/rollout/record.ts';
import type { LedgerEntry } from '../../../../src/ports/ledger.ts';
import type { TrafficReading } from '../../../../src/ports/traffic-router.ts';
import type { Occurrence, World } from './world.ts';

/** What the invariants remember of the past, gathered from outside only. */
export interface Memory {
  readonly capabilities: World['capabilities'];
  readonly entries: LedgerEntry[];
  /** The revision at which a rollout's abort first stood. */
  readonly abortedAt: Map<string, number>;
  /**
   * Per rollout and step, holds left out: time watched by whom the ledger calls its owner, time watched by
   * anybody, and the verdict that the owner saw last, with or without a proof.
   */
  readonly watched: Map<string, Watched>;
  /** What each writer was last told by the router. */
  readonly readings: Map<string, TrafficReading>;
  /** Writers that go on although they could not write. */
  readonly unwritten: Set<string>;
  /** Who moved traffic last. */
  lastShiftBy: string | null;
}

export interface Watched {
  readonly byOwner: number;
  readonly byAnybody: number;
  readonly verdict: string;
  readonly cleared: boolean;
}

export const UNWATCHED: Watched = { byOwner: 0, byAnybody: 0, verdict: 'nothing', cleared: false };

export function blankMemory(capabilities: World['capabilities']): Memory {
  return {
    capabilities,
    entries: [],
    abortedAt: new Map(),
    watched: new Map(),
    readings: new Map(),
    unwritten: new Set(),
    lastShiftBy: null,
  };
}

export function remember(seen: Occurrence, memory: Memory): void {
  switch (seen.type) {
    case 'appended': {
      const { rollout } = seen.entry.record;
      memory.entries.push(seen.entry);
      memory.unwritten.delete(seen.by.name);
      if (rollout !== null && leavesForGood(rollout) && !memory.abortedAt.has(rollout.id))
        memory.abortedAt.set(rollout.id, seen.entry.revision);
      return;
    }
    case 'unwritten':
      memory.unwritten.add(seen.by.name);
      return;
    case 'shifted':
      memory.lastShiftBy = seen.by.name;
      return;
    case 'read':
      memory.readings.set(seen.by.name, seen.reading);
      return;
    case 'looked':
      rememberTick(seen, memory);
  }
}

function rememberTick(seen: Extract<Occurrence, { type: 'looked' }>, memory: Memory): void {
  const key = `${seen.rollout} ${seen.step}`;
  const was = memory.watched.get(key) ?? UNWATCHED;
  const elapsed = seen.verdict === 'hold' ? 0 : seen.elapsed;
  const byAnybody = was.byAnybody + elapsed;
  // A writer that was overtaken still looks, but what it sees counts for nothing.
  const owns = memory.entries.at(-1)?.record.rollout?.owner.id === seen.by.owner.id;
  const byOwner = was.byOwner + (owns ? elapsed : 0);
  const { verdict, cleared } = owns ? seen : was;
  memory.watched.set(key, { byOwner, byAnybody, verdict, cleared });
}

export function leavesForGood(rollout: Rollout): boolean {
  return ['aborting', 'confirming', 'aborted'].includes(rollout.phase.name);
}

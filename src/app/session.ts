import type { RolloutEvent } from '../core/rollout/events.ts';
import type { Transition } from '../core/rollout/move.ts';
import type { Reason } from '../core/rollout/reason.ts';
import { emptyRecord, leadsHome, openRollout, type ServiceRecord } from '../core/rollout/record.ts';
import { transition } from '../core/rollout/transition.ts';
import type { Milliseconds } from '../core/units.ts';
import { AdapterError, messageOf } from '../ports/adapter-error.ts';
import { deadline } from '../ports/deadline.ts';
import type { LedgerEntry } from '../ports/ledger.ts';
import { note, type World } from './world.ts';

export type Saved =
  | { readonly kind: 'saved' }
  /** Somebody else wrote first; the session now holds what they wrote. */
  | { readonly kind: 'fenced' }
  | { readonly kind: 'unsaved'; readonly why: string; readonly retryable: boolean };

const READ_DEADLINE: Milliseconds = 5_000;
/** A write may be several requests. */
const WRITE_DEADLINE: Milliseconds = 10_000;
const RETRY_PAUSE: Milliseconds = 200;

/** One writer's hold on the ledger: the newest record it knows, and the revision it was read or written at. */
export class Session {
  readonly #world: World;
  #revision: number;
  #record: ServiceRecord;
  /** What the record was before the last event. */
  #before: ServiceRecord;
  /** What the ledger must be told next, for its history; null when it knows all. */
  #news: string | null = null;
  /** Since when it could not be told, by the monotonic clock. */
  #behindSince: Milliseconds | null = null;
  /** Sent since the ledger last answered; any of them may have been written. */
  #sent: ServiceRecord[] = [];
  #overtaken = 0;

  constructor(world: World, newest: LedgerEntry | null) {
    this.#world = world;
    this.#revision = newest?.revision ?? 0;
    this.#record = newest?.record ?? emptyRecord(world.service, world.environment);
    this.#before = this.#record;
  }

  get record(): ServiceRecord {
    return this.#record;
  }

  /** The fencing token of whatever is done under the newest entry. */
  get revision(): number {
    return this.#revision;
  }

  /** How often somebody else was found to have written since this session began. */
  get overtaken(): number {
    return this.#overtaken;
  }

  /** True while the ledger does not yet know what this session knows. */
  get unsaved(): boolean {
    return this.#news !== null;
  }

  /** How long the ledger has not taken what it must know; null while it takes it. */
  get behindFor(): Milliseconds | null {
    return this.#behindSince === null ? null : this.#world.clock.monotonic() - this.#behindSince;
  }

  /** Asks the state machine, and takes its answer as the record in memory. `save` makes it lasting. */
  take(event: RolloutEvent): Transition {
    const moved = transition(this.#record, event);
    if (moved.kind === 'moved') {
      this.#before = this.#record;
      this.#record = moved.record;
      if (moved.durable) {
        this.#news = describe(event);
        this.#world.observe({ type: 'moved', at: event.at, event: event.type, record: moved.record });
      }
    }
    return moved;
  }

  /** Takes another event in place of the last one, of which nothing has been done yet. */
  takeInstead(event: RolloutEvent): Transition {
    this.#record = this.#before;
    return this.take(event);
  }

  /** Writes the record in memory, if there is something that the ledger does not know; one attempt, for so long. */
  async catchUp(limit: Milliseconds, signal: AbortSignal): Promise<Saved> {
    if (this.#news === null) return { kind: 'saved' };
    return this.#saveOnce(this.#news, deadline(limit, signal));
  }

  /** Writes the record in memory, trying again for `budget` while that may help. */
  async save(noteText: string, budget: Milliseconds, signal: AbortSignal): Promise<Saved> {
    const until = this.#world.clock.monotonic() + budget;
    for (;;) {
      const saved = await this.#saveOnce(noteText, deadline(WRITE_DEADLINE, signal));
      if (saved.kind !== 'unsaved' || !saved.retryable || signal.aborted) return saved;
      if (this.#world.clock.monotonic() + RETRY_PAUSE >= until) return saved;
      await this.#world.clock.sleep(RETRY_PAUSE, signal);
    }
  }

  async #saveOnce(noteText: string, signal: AbortSignal): Promise<Saved> {
    const entry = { at: this.#world.clock.now(), note: noteText, record: this.#record };
    this.#sent.push(this.#record);
    try {
      const appended = await this.#world.ledger.append(this.#revision, entry, signal);
      if (appended.kind === 'appended') return this.#known(appended.entry);
      const { newest } = appended;
      if (isSame(newest.record, this.#record)) return this.#known(newest);
      // Upon an earlier entry of ours, which was written after all, this one goes on top.
      return this.#meet(newest) === 'theirs' ? { kind: 'fenced' } : await this.#saveOnce(noteText, signal);
    } catch (error) {
      if (!(error instanceof AdapterError)) throw error;
      this.#behindSince ??= this.#world.clock.monotonic();
      return { kind: 'unsaved', why: messageOf(error), retryable: error.retryable };
    }
  }

  #known({ revision }: LedgerEntry): Saved {
    this.#revision = revision;
    this.#settle();
    this.#world.publishing?.take(this.#record);
    return { kind: 'saved' };
  }

  /**
   * Records an abort against whoever else writes: on a conflict it reads what they wrote and asks again,
   * until the abort stands or the rollout has ended without it.
   */
  async saveAbort(event: RolloutEvent, budget: Milliseconds, signal: AbortSignal): Promise<Saved> {
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const saved = await this.save(describe(event), budget, signal);
      if (saved.kind !== 'fenced') return saved;
      const theirs = openRollout(this.#record);
      // Whoever is bringing it home already is not disturbed.
      if (theirs !== null && leadsHome(theirs.phase)) return saved;
      if (this.take(event).kind === 'refused') return saved;
    }
    return { kind: 'unsaved', why: 'other writers kept changing the ledger', retryable: true };
  }

  /** Reads the ledger anew; false when it cannot be read. */
  async refresh(signal: AbortSignal): Promise<boolean> {
    try {
      const newest = await this.#world.ledger.newest(deadline(READ_DEADLINE, signal));
      if (newest !== null && newest.revision > this.#revision) this.#meet(newest);
      return true;
    } catch (error) {
      note(this.#world, 'warning', `the ledger could not be read: ${messageOf(error)}`);
      return false;
    }
  }

  /** Goes on from a newer entry: with its record, unless that is only one of ours whose answer was lost. */
  #meet({ record, revision }: LedgerEntry): 'ours' | 'theirs' {
    this.#revision = revision;
    if (this.#sent.some((ours) => isOwnWrite(record, ours))) return 'ours';
    this.#record = record;
    this.#overtaken += 1;
    this.#settle();
    return 'theirs';
  }

  /** Session and ledger know the same. */
  #settle(): void {
    this.#news = null;
    this.#behindSince = null;
    this.#sent = [];
  }
}

/** One line for the ledger's history. */
export function describe(event: RolloutEvent): string {
  const reason: Reason | null = 'reason' in event ? event.reason : null;
  return `${event.type} by ${event.by.name}${reason === null ? '' : `: ${reason.message}`}`;
}

/** An append whose answer was lost comes back as a conflict with our own entry: no other process has our owner id. */
function isOwnWrite(theirs: ServiceRecord, ours: ServiceRecord): boolean {
  const [left, right] = [theirs.rollout, ours.rollout];
  if (left === null || right === null) return left === right;
  return (
    left.id === right.id &&
    left.owner.id === right.owner.id &&
    JSON.stringify(left.phase) === JSON.stringify(right.phase)
  );
}

/** Our own entry, and none from before more of the bake was served. */
function isSame(theirs: ServiceRecord, ours: ServiceRecord): boolean {
  return isOwnWrite(theirs, ours) && progressOf(theirs) === progressOf(ours);
}

function progressOf({ rollout }: ServiceRecord): string {
  return JSON.stringify(rollout?.steps.map(({ servedMs, heldMs }) => [servedMs, heldMs]) ?? null);
}

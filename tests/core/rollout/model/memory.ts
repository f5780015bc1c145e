import type { RolloutEvent } from '../../../../src/core/rollout/events.ts';
import type { Transition } from '../../../../src/core/rollout/move.ts';
import { emptyRecord, type Owner, type ServiceRecord } from '../../../../src/core/rollout/record.ts';
import { transition } from '../../../../src/core/rollout/transition.ts';
import type { LedgerEntry } from '../../../../src/ports/ledger.ts';
import type { World } from './world.ts';

/**
 * What a writer must do for the invariants to hold; each can be left out to see what it is good for.
 * `decide` is the real state machine unless a test puts a wrong one in its place.
 */
export interface Habits {
  readonly decide: typeof transition;
  /** The intent is in the ledger before traffic goes up. */
  readonly writesAhead: boolean;
  /** Asks the router for the weights instead of believing what it was told. */
  readonly readsBack: boolean;
  /** Once the abort stands, home is steered under its revision, which outdates every intent before it. */
  readonly homesUnderTheAbort: boolean;
  /** An abort that lost the ledger to an intent is asked for again. */
  readonly insists: boolean;
  /** Whoever moved traffic and then lost the ledger puts it where the winner's record says. */
  readonly givesBack: boolean;
  /** All traffic is put on stable under the new revision before the free slot is deployed over. */
  readonly clearsTheSlot: boolean;
  /** Traffic goes home although the ledger cannot be written. */
  readonly lowersWithoutLedger: boolean;
  /** A rise whose intent could not be written is put off. */
  readonly putsOff: boolean;
}

export const CAREFUL: Habits = {
  decide: transition,
  writesAhead: true,
  readsBack: true,
  homesUnderTheAbort: true,
  insists: true,
  givesBack: true,
  clearsTheSlot: true,
  lowersWithoutLedger: true,
  putsOff: true,
};

export type Saved = 'saved' | 'fenced' | 'unsaved';
/** Each yield is a point at which the writer can be paused, overtaken or killed. */
export type Program<T> = Generator<string, T, undefined>;

/** One writer: a process with an owner id and what it remembers of the ledger. */
export interface Writer {
  readonly name: string;
  readonly owner: Owner;
  readonly world: World;
  readonly habits: Habits;
  revision: number;
  record: ServiceRecord;
  /** What the record was before the last event. */
  before: ServiceRecord;
  unsaved: boolean;
  /** Since when the ledger takes nothing; null while it does. */
  behindSince: number | null;
  /** Sent since the ledger last answered; any of them may have been written. */
  sent: ServiceRecord[];
  cancelled: boolean;
  /** The rollout that it has asked to abort, if any. */
  asked: string | null;
}

export function createWriter(world: World, name: string, id: string, habits: Habits): Writer {
  const owner: Owner = { id, kind: 'process', runId: id, host: 'host', pid: 1, processStart: '0', name: id };
  const record = emptyRecord('shop', 'production');
  return {
    ...{ name, owner, world, habits, revision: 0, record, before: record, unsaved: false },
    ...{ behindSince: null, sent: [], cancelled: false, asked: null },
  };
}

export function from(me: Writer): { at: number; by: Owner } {
  return { at: me.world.now, by: me.owner };
}

export function take(me: Writer, event: RolloutEvent): Transition {
  const moved = me.habits.decide(me.record, event);
  if (moved.kind === 'moved') {
    me.before = me.record;
    me.record = moved.record;
    me.unsaved = me.unsaved || moved.durable;
    if (event.type === 'abort-requested') me.asked = event.rollout;
  }
  return moved;
}

function agree(me: Writer): void {
  me.unsaved = false;
  me.behindSince = null;
  me.sent = [];
}

/** Goes on from a newer entry; true when it is somebody else's and not one of ours whose answer was lost. */
function meet(me: Writer, entry: LedgerEntry): boolean {
  me.revision = entry.revision;
  if (me.sent.some((ours) => isOwnWrite(entry.record, ours))) return false;
  me.record = entry.record;
  agree(me);
  return true;
}

/** Reads the ledger; false when it does not answer, `overtaken` when somebody else has written. */
export function* refresh(me: Writer): Program<boolean | 'overtaken'> {
  yield 'read the ledger';
  const newest = me.world.newest();
  if (newest === 'down') return false;
  const theirs = newest !== null && newest.revision > me.revision && meet(me, newest);
  return theirs ? 'overtaken' : true;
}

export function* save(me: Writer, note: string): Program<Saved> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const saved = yield* saveOnce(me, note);
    if (saved !== 'unsaved') return saved;
  }
  return 'unsaved';
}

export function* saveOnce(me: Writer, note: string): Program<Saved> {
  for (;;) {
    yield 'append';
    me.sent.push(me.record);
    const appended = me.world.append(me, me.revision, note, me.record);
    if (appended === 'down') {
      me.behindSince ??= me.world.now;
      return 'unsaved';
    }
    const written = appended.kind === 'appended' ? appended.entry : appended.newest;
    if (appended.kind === 'appended' || isSame(written.record, me.record)) {
      me.revision = written.revision;
      agree(me);
      return 'saved';
    }
    if (meet(me, written)) return 'fenced';
  }
}

/** Makes an abort stand against whoever else writes, until it does or the rollout has ended without it. */
export function* saveAbort(me: Writer, abort: RolloutEvent): Program<Saved> {
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const saved = yield* save(me, abort.type);
    if (saved !== 'fenced') return saved;
    if (take(me, abort).kind === 'refused') return saved;
  }
  return 'unsaved';
}

/** An append whose answer was lost meets its own entry when it is tried again. */
function isOwnWrite(theirs: ServiceRecord, ours: ServiceRecord): boolean {
  const [left, right] = [theirs.rollout, ours.rollout];
  if (left === null || right === null) return left === right;
  const samePhase = JSON.stringify(left.phase) === JSON.stringify(right.phase);
  return left.id === right.id && left.owner.id === right.owner.id && samePhase;
}

/** And none from before more of the bake was served. */
function isSame(theirs: ServiceRecord, ours: ServiceRecord): boolean {
  const progress = ({ rollout }: ServiceRecord): string =>
    JSON.stringify(rollout?.steps.map(({ servedMs, heldMs }) => [servedMs, heldMs]) ?? null);
  return isOwnWrite(theirs, ours) && progress(theirs) === progress(ours);
}

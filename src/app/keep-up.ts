import type { RolloutEvent } from '../core/rollout/events.ts';
import type { Reason } from '../core/rollout/reason.ts';
import type { Rollout } from '../core/rollout/record.ts';
import { formatDuration, type Milliseconds } from '../core/units.ts';
import type { Session } from './session.ts';
import { note, type World } from './world.ts';

/** One attempt to write beside a bake: a part of the tick, or the watch would suffer; yet never hopelessly short. */
const SHORTEST: Milliseconds = 2_000;
const LONGEST: Milliseconds = 10_000;

/**
 * Whether the record may fall behind after this event: traffic is where the ledger already wants it, or the rise
 * that a tick has earned is put off for as long as its intent cannot be written.
 */
export function canWait(event: RolloutEvent, { kind, phase }: Rollout): boolean {
  if (kind === 'rollback') return false;
  return event.type === 'ticked' || event.type === 'shifted' || phase.name === 'verifying';
}

/**
 * Tells the ledger what it does not know yet, once for each tick of a bake. While it cannot be told the weight
 * stays, the watch goes on and the step passes no sooner; the reason to give up is the answer when that takes
 * longer than the plan's `record` budget.
 */
export async function keepUp(
  world: World,
  session: Session,
  after: Rollout,
  event: RolloutEvent,
  stop: AbortSignal,
): Promise<'recorded' | 'fenced' | Reason> {
  const { tick, budgets } = after.plan;
  const wasBehind = session.behindFor;
  const limit = Math.min(LONGEST, Math.max(SHORTEST, tick / 2));
  const saved = await session.catchUp(limit, stop);
  if (saved.kind === 'fenced') return 'fenced';
  if (saved.kind === 'saved') {
    if (wasBehind !== null)
      note(world, 'info', `the ledger is caught up, after ${formatDuration(wasBehind)}`);
    return 'recorded';
  }
  const behindFor = session.behindFor ?? 0;
  const reason: Reason = {
    code: 'ledger-unavailable',
    message: `the ledger could not be written for ${formatDuration(behindFor)}: ${saved.why}`,
  };
  if (stop.aborted || behindFor > budgets.record) return reason;
  if (wasBehind === null)
    note(
      world,
      'warning',
      `the record falls behind, the weight stays: the ledger could not be written (${saved.why})`,
    );
  if (event.type === 'ticked' && !isBaking(after)) putOff(session, event, reason);
  return 'recorded';
}

function isBaking({ phase }: Rollout): boolean {
  return phase.name === 'baking' || phase.name === 'catching-up';
}

/** Nothing of the rise has been done yet: the tick holds the step instead. */
function putOff(session: Session, event: Extract<RolloutEvent, { type: 'ticked' }>, reason: Reason): void {
  session.takeInstead({ ...event, verdict: { kind: 'hold', reason } });
}

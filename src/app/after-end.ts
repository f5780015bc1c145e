import type { Result } from '../core/result.ts';
import {
  isTerminal,
  otherSlot,
  type Rollout,
  type ServiceRecord,
  type Told,
} from '../core/rollout/record.ts';
import { messageOf } from '../ports/adapter-error.ts';
import { deadline } from '../ports/deadline.ts';
import type { Driven } from './drive.ts';
import type { Session } from './session.ts';
import { note, type World } from './world.ts';

/** How long the ledger may take to remember that people were told. */
const REMEMBERING = 5_000;

/** Takes the version without traffic away, if the config says so, and tells people. Neither can change the outcome. */
export async function afterEnd(
  world: World,
  session: Session,
  result: Result,
  driven: Driven,
): Promise<void> {
  await retire(world, session.record);
  const { rollout } = session.record;
  const what = rollout?.id === result.rolloutId ? whatToTell(rollout, driven) : null;
  if (what !== null) await tell(world, session, result, what);
}

async function retire(world: World, { rollout }: ServiceRecord): Promise<void> {
  if (rollout === null || !isTerminal(rollout.phase) || rollout.stable === null) return;
  const isAborted = rollout.phase.name === 'aborted';
  const left = isAborted ? rollout.canary.slot : otherSlot(rollout.canary.slot);
  const policy = isAborted ? world.retire.aborted : world.retire.promoted;
  if (policy !== 'stop') return;
  await attempt(world, `stopping slot ${left}`, () => world.target.stop(left, deadline(60_000)));
}

/** A rollout that somebody else drives or has ended is told by them. */
function whatToTell(rollout: Rollout, driven: Driven): Told | null {
  if (driven.kind === 'stuck') return 'not-home';
  return driven.kind === 'ended' && isTerminal(rollout.phase) ? 'end' : null;
}

/**
 * One message, whoever else comes to this rollout later: the ledger remembers it. It is told first and remembered
 * then, so that an operator who dies in between tells it twice rather than never.
 */
export async function tell(world: World, session: Session, result: Result, what: Told): Promise<void> {
  const { rollout } = session.record;
  if (world.notifiers.length === 0 || rollout === null || rollout.told?.includes(what)) return;
  let heard = 0;
  for (const notifier of world.notifiers) {
    const notify = (): Promise<void> => notifier.notify(result, deadline(10_000));
    heard += (await attempt(world, `notifying by ${notifier.name}`, notify)) ? 1 : 0;
  }
  if (heard === 0) return;
  session.take({ type: 'told', at: world.clock.now(), by: world.owner, rollout: rollout.id, what });
  const saved = await session.save(
    `told by ${world.owner.name}: ${what}`,
    REMEMBERING,
    deadline(REMEMBERING),
  );
  if (saved.kind === 'unsaved')
    note(world, 'warning', `the ledger could not be told that people know: ${saved.why}`);
}

async function attempt(world: World, what: string, action: () => Promise<void>): Promise<boolean> {
  try {
    await action();
    return true;
  } catch (error) {
    note(world, 'warning', `${what} failed: ${messageOf(error)}`);
    return false;
  }
}

import type { ActionIo } from '../adapters/runner/action-io.ts';
import type { Result } from '../core/result.ts';
import { REASON_CODES, type Reason } from '../core/rollout/reason.ts';
import { leadsHome, type Slot } from '../core/rollout/record.ts';
import type { Happening } from '../ports/observer.ts';

/** The post step must know which rollout was ours before any traffic has moved, and why it is going home. */
export function rememberForPost(io: ActionIo, happening: Happening): void {
  if (happening.type !== 'moved') return;
  const { rollout, stable } = happening.record;
  if (happening.event === 'started' || happening.event === 'resumed') {
    io.saveState('rollout', rollout?.id ?? '');
    io.saveState('stable-slot', stable?.slot ?? '');
  }
  if (rollout !== null && rollout.reason !== null && leadsHome(rollout.phase)) {
    io.saveState('reason-code', rollout.reason.code);
    io.saveState('reason', rollout.reason.message);
  }
}

/** Main has ended its rollout, or left it alone on purpose, and nothing of that went wrong: post need not ask anybody. */
export function rememberEnd(io: ActionIo, { state, warnings }: Result): void {
  const isOver = state === 'promoted' || state === 'restored' || state === 'aborted' || state === 'parked';
  if (isOver && warnings.length === 0) io.saveState('is-over', 'true');
}

export interface Remembered {
  /** Empty when main had begun nothing, or has nothing left to do. */
  readonly rollout: string;
  readonly stableSlot: Slot | null;
  /** Why main was bringing traffic home, when it had come so far. */
  readonly reason: Reason;
}

export function recall(io: ActionIo): Remembered {
  const slot = io.state('stable-slot');
  const code = REASON_CODES.find((known) => known === io.state('reason-code'));
  const message = 'the step that drove the rollout ended without finishing it';
  return {
    rollout: io.state('is-over') === 'true' ? '' : io.state('rollout'),
    stableSlot: slot === 'a' || slot === 'b' ? slot : null,
    reason: code === undefined ? { code: 'owner-lost', message } : { code, message: io.state('reason') },
  };
}

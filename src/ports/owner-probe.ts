import type { Owner } from '../core/rollout/record.ts';

/** Says whether a rollout's owner still lives. `unknown` when it cannot be asked from here. */
export interface OwnerProbe {
  isAlive(owner: Owner, signal: AbortSignal): Promise<'alive' | 'dead' | 'unknown'>;
}

import type { Finding } from '../core/checks/finding.ts';
import type { Placement, Slot } from '../core/rollout/record.ts';

/** Runs versions in slots. */
export interface DeployTarget {
  /** Makes `version` run in `slot`; done already means done. Rejects with an AdapterError when it cannot. */
  deploy(placement: Placement, signal: AbortSignal): Promise<'started' | 'already-running'>;
  /** Whether exactly this version answers in its slot, healthy, within the configured deadline: one finding each. */
  health(placement: Placement, signal: AbortSignal): Promise<readonly Finding[]>;
  /** Takes whatever runs in the slot away; nothing there is fine. */
  stop(slot: Slot, signal: AbortSignal): Promise<void>;
}

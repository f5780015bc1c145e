import { initialAnalysis } from '../analysis/state.ts';
import type { RolloutEvent } from './events.ts';
import type { Reason } from './reason.ts';
import {
  openRollout,
  otherSlot,
  type Rollout,
  type RolloutKind,
  type ServiceRecord,
  type Slot,
} from './record.ts';

type Started = Extract<RolloutEvent, { type: 'started' }>;
type RollbackStarted = Extract<RolloutEvent, { type: 'rollback-started' }>;

/** A new version on trial in the free slot; the very first version needs no trial. */
export function startRollout(record: ServiceRecord, event: Started): ServiceRecord | Reason {
  const busy = inProgress(record);
  if (busy !== null) return busy;
  if (record.stable?.version === event.version) {
    return { code: 'already-stable', message: `${event.version} already serves ${record.environment}` };
  }
  if (record.rejected.includes(event.version) && event.readmit === null) {
    const message = `${event.version} failed here before; once staging has passed anew for it, say why in readmit`;
    return { code: 'version-rejected', message };
  }
  const slot: Slot = record.stable === null ? 'a' : otherSlot(record.stable.slot);
  const kind = record.stable === null ? 'first' : 'canary';
  const rollout = blank(record, event, kind, { slot, version: event.version });
  return { ...record, previous: null, rollout };
}

/** Back to an earlier version. The version that serves now stays where it is until traffic has left it. */
export function startRollback(record: ServiceRecord, event: RollbackStarted): ServiceRecord | Reason {
  const busy = inProgress(record);
  if (busy !== null) return busy;
  if (record.stable === null) return { code: 'version-unknown', message: 'nothing was ever promoted here' };
  if (record.stable.version === event.to.version) {
    return { code: 'already-stable', message: `${event.to.version} already serves ${record.environment}` };
  }
  if (event.to.slot === record.stable.slot) {
    return {
      code: 'internal-error',
      message: `slot ${event.to.slot} is serving and cannot be deployed over`,
    };
  }
  const rollout = blank(record, event, 'rollback', event.to);
  const previous = record.previous?.version === event.to.version ? record.previous : null;
  return {
    ...record,
    previous,
    rollout: { ...rollout, reason: event.reason, requestedBy: event.requestedBy },
  };
}

function inProgress(record: ServiceRecord): Reason | null {
  const open = openRollout(record);
  if (open === null) return null;
  const message = `rollout ${open.id} of ${open.canary.version} is ${open.phase.name}, driven by ${open.owner.name}`;
  return { code: 'rollout-in-progress', message };
}

function blank(
  record: ServiceRecord,
  event: Started | RollbackStarted,
  kind: RolloutKind,
  canary: Rollout['canary'],
): Rollout {
  const steps = event.plan.steps.map(({ weight }) => ({
    weight,
    servedMs: 0,
    savedMs: 0,
    heldMs: 0,
    findings: [],
  }));
  return {
    id: event.id,
    kind,
    canary,
    stable: record.stable,
    plan: event.plan,
    startedAt: event.at,
    endedAt: null,
    owner: event.by,
    phase: { name: 'deploying' },
    steps,
    analysis: initialAnalysis(),
    leaseLapses: 0,
    reason: null,
    verification: null,
    requestedBy: null,
  };
}

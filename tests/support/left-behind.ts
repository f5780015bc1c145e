import type { RolloutEvent } from '../../src/core/rollout/events.ts';
import type { Plan } from '../../src/core/rollout/plan.ts';
import type { Owner, ServiceRecord } from '../../src/core/rollout/record.ts';
import { transition } from '../../src/core/rollout/transition.ts';
import { recordOf } from '../contract/ledger.ts';

export const SERVICE = 'booking';
export const ENVIRONMENT = 'production';

/** v1 serves, in slot a. */
export const FIRST: ServiceRecord = { ...recordOf('v1'), service: SERVICE, environment: ENVIRONMENT };

/** v2 serves, in slot b, and v1 is kept. */
export const SECOND: ServiceRecord = {
  ...FIRST,
  stable: { slot: 'b', version: 'v2' },
  previous: FIRST.stable,
  promoted: ['v2', 'v1'],
};

/** As a job of that run tells it. */
function from(run: number): { readonly at: number; readonly by: Owner } {
  const host = { host: 'a-runner-of-before', pid: 1, processStart: 'unknown' };
  return {
    at: Date.now(),
    by: { id: `${run}-1-canary-0`, kind: 'github-run', runId: String(run), ...host, name: 'bob' },
  };
}

function told(record: ServiceRecord, event: RolloutEvent): ServiceRecord {
  const moved = transition(record, event);
  if (moved.kind === 'refused') throw new Error(moved.reason.message);
  return moved.record;
}

/** v2 is in its first bake. */
export function onTrial(before: ServiceRecord, run: number, plan: Plan): ServiceRecord {
  const events: RolloutEvent[] = [
    { ...from(run), type: 'started', id: 'booking-left', version: 'v2', plan, readmit: null },
    { ...from(run), type: 'deployed' },
    { ...from(run), type: 'shifted', step: 0 },
  ];
  return events.reduce(told, before);
}

/** v1 is to serve again. */
export function onTheWayBack(before: ServiceRecord, run: number, plan: Plan): ServiceRecord {
  const reason = { code: 'rolled-back-by-hand', message: 'bookings are slow' } as const;
  const what = { id: 'booking-back', to: { slot: 'a', version: 'v1' }, reason, requestedBy: 'bob' } as const;
  return told(before, { ...from(run), type: 'rollback-started', plan, ...what });
}

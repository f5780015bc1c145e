import { REASON_CODES, type Reason } from '../core/rollout/reason.ts';

/** What the stop signal was fired with; anything that is not a Reason counts as a cancel. */
export function reasonOf(stop: AbortSignal): Reason {
  const reason: unknown = stop.reason;
  if (isReason(reason)) return reason;
  return { code: 'cancelled', message: 'the run was cancelled' };
}

function isReason(value: unknown): value is Reason {
  if (typeof value !== 'object' || value === null || !('code' in value) || !('message' in value))
    return false;
  return REASON_CODES.some((code) => code === value.code) && typeof value.message === 'string';
}

import type { Verdict } from '../core/checks/finding.ts';
import { type Operation, type Result, toResult } from '../core/result.ts';
import type { Reason } from '../core/rollout/reason.ts';
import { isTerminal, type Rollout, type ServiceRecord } from '../core/rollout/record.ts';
import { deadline } from '../ports/deadline.ts';
import type { Driven } from './drive.ts';
import { parkedReason } from './park.ts';
import type { Session } from './session.ts';
import { readTraffic } from './steer-traffic.ts';
import type { World } from './world.ts';

/** Says how a driven rollout came out, as the router and the record have it, not as it was hoped. */
export async function conclude(
  world: World,
  session: Session,
  operation: Operation,
  driven: Driven,
  id: string | null,
): Promise<Result> {
  const { record } = session;
  const { rollout } = record;
  // What the ledger could not be told is all the more to be shown.
  if (rollout?.owner.id === world.owner.id && session.unsaved) world.publishing?.take(record);
  const reading = await readTraffic(world, deadline(2_500));
  const weight = rollout === null || reading === null ? null : reading.shares[rollout.canary.slot];
  const warnings: string[] = [];
  if (reading === null)
    warnings.push('the router did not answer at the end: the weight shown is not known to be true');
  if (session.unsaved)
    warnings.push('the ledger does not know the end of this rollout yet; reconcile will catch it up');
  if (driven.kind === 'stuck') warnings.push(driven.reason.message);
  if (rollout?.phase.name === 'promoted' && rollout.verification?.outcome === 'not-done') {
    warnings.push('the last look at the KPIs after promotion was not possible');
  }
  if (rollout?.verification?.outcome === 'fail') warnings.push('what serves now failed its verification');
  const { reason, verdict } = verdictFor(record, driven, id);
  const outcome = { operation, verdict, reasonCode: reason.code, message: reason.message, weight, warnings };
  return toResult(record, outcome);
}

/** How a rollout came out, by its record. */
export function verdictFor(
  record: ServiceRecord,
  driven: Driven,
  id: string | null,
): { reason: Reason; verdict: Verdict } {
  const { rollout } = record;
  if (driven.kind === 'stuck') return { reason: driven.reason, verdict: 'fail' };
  if (driven.kind === 'parked' && rollout?.phase.name === 'parked')
    return { reason: parkedReason(rollout, rollout.phase), verdict: 'pass' };
  if (rollout === null)
    return { reason: { code: 'nothing-to-do', message: 'there is no rollout' }, verdict: 'pass' };
  if (rollout.id !== id) {
    const message = `our rollout was ended by somebody else, and ${rollout.id} of ${rollout.canary.version} has begun since`;
    return { reason: { code: 'fenced', message }, verdict: 'fail' };
  }
  if (!isTerminal(rollout.phase)) {
    const message = `another run (${rollout.owner.name}) now drives the rollout, which is ${rollout.phase.name}`;
    return { reason: rollout.reason ?? { code: 'fenced', message }, verdict: 'fail' };
  }
  if (rollout.phase.name === 'aborted') return { reason: rollout.reason ?? unknownReason(), verdict: 'fail' };
  const healthy = rollout.verification?.outcome !== 'fail';
  return { reason: successReason(rollout), verdict: healthy ? 'pass' : 'fail' };
}

function successReason(rollout: Rollout): Reason {
  const { version } = rollout.canary;
  if (rollout.kind === 'rollback') return { code: 'restored', message: `all traffic is on ${version} again` };
  if (rollout.kind === 'first')
    return { code: 'first-deployment', message: `${version} is the first version and serves all traffic` };
  return { code: 'promoted', message: `${version} passed every step and serves all traffic` };
}

function unknownReason(): Reason {
  return { code: 'internal-error', message: 'the rollout was aborted without a recorded reason' };
}

/** A refusal: nothing was started, nothing was moved. */
export function refuse(record: ServiceRecord, operation: Operation, reason: Reason): Result {
  const verdict = reason.code === 'already-stable' || reason.code === 'nothing-to-do' ? 'pass' : 'fail';
  return toResult(record, {
    operation,
    verdict,
    reasonCode: reason.code,
    message: reason.message,
    weight: null,
    warnings: [],
  });
}

import { isTerminal, type Rollout, type ServiceRecord } from '../../../../src/core/rollout/record.ts';
import type { LedgerEntry } from '../../../../src/ports/ledger.ts';
import { leastServed } from './least-served.ts';
import { type Memory, UNWATCHED } from './past.ts';
import type { Rule } from './rule.ts';
import type { Occurrence } from './world.ts';

/**
 * The rollout whose canary a shift gives more traffic than it had. A rollback that the ledger does not take is
 * an exception: it goes back all the same, unless a canary is on trial.
 */
function raised(
  seen: Extract<Occurrence, { type: 'shifted' }>,
  memory: Memory,
  { rollout }: ServiceRecord,
): Rollout | null {
  if (rollout === null) return null;
  const { slot } = rollout.canary;
  if (seen.after.shares[slot] <= seen.before.shares[slot]) return null;
  const onTrial = rollout.kind !== 'rollback' && !isTerminal(rollout.phase);
  return memory.unwritten.has(seen.by.name) && !onTrial ? null : rollout;
}

/** Whether this entry of the ledger asks for this share of the rollout's canary. */
function asksFor(entry: LedgerEntry | undefined, rollout: Rollout, weight: number): boolean {
  const intent = entry?.record.rollout;
  if (intent === undefined || intent === null || intent.id !== rollout.id) return false;
  const { phase } = intent;
  if (phase.name === 'shifting') return intent.plan.steps[phase.step]?.weight === weight;
  return weight === 100 && ['settling', 'verifying', 'promoted', 'restored'].includes(phase.name);
}

/** What must hold whenever a router has obeyed. */
export const SHIFT_RULES: readonly Rule<'shifted'>[] = [
  function writtenAhead(seen, memory, { record }) {
    const rollout = raised(seen, memory, record);
    if (!memory.capabilities.fencing || rollout === null) return null;
    if (rollout.phase.name === 'deploying' || isTerminal(rollout.phase)) return null;
    const weight = seen.shift.shares[rollout.canary.slot];
    if (asksFor(memory.entries[seen.shift.token - 1], rollout, weight)) return null;
    return ['1 write-ahead', `${weight} % for ${rollout.id} without an intent at ${seen.shift.token}`];
  },
  function leasedIntentIsWritten(seen, memory) {
    const { lease, token, shares } = seen.shift;
    if (lease === null) return null;
    const intent = memory.entries[token - 1]?.record.rollout;
    if (
      intent &&
      intent.id === lease.holder &&
      asksFor(memory.entries[token - 1], intent, shares[intent.canary.slot])
    )
      return null;
    return ['1 write-ahead', `a step of ${lease.holder} is taken that entry ${token} does not ask for`];
  },
  function earlierStepsPassed(seen, memory, { record }) {
    const rollout = raised(seen, memory, record);
    if (rollout === null || rollout.kind !== 'canary') return null;
    const intent = memory.entries[seen.shift.token - 1]?.record.rollout;
    if (intent?.id !== rollout.id) return null;
    const upTo = intent.phase.name === 'shifting' ? intent.phase.step : rollout.steps.length;
    for (let step = 0; step < upTo; step += 1) {
      const complaint = notPassed(memory, rollout, step);
      if (complaint !== null) return ['3 never up without a pass', complaint];
    }
    return null;
  },
  function neverUpAfterAbort(seen, memory, { record }) {
    const rollout = raised(seen, memory, record);
    const stands = rollout === null ? undefined : memory.abortedAt.get(rollout.id);
    if (rollout === null || stands === undefined) return null;
    if (seen.shift.token >= stands)
      return ['4 abort wins', `raised under ${seen.shift.token}, abort at ${stands}`];
    if (!memory.capabilities.fencing || seen.before.token < stands) return null;
    return ['4 abort wins', `the router has seen ${seen.before.token} and is raised, abort at ${stands}`];
  },
  function upAfterAborted(seen, memory, { record }) {
    const rollout = raised(seen, memory, record);
    if (rollout?.phase.name !== 'aborted' || !memory.capabilities.fencing || rollout.stable === null)
      return null;
    return ['4 abort wins', `${rollout.id} has been aborted and gets traffic`];
  },
];

function notPassed(memory: Memory, rollout: Rollout, step: number): string | null {
  const seen = memory.watched.get(`${rollout.id} ${step}`) ?? UNWATCHED;
  const plan = rollout.plan.steps[step];
  if (plan === undefined) return `step ${step} is unknown`;
  const enough = seen.verdict === 'pass' && seen.byOwner >= leastServed(plan, seen.cleared);
  const byPolicy =
    rollout.plan.onInconclusive === 'promote' &&
    seen.verdict === 'short-of-samples' &&
    seen.byOwner >= plan.maxBake;
  return enough || byPolicy
    ? null
    : `step ${step} was watched for ${seen.byOwner} and last said ${seen.verdict}`;
}

import { isTerminal, type Placement, type ServiceRecord } from '../../../../src/core/rollout/record.ts';
import type { TrafficReading } from '../../../../src/ports/traffic-router.ts';
import { leavesForGood, type Memory, UNWATCHED } from './past.ts';
import type { Complaint, Rule } from './rule.ts';
import { isAllOn } from './world.ts';

/** What must hold whenever the ledger has taken an entry. */
export const ENTRY_RULES: readonly Rule<'appended'>[] = [
  function unchangedByJson({ entry }) {
    return survivesJson(entry.record) ? null : ['plain JSON', 'the record would change on its way'];
  },
  function oneAtATime({ entry, before }) {
    const [was, is] = [before.rollout, entry.record.rollout];
    if (was === null || was.id === is?.id) return null;
    return isTerminal(was.phase) ? null : ['one rollout at a time', `${was.id} was still ${was.phase.name}`];
  },
  function terminalStaysTerminal({ entry, before }) {
    const [was, is] = [before.rollout, entry.record.rollout];
    if (was === null || was.id !== is?.id || !isTerminal(was.phase)) return null;
    return ['5 terminal means true', `${was.id} went on after it was ${was.phase.name}`];
  },
  function abortStands({ entry }, memory) {
    const { rollout } = entry.record;
    if (rollout === null || !memory.abortedAt.has(rollout.id) || leavesForGood(rollout)) return null;
    return ['4 abort wins', `${rollout.id} is ${rollout.phase.name} after its abort stood`];
  },
  function writtenByOwner({ entry, by }) {
    const owner = entry.record.rollout?.owner.id;
    return owner === undefined || owner === by.owner.id
      ? null
      : ['4 abort wins', `${by.name} wrote for ${owner}`];
  },
  function rolesFitSlots({ entry }) {
    const wrong = wrongRoles(entry.record);
    return wrong === null ? null : ['roles', wrong];
  },
  function bakeIsWatched({ entry }, memory) {
    const { rollout } = entry.record;
    for (const [step, { servedMs }] of (rollout?.steps ?? []).entries()) {
      const { byAnybody } = memory.watched.get(`${rollout?.id} ${step}`) ?? UNWATCHED;
      if (servedMs > byAnybody)
        return ['6 no data is not health', `step ${step} claims ${servedMs}, watched ${byAnybody}`];
    }
    return null;
  },
  function endIsRead({ entry, by }, memory, truth) {
    return endsUntrue(entry.record, by.name, memory, truth.reading);
  },
  function endIsVerified({ entry }) {
    const { rollout } = entry.record;
    if (rollout === null || !isTerminal(rollout.phase) || rollout.verification !== null) return null;
    return [
      '8 the end is verified',
      `${rollout.id} is ${rollout.phase.name} and nobody looked at what serves`,
    ];
  },
];

/** Whether writing a value as JSON and reading it again gives the very same. */
function survivesJson(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value !== 'object') return false;
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return false;
  return Object.values(value).every(survivesJson);
}

function samePlace(left: Placement | null, right: Placement | null): boolean {
  return left?.slot === right?.slot && left?.version === right?.version;
}

function wrongRoles(record: ServiceRecord): string | null {
  const { stable, previous, promoted, rejected, rollout } = record;
  if (stable !== null && previous?.slot === stable.slot) return 'stable and previous share a slot';
  if (stable !== null && promoted[0] !== stable.version) return 'stable was not promoted last';
  if (stable !== null && rejected.includes(stable.version)) return 'stable is rejected';
  if (rollout === null || isTerminal(rollout.phase)) return null;
  if (!samePlace(rollout.stable, stable)) return 'the rollout knows another stable version';
  if (stable?.slot === rollout.canary.slot) return 'canary and stable share a slot';
  if ((rollout.kind === 'first') !== (stable === null)) return `a ${rollout.kind} rollout`;
  if (previous === null) return null;
  if (rollout.kind === 'canary') return 'previous is kept while its slot is deployed over';
  return samePlace(previous, rollout.canary) ? null : 'a rollback deploys over previous';
}

/** All traffic is where a terminal entry says, as its writer was told by the router and as it really is. */
function endsUntrue(
  record: ServiceRecord,
  by: string,
  memory: Memory,
  now: TrafficReading,
): Complaint | null {
  const { rollout } = record;
  if (rollout === null || !isTerminal(rollout.phase)) return null;
  const aborted = rollout.phase.name === 'aborted';
  const slot = aborted ? rollout.stable?.slot : rollout.canary.slot;
  if (slot === undefined) return null;
  const told = memory.readings.get(by);
  if (told === undefined || !isAllOn(told, slot))
    return ['2 read back', `${by} was never told that ${slot} has all`];
  if (isAllOn(now, slot)) return null;
  const { fencing } = memory.capabilities;
  // Somebody who brings it home in this very moment, and has not yet lost the ledger, gives it back.
  const beaten = memory.lastShiftBy !== by && (!aborted || !fencing);
  return beaten
    ? null
    : ['5 terminal means true', `${rollout.id} is ${rollout.phase.name}, slot ${slot} has not all`];
}

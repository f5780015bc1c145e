import { AdapterError, messageOf } from '../../../ports/adapter-error.ts';
import type { Clock } from '../../../ports/clock.ts';
import { deadline } from '../../../ports/deadline.ts';
import type { Lease, Shift, TrafficReading } from '../../../ports/traffic-router.ts';
import { bringsHome, decideRenewal, decideShift, type TrafficState } from '../embedded/traffic-state.ts';
import type { Instance } from './instance.ts';
import type { Call } from './request.ts';
import { PROVIDER, type Seen, seenOf, stateOf } from './values.ts';

export interface Fleet {
  readonly instances: readonly Instance[];
  readonly clock: Clock;
  readonly log?: ((line: string) => void) | undefined;
}

/** The part of a call's time that traffic on its way home waits for another writer. */
const PATIENCE = 0.25;

/** What all of them say; an AdapterError when one does not answer, or says something else than the first. */
export async function readAll({ instances }: Fleet, call: Call): Promise<TrafficReading> {
  const seen = await allOf(instances, (one) => one.look(call), 'no weight can be told');
  const readings = seen.map((one, index) => readingOf(one, instances[index]));
  const [first, ...others] = readings;
  if (first === undefined) throw new Error('a fleet without instances');
  const index = others.findIndex((other) => differs(first, other));
  const other = others[index];
  if (other !== undefined) throw disagreement(instances, first, index + 1, other);
  return { ...first, token: Math.min(...readings.map(({ token }) => token)) };
}

function readingOf(seen: Seen, instance: Instance | undefined): TrafficReading {
  if (seen.settled === null) throw notBegun(instance);
  const { shares, lease, lapsed, token } = stateOf(seen);
  const held =
    lease === null ? null : { holder: lease.holder, fallback: lease.fallback, expiresAt: lease.deadline };
  return { shares, lease: held, lapsed, token };
}

function differs(left: TrafficReading, right: TrafficReading): boolean {
  return left.shares.b !== right.shares.b || left.lease?.holder !== right.lease?.holder;
}

/**
 * Traffic that goes up goes up on all instances or, as far as anybody can know before, on none. Traffic on its way
 * home goes home wherever it can; who could not be reached is told.
 */
export async function shiftAll(fleet: Fleet, shift: Shift, call: Call): Promise<void> {
  const looks = fleet.instances.map((one) => one.look(call));
  if (await isWayHome(looks, shift)) return homeAll(fleet, shift, call);
  await allOf<unknown>(fleet.instances, async (_, index) => looks[index], 'nothing was changed');
  const release = await lockAll(fleet.instances, call);
  try {
    const seen = await allOf(fleet.instances, (one) => one.look(call), 'nothing was changed');
    const next = seen.map((one, index) => decide(fleet, one, shift, fleet.instances[index]));
    await allOf(
      fleet.instances,
      (one, index) => bring(fleet, one, seen[index], next[index], call),
      'the others have the new weights',
    );
  } finally {
    await release();
  }
}

/** Known as soon as one of them says so: who does not answer keeps nobody from going home. */
async function isWayHome(looks: readonly Promise<Seen>[], shift: Shift): Promise<boolean> {
  const says = looks.map(async (look) => {
    if (!goesHome(stateOf(await look), shift)) throw new Error('not this one');
  });
  return Promise.any(says).then(
    () => true,
    () => false,
  );
}

/** Less for the canary than it has, or all that there is on one slot with no rollout under way: a rollback. */
function goesHome(state: TrafficState, shift: Shift): boolean {
  const isWhole = shift.shares.a === 0 || shift.shares.b === 0;
  return bringsHome(state, shift) || (shift.lease === null && isWhole && state.lease === null);
}

async function homeAll(fleet: Fleet, shift: Shift, call: Call): Promise<void> {
  await allOf(fleet.instances, (one) => homeOne(fleet, one, shift, call), 'the others were written');
}

async function homeOne(fleet: Fleet, one: Instance, shift: Shift, call: Call): Promise<void> {
  const lock = await lockInHaste(one, call);
  try {
    const seen = await one.look(call);
    await bring(fleet, one, seen, decide(fleet, seen, shift, one), call);
    if (lock.kind === 'open') fleet.log?.(`other writers could not be kept out at ${one.url}: ${lock.why}`);
  } finally {
    if (lock.kind === 'locked') await lock.release();
  }
}

type Lock =
  | { readonly kind: 'locked'; readonly release: () => Promise<void> }
  | { readonly kind: 'open'; readonly why: string };

/** Open where another writer does not make way, or no lock can be had: traffic goes home all the same. */
async function lockInHaste(one: Instance, call: Call): Promise<Lock> {
  try {
    const until = deadline(call.timeout * PATIENCE, call.until);
    return { kind: 'locked', release: await one.lock({ ...call, until }) };
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    return { kind: 'open', why: error.message };
  }
}

function decide(fleet: Fleet, seen: Seen, shift: Shift, instance: Instance | undefined): TrafficState {
  if (seen.settled === null && shift.lease !== null) throw notBegun(instance);
  const decision = decideShift(stateOf(seen), shift, fleet.clock.now());
  if (decision.kind === 'accepted') return decision.state;
  throw new AdapterError(PROVIDER, 'fenced', decision.message, { retryable: false });
}

async function bring(
  fleet: Fleet,
  instance: Instance,
  seen: Seen | undefined,
  state: TrafficState | undefined,
  call: Call,
): Promise<void> {
  if (seen !== undefined && state !== undefined) await instance.bring(seen, state, fleet.clock.now(), call);
}

/** In the order of the config, so that two writers never wait for each other. */
async function lockAll(instances: readonly Instance[], call: Call): Promise<() => Promise<void>> {
  const held: (() => Promise<void>)[] = [];
  const release = async (): Promise<void> => {
    await Promise.all(held.map((one) => one()));
  };
  try {
    for (const one of instances) held.push(await one.lock(call));
    return release;
  } catch (error) {
    await release();
    throw error;
  }
}

/** Rejects as `fenced` when the lease is another's or has run out on one of them. */
export async function renewAll(fleet: Fleet, lease: Lease, call: Call): Promise<void> {
  await allOf(fleet.instances, (one) => renew(fleet, one, lease, call), 'the others were asked, too');
}

async function renew(
  { clock }: Fleet,
  instance: Instance,
  { holder, ttl }: Lease,
  call: Call,
): Promise<void> {
  const release = await instance.lock(call);
  try {
    const decision = decideRenewal(stateOf(await instance.look(call)), holder, ttl, clock.now());
    if (decision.kind === 'fenced') throw fenced(`${instance.url}: ${decision.message}`);
    const { leased } = seenOf(decision.state);
    if (leased === null || (await instance.prolong(leased, call))) return;
    throw fenced(
      `${instance.url}: the lease of "${holder}" ran out in this moment. Shift again to take a lease`,
    );
  } finally {
    await release();
  }
}

function fenced(message: string): AdapterError {
  return new AdapterError(PROVIDER, 'fenced', message, { retryable: false });
}

/** Asks all of them at once, and waits for all. What failed is one error, that names who; `rest` says what is with the others. */
async function allOf<T>(
  instances: readonly Instance[],
  ask: (instance: Instance, index: number) => Promise<T>,
  rest: string,
): Promise<readonly T[]> {
  const outcomes = await Promise.allSettled(instances.map(ask));
  const failures = outcomes.flatMap((outcome, index) =>
    outcome.status === 'rejected' ? [{ url: instances[index]?.url ?? '', error: outcome.reason }] : [],
  );
  const [first] = failures;
  if (first === undefined) return outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  throw instances.length === 1 ? first.error : together(instances.length, failures, rest);
}

function together(
  count: number,
  failures: readonly { readonly url: string; readonly error: unknown }[],
  rest: string,
): unknown {
  const bug = failures.find(({ error }) => !(error instanceof AdapterError));
  if (bug !== undefined) return bug.error;
  const errors = failures.flatMap(({ error }) => (error instanceof AdapterError ? [error] : []));
  const worst = errors.find(({ code }) => code === 'fenced') ?? errors[0];
  const said = errors.map(messageOf).join('; ');
  const others = failures.length === count ? '' : `; ${rest}`;
  const message = `${failures.length} of ${count} instances failed: ${said}${others}`;
  const retryable = errors.every((error) => error.retryable);
  return new AdapterError(PROVIDER, worst?.code ?? 'refused', message, { retryable, cause: worst });
}

function disagreement(
  instances: readonly Instance[],
  first: TrafficReading,
  index: number,
  other: TrafficReading,
): AdapterError {
  const told = ({ shares, lease }: TrafficReading): string =>
    `b ${shares.b} %${lease === null ? '' : ` under the lease of "${lease.holder}"`}`;
  const message = `expected all instances to serve the same, saw ${told(first)} at ${instances[0]?.url} and ${told(other)} at ${instances[index]?.url}`;
  const fix = 'the next shift writes all of them';
  return new AdapterError(PROVIDER, 'invalid-answer', `${message}; ${fix}`, { retryable: true });
}

function notBegun(instance: Instance | undefined): AdapterError {
  const message = `expected the weights at ${instance?.url}, saw no such key in \`zone\``;
  const fix =
    'check `zone` and `key`, and add the key with the share that slot b has now (docs/guide/router.md); give the zone a `state` file';
  return new AdapterError(PROVIDER, 'refused', `${message}; ${fix}`, { retryable: false });
}

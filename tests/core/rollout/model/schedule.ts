import type { Plan } from '../../../../src/core/rollout/plan.ts';
import { isTerminal, leadsHome, openRollout, type Rollout } from '../../../../src/core/rollout/record.ts';
import type { RouterCapabilities } from '../../../../src/ports/traffic-router.ts';
import { guard, story, Violation } from './invariants.ts';
import { createWriter, type Habits, type Program, type Writer } from './memory.ts';
import type { Move, Opening, Role } from './moves.ts';
import { createWorld, isAllOn, LEASE_TTL, type World } from './world.ts';
import { type Ending, handleSignal, reconcile, rollBack, rollOut } from './writers.ts';

export interface Process {
  readonly me: Writer;
  readonly role: Role;
  readonly program: Program<Ending>;
  state: 'running' | 'killed' | Ending;
}

export interface Stage {
  readonly world: World;
  readonly plan: Plan;
  readonly habits: Habits;
  readonly processes: Process[];
  /** Rollouts and writers begun so far, for names. */
  count: number;
}

/** Times are milliseconds; a lease lasts three ticks. */
export const PLAN: Plan = {
  steps: [
    { weight: 10, bake: 2_000, maxBake: 3_000 },
    { weight: 50, bake: 1_000, maxBake: 2_000 },
    { weight: 100, bake: 1_000, maxBake: 1_000 },
  ],
  tick: 1_000,
  checkpoint: 1_000,
  budgets: { deploy: 10_000, shift: 1_000, verify: 1_000, abort: 3_000, hold: 2_000, record: 3_000 },
  onInconclusive: 'abort',
};

/** The first step may end a tick early, the second may not. */
export const EARLY: Plan = {
  ...PLAN,
  steps: [
    { weight: 10, bake: 3_000, maxBake: 4_000, promoteEarly: 2_000 },
    { weight: 50, bake: 2_000, maxBake: 3_000 },
    { weight: 100, bake: 1_000, maxBake: 1_000 },
  ],
};

export function setStage(capabilities: RouterCapabilities, habits: Habits, plan: Plan = PLAN): Stage {
  const world = createWorld(capabilities);
  guard(world);
  return { world, plan, habits, processes: [], count: 0 };
}

/** A small generator of luck: 0 stays 0, so that a shrunk counterexample is one in which all goes well. */
export function lucky(seed: number): (among: number) => number {
  let state = seed >>> 0;
  return (among) => {
    if (state === 0) return 0;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % among;
  };
}

export function begin(stage: Stage, role: Role): Process {
  stage.count += 1;
  const name = `${role}-${stage.count}`;
  const owner = role === 'handler' ? ownerOfOpen(stage) : name;
  const me = createWriter(stage.world, name, owner, stage.habits);
  const process: Process = { me, role, program: programOf(stage, me, role), state: 'running' };
  stage.processes.push(process);
  return process;
}

function ownerOfOpen(stage: Stage): string {
  return openRollout(stage.world.truth().record)?.owner.id ?? `handler-${stage.count}`;
}

function programOf(stage: Stage, me: Writer, role: Role): Program<Ending> {
  const { world, plan } = stage;
  const id = `R${stage.count}`;
  const isDead = (rollout: Rollout): boolean => believedDead(stage, rollout);
  switch (role) {
    case 'rollout':
      return rollOut(me, { id, version: versionOf(stage), plan, isDead });
    case 'handler':
      return handleSignal(me);
    case 'post':
      return reconcile(me, { only: openRollout(world.truth().record)?.id ?? null, isDead: () => true });
    case 'reconcile':
      return reconcile(me, { only: null, isDead });
    case 'rollback':
      return rollBack(me, { id, plan, isDead });
  }
}

/** Mostly a new version; now and then the one that is being rolled out, or one of before. */
function versionOf(stage: Stage): string {
  const { record } = stage.world.truth();
  const [fresh, open] = [`v${stage.count}`, openRollout(record)?.canary.version];
  const options = [
    fresh,
    fresh,
    open ?? fresh,
    record.rejected[0] ?? fresh,
    record.previous?.version ?? fresh,
  ];
  return options[stage.world.choose(options.length)] ?? fresh;
}

/** The dead are known for sure; now and then somebody who lives is taken for dead. */
function believedDead(stage: Stage, rollout: Rollout): boolean {
  const alive = stage.processes.some(
    ({ me, state }) => me.owner.id === rollout.owner.id && state === 'running',
  );
  return !alive || stage.world.choose(4) === 3;
}

export function run(process: Process, steps: number): void {
  for (let step = 0; step < steps && process.state === 'running'; step += 1) {
    const next = process.program.next();
    if (next.done !== true) continue;
    process.state = next.value;
    abortIsNotLost(process.me, next.value);
  }
}

/** Whoever gives way after asking for an abort has seen it stand, or the rollout ended. */
function abortIsNotLost(me: Writer, ending: Ending): void {
  const { rollout } = me.world.truth().record;
  if (ending !== 'fenced' || me.asked === null || rollout?.id !== me.asked) return;
  if (rollout.kind === 'rollback' || isTerminal(rollout.phase) || leadsHome(rollout.phase)) return;
  throw new Violation('4 abort wins', `${me.name} asked for an abort and gave way`, me.world);
}

export function kill(stage: Stage, process: Process): void {
  // A signal handler dies with the process that it belongs to.
  for (const other of stage.processes) {
    if (other.me.owner.id === process.me.owner.id && other.state === 'running') other.state = 'killed';
  }
}

export function play(stage: Stage, moves: readonly Move[]): void {
  for (const move of moves) {
    if ('luck' in move) stage.world.choose = lucky(move.luck);
    const running = stage.processes.filter(({ state }) => state === 'running');
    const chosen = 'who' in move ? running[move.who % Math.max(1, running.length)] : undefined;
    if (move.do === 'begin' && running.length < 5) begin(stage, move.role);
    if (move.do === 'run' && chosen !== undefined) run(chosen, move.steps);
    if (move.do === 'kill' && chosen !== undefined) kill(stage, chosen);
    if (move.do === 'cancel' && chosen !== undefined) chosen.me.cancelled = true;
    if (move.do === 'sleep') stage.world.pass(move.ms);
    if (move.do === 'break') stage.world.faults[move.part] = move.fault;
  }
}

/** Lets everybody who lives come to an end, turn by turn, in a world that works. */
export function settle(stage: Stage): void {
  stage.world.faults = { router: 'none', ledger: 'none' };
  stage.world.choose = lucky(0);
  for (let turn = 0; turn < 1_000; turn += 1) {
    const running = stage.processes.filter(({ state }) => state === 'running');
    if (running.length === 0) return;
    for (const process of running) run(process, 1 + (turn % 3));
  }
  throw new Error(`writers never come to an end\n${story(stage.world)}`);
}

/** Everybody has come to an end: unless somebody has said that it is stuck, all is as the record says. */
export function expectRest(stage: Stage): void {
  const loud = stage.processes.some(({ state }) => state === 'stuck');
  if (loud || isAtRest(stage)) return;
  throw new Violation('5 terminal means true', 'nobody is left, and traffic is not at rest', stage.world);
}

/** No rollout is open, and traffic is where the record says. */
export function isAtRest(stage: Pick<Stage, 'world'>): boolean {
  const { record, reading } = stage.world.truth();
  const { stable } = record;
  return openRollout(record) === null && (stable === null || isAllOn(reading, stable.slot));
}

/** From now on only reconcilers run, each to its end, in a world that works: how many steps until rest? */
export function stepsToRest(stage: Stage, most: number): number {
  const { world } = stage;
  for (const process of stage.processes) if (process.state === 'running') process.state = 'killed';
  world.faults = { router: 'none', ledger: 'none' };
  world.pass(LEASE_TTL);
  let steps = 0;
  for (let turn = 0; turn < 3; turn += 1) {
    const process = begin(stage, 'reconcile');
    while (process.state === 'running' && steps <= most) {
      run(process, 1);
      steps += 1;
    }
  }
  return steps;
}

/** Plays an opening in which all goes well; the rollout that it leaves running is the answer. */
export function open(stage: Stage, { promoted, steps }: Opening): Process {
  stage.world.choose = lucky(0);
  for (let version = 0; version < promoted; version += 1) run(begin(stage, 'rollout'), 1_000);
  const process = begin(stage, 'rollout');
  run(process, steps);
  return process;
}

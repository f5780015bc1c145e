import { type ReconcileRequest, reconcile } from '../../../../src/app/reconcile.ts';
import { rollBack } from '../../../../src/app/roll-back.ts';
import { runRollout } from '../../../../src/app/run-rollout.ts';
import type { Result } from '../../../../src/core/result.ts';
import type { Plan } from '../../../../src/core/rollout/plan.ts';
import { openRollout } from '../../../../src/core/rollout/record.ts';
import type { RouterCapabilities } from '../../../../src/ports/traffic-router.ts';
import { guard, type Violation } from './invariants.ts';
import type { AppRole, Move, Opening } from './moves.ts';
import { type Calls, portsOf } from './ports.ts';
import { lucky } from './schedule.ts';
import { createWorld, LEASE_TTL, type World } from './world.ts';

/** One process that runs the real use case. */
export interface AppProcess {
  readonly name: string;
  readonly role: AppRole;
  readonly version: string;
  readonly calls: Calls;
  readonly stop: AbortController;
  state: 'running' | 'killed' | 'ended';
  result: Result | null;
  failure: unknown;
}

export interface AppStage {
  readonly world: World;
  readonly plan: Plan;
  readonly processes: AppProcess[];
  /** Kept here and not thrown: the code under test would take them for failures of the outside world. */
  readonly violations: Violation[];
}

export function setAppStage(capabilities: RouterCapabilities, plan: Plan): AppStage {
  const world = createWorld(capabilities);
  const violations: Violation[] = [];
  guard(world, (violation) => violations.push(violation));
  return { world, plan, processes: [], violations };
}

export function begin(stage: AppStage, role: AppRole): AppProcess {
  const { world } = stage;
  const number = stage.processes.length + 1;
  const name = `${role}-${number}`;
  const process: AppProcess = {
    name,
    role,
    version: versionOf(stage, number),
    calls: [],
    stop: new AbortController(),
    state: 'running',
    result: null,
    failure: null,
  };
  const owner = {
    id: name,
    kind: 'process' as const,
    runId: name,
    host: 'h',
    pid: 1,
    processStart: '0',
    name,
  };
  const isAlive = (id: string): boolean =>
    stage.processes.some((other) => other.name === id && other.state === 'running');
  const ports = portsOf(world, { name, owner }, process.calls, isAlive);
  stage.processes.push(process);
  useCase(stage, process, ports, `R${number}`).then(
    (result) => Object.assign(process, { state: 'ended', result }),
    (failure: unknown) => Object.assign(process, { state: 'ended', failure }),
  );
  return process;
}

/** Mostly a new version; now and then the one that is being rolled out, or one of before. */
function versionOf({ world }: AppStage, number: number): string {
  const { record } = world.truth();
  const [fresh, open] = [`v${number}`, openRollout(record)?.canary.version];
  const options = [
    fresh,
    fresh,
    open ?? fresh,
    record.rejected[0] ?? fresh,
    record.previous?.version ?? fresh,
  ];
  return options[world.choose(options.length)] ?? fresh;
}

function useCase(
  stage: AppStage,
  { role, version, stop }: AppProcess,
  ports: Parameters<typeof runRollout>[0],
  id: string,
): Promise<Result> {
  const { plan } = stage;
  const request: ReconcileRequest = { ownerHasEnded: false, onlyRollout: null, fallback: null, reason: null };
  switch (role) {
    case 'rollout': {
      const jobLimit = 1_000_000_000;
      return runRollout(ports, { id, version, plan, readmit: 'tried again', jobLimit, stop: stop.signal });
    }
    case 'post': {
      const onlyRollout = openRollout(stage.world.truth().record)?.id ?? 'none';
      return reconcile(ports, { ...request, ownerHasEnded: true, onlyRollout });
    }
    case 'reconcile':
      return reconcile(ports, request);
    case 'rollback': {
      const asked = { version: null, reason: 'it was slow', requestedBy: 'ann', toSlot: null };
      return rollBack(ports, { id, plan, ...asked, stop: stop.signal });
    }
  }
}

/** Lets so many calls of a process happen, and the process go on to its next call after each. */
export async function run(stage: AppStage, process: AppProcess, steps: number): Promise<void> {
  for (let step = 0; step < steps; step += 1) {
    await quiet();
    if (process.state !== 'running' || process.calls.length === 0) return;
    const [call] = process.calls.splice(stage.world.choose(process.calls.length), 1);
    call?.happen();
  }
  await quiet();
}

/** Everything that was waiting for a promise has gone on. */
function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export async function open(stage: AppStage, { promoted, steps }: Opening): Promise<AppProcess> {
  stage.world.choose = lucky(0);
  for (let version = 0; version < promoted; version += 1) await run(stage, begin(stage, 'rollout'), 1_000);
  const process = begin(stage, 'rollout');
  await run(stage, process, steps);
  return process;
}

export async function play(stage: AppStage, moves: readonly Move<AppRole>[]): Promise<void> {
  for (const move of moves) {
    if ('luck' in move) stage.world.choose = lucky(move.luck);
    const running = stage.processes.filter(({ state }) => state === 'running');
    const chosen = 'who' in move ? running[move.who % Math.max(1, running.length)] : undefined;
    if (move.do === 'begin' && running.length < 4) begin(stage, move.role);
    if (move.do === 'run' && chosen !== undefined) await run(stage, chosen, move.steps);
    if (move.do === 'kill' && chosen !== undefined) chosen.state = 'killed';
    if (move.do === 'cancel' && chosen !== undefined)
      chosen.stop.abort({ code: 'cancelled', message: 'the run was cancelled' });
    if (move.do === 'sleep') stage.world.pass(move.ms);
    if (move.do === 'break') stage.world.faults[move.part] = move.fault;
  }
}

/** Lets everybody who lives come to an end, turn by turn, in a world that works. */
export async function settle(stage: AppStage): Promise<void> {
  stage.world.faults = { router: 'none', ledger: 'none' };
  stage.world.choose = lucky(0);
  for (let turn = 0; turn < 1_000; turn += 1) {
    const running = stage.processes.filter(({ state }) => state === 'running');
    if (running.length === 0) return;
    for (const process of running) await run(stage, process, 1 + (turn % 3));
  }
  throw new Error('processes never come to an end');
}

/** From now on only reconcilers run, one after the other, in a world that works. */
export async function onlyReconcile(stage: AppStage, most: number): Promise<void> {
  for (const process of stage.processes) if (process.state === 'running') process.state = 'killed';
  stage.world.faults = { router: 'none', ledger: 'none' };
  stage.world.pass(LEASE_TTL);
  for (let turn = 0; turn < 3; turn += 1) await run(stage, begin(stage, 'reconcile'), most);
}

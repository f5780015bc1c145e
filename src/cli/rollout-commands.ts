import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import type { z } from 'zod';
import { INPUTS, readInputs } from '../actions/inputs.ts';
import { onCancel } from '../adapters/runner/cancellation.ts';
import { reconcile } from '../app/reconcile.ts';
import { rollBack } from '../app/roll-back.ts';
import { runRollout } from '../app/run-rollout.ts';
import { setScene } from './scene.ts';

/** A secret is no flag: others on the machine see those. Here the token is read from GITHUB_TOKEN. */
const secret = { 'github-token': true } as const;
const FLAGS = {
  canary: INPUTS.canary.omit(secret),
  rollback: INPUTS.rollback.omit(secret),
  reconcile: INPUTS.reconcile.omit(secret),
};

type Flags = Readonly<Record<string, string | boolean | undefined>>;

/** A command whose flags are the inputs of the action of the same name. */
export function commandFor(name: string, describe: string, schema: z.ZodObject): Command {
  const command = new Command(name).description(describe).option('--json', 'print the result as JSON');
  for (const [input, field] of Object.entries(schema.shape)) {
    command.option(`--${input} <value>`, field.description ?? '');
  }
  return command;
}

export function inputsOf<S extends z.ZodObject>(
  command: Command,
  schema: S,
  defaults: Readonly<Record<string, string | undefined>> = {},
): z.output<S> {
  const flags: Flags = command.opts();
  const read = readInputs(
    schema,
    (input) => {
      const flag = flags[input.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())];
      return typeof flag === 'string' ? flag : '';
    },
    defaults,
  );
  if (read.ok) return read.inputs;
  return command.error(read.problems.map((problem) => problem.replace(/^input /, '--')).join('\n'));
}

const newId = (service: string): string => `${service}-${randomUUID().slice(0, 8)}`;

export function runCommand(): Command {
  const command = commandFor('run', 'run one rollout, or go on with one whose owner is gone', FLAGS.canary);
  return command.action(async () => {
    const stop = onCancel();
    const inputs = inputsOf(command, FLAGS.canary);
    const scene = await setScene(command, inputs);
    const { plan } = scene.chosen;
    const request = {
      id: newId(scene.world.service),
      version: inputs.version,
      readmit: inputs.readmit,
      plan,
      jobLimit: inputs['job-limit'],
      stop,
    };
    await scene.close(await runRollout(scene.world, request), inputs.report);
  });
}

export function rollbackCommand(): Command {
  const command = commandFor('rollback', 'put traffic back on an earlier version now', FLAGS.rollback);
  return command.action(async () => {
    const stop = onCancel();
    const inputs = inputsOf(command, FLAGS.rollback);
    const { world, chosen, close } = await setScene(command, inputs);
    const { version, reason, 'to-slot': toSlot, 'only-in-progress': onlyInProgress } = inputs;
    const requestedBy = world.owner.name;
    const request = {
      id: newId(world.service),
      version,
      reason,
      requestedBy,
      plan: chosen.plan,
      toSlot,
      onlyInProgress,
      stop,
    };
    await close(await rollBack(world, request), inputs.report);
  });
}

export function reconcileCommand(): Command {
  const command = commandFor(
    'reconcile',
    'bring a rollout that nobody drives to a safe end, or go on with one that was parked',
    FLAGS.reconcile,
  );
  return command.action(async () => {
    const stop = onCancel();
    const inputs = inputsOf(command, FLAGS.reconcile);
    const { world, close } = await setScene(command, inputs);
    const ownerHasEnded = inputs['owner-has-ended'];
    const request = { ownerHasEnded, onlyRollout: null, fallback: null, reason: null, stop };
    await close(await reconcile(world, request), null);
  });
}
